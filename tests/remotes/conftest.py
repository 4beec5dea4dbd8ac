"""Two remotes on loopback, served as long as a test takes, and a small project that has both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remotes.google_drive import GoogleDrive
from tests.remotes.s3 import ACCOUNT, S3
from tests.remotes.small_project import Servers, SmallProject, new_project


@pytest.fixture
def google_drive() -> Iterator[GoogleDrive]:
    with GoogleDrive() as server:
        yield server


@pytest.fixture
def s3() -> Iterator[S3]:
    with S3() as server:
        yield server


@pytest.fixture
def servers(google_drive: GoogleDrive, s3: S3) -> Servers:
    """Give both servers by the names of their remotes."""
    return Servers(google_drive, s3)


@pytest.fixture(scope="session")
def run_project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """Make the project once and run it; not to be changed by a test."""
    return new_project(tmp_path_factory.mktemp("remotes") / "project")


@pytest.fixture(scope="session")
def pushed_contents(run_project: SmallProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Push the project's data to both remotes, once; give what these hold then."""
    with GoogleDrive() as google_drive, S3() as s3:
        remotes = secrets_and_addresses(google_drive, s3)
        project = run_project.copy_to(tmp_path_factory.mktemp("pushed") / "project", remotes)
        for name in ("gdrive", "s3"):
            project.dvc("push", "--remote", name)
        return {"gdrive": google_drive.contents(), "s3": s3.contents()}


@pytest.fixture
def project(run_project: SmallProject, google_drive: GoogleDrive, s3: S3, tmp_path: Path) -> SmallProject:
    """Give a copy of the project whose remotes are this test's servers; nothing is pushed yet."""
    return run_project.copy_to(tmp_path / "project", secrets_and_addresses(google_drive, s3))


@pytest.fixture
def pushed(pushed_contents: dict[str, dict], project: SmallProject, servers: Servers) -> SmallProject:
    """Give the project, and the remotes what `dvc push` has brought there."""
    for name, server in servers.items():
        server.fill(pushed_contents[name])
    return project


@pytest.fixture
def clone(project: SmallProject, tmp_path: Path) -> SmallProject:
    """Give a fresh clone of what is committed when the test begins."""
    return project.clone_to(tmp_path / "clone")


def secrets_and_addresses(google_drive: GoogleDrive, s3: S3) -> dict[str, str]:
    """Give the environment of a user who may use both remotes."""
    return {
        "FAKE_GOOGLE": google_drive.url,
        "GDRIVE_CREDENTIALS_DATA": google_drive.service_account_key(),
        "S3_URL": s3.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ACCOUNT["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": ACCOUNT["region_name"],
        "AWS_EC2_METADATA_DISABLED": "true",
        # A dead S3 takes 45 seconds to be believed dead otherwise.
        "AWS_MAX_ATTEMPTS": "1",
    }
