"""Models from DVC's cache in MLflow's layout, packed beside the mirror: for skops takes as long as a run."""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from credit.model.parallel import beside
from ops.history.results import FamilyResult, Results
from ops.mirror.model_format import checked_bytes, load_model, model_file, save_for_mlflow

if TYPE_CHECKING:
    import pandas as pd

TEST = "data/processed/test.parquet"
EXAMPLES = 5  # applicants in the input example


@dataclass(frozen=True)
class Packed:
    """A model in MLflow's layout.

    Attributes
    ----------
    layout : its folder.
    form : skops or pickle.
    sha256 : of the file in DVC's cache.
    file_sha256 : of the file that MLflow loads.
    """

    layout: Path
    form: str
    sha256: str
    file_sha256: str


class Packing:
    """Packs models into a folder, in the order in which they were begun; `submit` is of `parallel.beside`."""

    def __init__(self, submit: Callable[..., Future], folder: Path) -> None:
        self._submit, self._folder = submit, folder
        self._begun: dict[str, Future[Packed]] = {}

    def begin(self, family: FamilyResult, results: Results, cache: Path) -> None:
        """Begin to pack a family's model, unless that was done; the cache must have it."""
        path, md5 = family.model
        if md5 not in self._begun:
            self._begun[md5] = self._submit(pack, cache, md5, path, results.lock.get(TEST), self._folder / md5)

    @contextmanager
    def packed(self, family: FamilyResult, results: Results, cache: Path) -> Iterator[Packed]:
        """Pack a family's model, or wait for it if it was begun; its layout is there within the block, once.

        Raises
        ------
        InputError
            The cache has another file in its place, or the installed libraries cannot load it.
        """
        self.begin(family, results, cache)
        packed = self._begun[family.model[1]].result()
        try:
            yield packed
        finally:
            shutil.rmtree(packed.layout)


@contextmanager
def packing_beside() -> Iterator[Packing]:
    """Pack models beside this process; what is left of them when the block ends goes."""
    with TemporaryDirectory() as folder, beside() as submit:
        yield Packing(submit, Path(folder))


def pack(cache: Path, md5: str, path: str, applicants: str | None, layout: Path) -> Packed:
    """Pack a model of DVC's cache.

    Parameters
    ----------
    path : the model's in the repository, for messages.
    applicants : md5 of the test applicants, of whom a few become the example; None leaves it out.
    layout : the folder to be made.
    """
    content = checked_bytes(cached(cache, md5), md5)
    form = save_for_mlflow(load_model(content, path), examples(cache, applicants), layout)
    return Packed(layout, form, sha256(content), sha256(model_file(layout).read_bytes()))


def cached(cache: Path, md5: str) -> Path:
    """Say where DVC's cache has a file."""
    return cache / "files/md5" / md5[:2] / md5[2:]


def examples(cache: Path, md5: str | None) -> "pd.DataFrame | None":
    """Read a few test applicants, if the cache has them."""
    import pandas as pd

    if md5 is None or not cached(cache, md5).is_file():
        return None
    return pd.read_parquet(io.BytesIO(checked_bytes(cached(cache, md5), md5))).head(EXAMPLES)


def sha256(content: bytes) -> str:
    """Give the hash of a file's content."""
    return hashlib.sha256(content).hexdigest()
