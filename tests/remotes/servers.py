"""Both remotes of a small project, as what they are to `ops.sync`: a first one and a contingency."""

from collections.abc import Iterator, Mapping

from tests.remotes.google_drive import GoogleDrive
from tests.remotes.s3 import S3
from tests.remotes.small_project import SmallProject


class Servers(Mapping[str, GoogleDrive | S3]):
    """The servers by the name of the remote."""

    def __init__(self, gdrive: GoogleDrive, s3: S3) -> None:
        self.gdrive = gdrive
        self.s3 = s3

    def __getitem__(self, name: str) -> GoogleDrive | S3:
        return {"gdrive": self.gdrive, "s3": self.s3}[name]

    def __iter__(self) -> Iterator[str]:
        return iter(("gdrive", "s3"))

    def __len__(self) -> int:
        return 2

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
