"""Both remotes of a small project, as what they are to `ops.sync`: a first one and a contingency."""

from collections import UserDict
from collections.abc import Mapping

from tests.remotes.google_drive import GoogleDrive
from tests.remotes.s3 import S3
from tests.remotes.small_project import SmallProject


class Servers(UserDict[str, GoogleDrive | S3]):
    """The servers by the name of the remote."""

    def __init__(self, gdrive: GoogleDrive, s3: S3) -> None:
        super().__init__(gdrive=gdrive, s3=s3)
        self.gdrive = gdrive

    def stop(self) -> None:
        """Both are gone."""
        for server in self.values():
            server.stop()

    def start(self) -> None:
        """Both are back."""
        for server in self.values():
            server.start()

    def hold(self, name: str, project: SmallProject) -> bool:
        """Say whether a remote holds all that the project's cache holds, byte for byte."""
        return project.cached().items() <= self[name].objects.items()

    def assert_synchronised(self, project: SmallProject, outputs: Mapping[str, bytes]) -> None:
        """Both remotes hold everything, and a fresh clone gets the outputs from either by DVC's own pull."""
        project.commit()
        for name in self:
            assert self.hold(name, project), name
            clone = project.clone_to(project.root.with_name(f"clone-of-{name}"))
            clone.dvc("pull", "--remote", name)
            assert clone.outputs() == outputs, name
