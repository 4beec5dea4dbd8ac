"""The fake Google Drive under the client that dvc-gdrive uses: what a small DVC project does not reach."""

import functools
from collections.abc import Callable
from pathlib import Path

import httplib2
import pydrive2.files
import pytest
from oauth2client.client import HttpAccessTokenRefreshError
from pydrive2.files import ApiRequestError, MediaIoBaseUpload
from pydrive2.fs import GDriveFileSystem

from tests.remotes.google_drive import PAGE, GoogleDrive, rsa_key

# oauth2client 4.1.3, which pydrive2 still uses, signs with pyOpenSSL's own function.
pytestmark = pytest.mark.filterwarnings(r"ignore:sign\(\) is deprecated:DeprecationWarning")
CHUNK = 256 * 1024  # the smallest that Drive allows


@pytest.fixture
def connect(google_drive: GoogleDrive, monkeypatch: pytest.MonkeyPatch) -> Callable[..., GDriveFileSystem]:
    """Connect to the fake; Google's addresses lead there."""
    request = httplib2.Http.request

    def redirected(self: httplib2.Http, uri: str, *arguments, **settings) -> tuple:
        return request(self, uri.replace("https://www.googleapis.com", google_drive.url), *arguments, **settings)

    monkeypatch.setattr(httplib2.Http, "request", redirected)

    def connect_with(key: str = "", **settings) -> GDriveFileSystem:
        return GDriveFileSystem(
            google_drive.FOLDER_ID,
            client_json=key or google_drive.service_account_key(),
            use_service_account=True,
            skip_instance_cache=True,
            **settings,
        )

    return connect_with


def test_a_file_in_several_chunks_and_one_without_content(connect, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(pydrive2.files, "MediaIoBaseUpload", functools.partial(MediaIoBaseUpload, chunksize=CHUNK))
    drive = connect()
    contents = {"long": bytes(range(256)) * 2500, "empty": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        drive.put_file(str(tmp_path / name), f"{GoogleDrive.FOLDER_ID}/folder/{name}")
        drive.get_file(f"{GoogleDrive.FOLDER_ID}/folder/{name}", str(tmp_path / "back"), block_size=CHUNK)
        assert (tmp_path / "back").read_bytes() == content


def test_a_listing_of_several_pages(connect, google_drive, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"content")
    drive = connect()
    names = [f"{GoogleDrive.FOLDER_ID}/folder/{number}'s" for number in range(PAGE + 2)]
    for name in names:
        drive.put_file(str(tmp_path / "file"), name)
    assert sorted(connect().find(GoogleDrive.FOLDER_ID)) == names
    assert set(google_drive.objects.values()) == {b"content"}


@pytest.mark.parametrize("trash_only", [True, False])
def test_what_is_thrown_away_is_not_found(connect, google_drive, tmp_path: Path, trash_only: bool):
    (tmp_path / "file").write_bytes(b"content")
    drive = connect(trash_only=trash_only)
    drive.put_file(str(tmp_path / "file"), f"{GoogleDrive.FOLDER_ID}/file")
    drive.rm_file(f"{GoogleDrive.FOLDER_ID}/file")
    assert google_drive.objects == {}
    assert not connect().exists(f"{GoogleDrive.FOLDER_ID}/file")


def test_a_query_it_does_not_know_is_refused(connect):
    with pytest.raises(ApiRequestError, match="Invalid query"):
        list(connect()._gdrive_list("title contains 'a'"))


def test_a_key_of_somebody_else_gets_no_token(connect, google_drive):
    of_a_stranger = rsa_key.__wrapped__()
    drive = connect(google_drive.service_account_key(of_a_stranger))
    with pytest.raises(HttpAccessTokenRefreshError, match="invalid_grant"):
        drive.exists(f"{GoogleDrive.FOLDER_ID}/file")
