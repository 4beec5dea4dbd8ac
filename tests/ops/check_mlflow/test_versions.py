"""Which differences between the versions of server and client matter."""

import pytest
from packaging.version import Version

from ops.check_mlflow.health import client_version, compared
from ops.check_mlflow.stages import StageError


@pytest.mark.parametrize(
    ("server", "client", "warning"),
    [("3.17.2", "3.17.2", False), ("3.17.0", "3.17.2", False), ("3.16.9", "3.17.2", True), ("3.18.0", "3.17.2", True)],
)
def test_minor_versions_that_differ_are_a_warning(server, client, warning):
    assert compared(Version(server), Version(client)).warning == warning


@pytest.mark.parametrize("server", ["2.99.0", "4.0.0"])
def test_major_versions_that_differ_fail(server):
    with pytest.raises(StageError, match="by a major version"):
        compared(Version(server), Version("3.17.2"))


def test_the_version_of_the_client_is_the_installed_one():
    assert str(client_version()).startswith("3.")
