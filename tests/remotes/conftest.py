"""Two remotes on loopback, one server each for all tests, and a small project that has both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remotes.google_drive import GoogleDrive
from tests.remotes.s3 import ACCOUNT, S3
from tests.remotes.small_project import SmallProject, new_project

Servers = dict[str, GoogleDrive | S3]


@pytest.fixture(scope="session")
def started() -> Iterator[Servers]:
    """Give both servers by the names of their remotes."""
    with GoogleDrive() as google_drive, S3() as s3:
        yield {"gdrive": google_drive, "s3": s3}


@pytest.fixture(scope="session")
def made(
    started: Servers, tmp_path_factory: pytest.TempPathFactory, programs: Path
) -> tuple[SmallProject, dict[str, dict]]:
    """Make the project, run it and push to both remotes, once; give it, and what these hold then."""
    remotes = {
        "FAKE_GOOGLE": started["gdrive"].url,
        "GDRIVE_CREDENTIALS_DATA": started["gdrive"].service_account_key(),
        "S3_URL": started["s3"].url,
        "AWS_ACCESS_KEY_ID": ACCOUNT["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ACCOUNT["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": ACCOUNT["region_name"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",  # a dead S3 takes 45 seconds to be believed dead otherwise
    }
    project = new_project(tmp_path_factory.mktemp("remotes") / "project", remotes, programs)
    for name in started:
        project.dvc("push", "--remote", name)
    return project, {name: server.contents() for name, server in started.items()}


@pytest.fixture
def servers(started: Servers, made: tuple[SmallProject, dict[str, dict]]) -> Servers:
    """Give both servers, without a fault, holding what `dvc push` has brought there."""
    for name, server in started.items():
        server.recover()
        server.fill(made[1][name])
    return started


@pytest.fixture
def project(made: tuple[SmallProject, dict[str, dict]], servers: Servers, tmp_path: Path) -> SmallProject:
    """Give a copy of the project, whose data are on both remotes."""
    return made[0].copy_to(tmp_path / "project")
