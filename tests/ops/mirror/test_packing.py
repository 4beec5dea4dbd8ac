"""A model that is packed is the one of DVC's cache, whoever packs it, and its layout is there for a block only."""

import hashlib
import os
import signal
import sys

import numpy as np
import pytest
import skops.io

from credit.core.errors import InputError
from ops.history.results import read_results
from ops.history.revisions import read_revisions
from ops.mirror import packing as module
from ops.mirror.model_format import PICKLE, SKOPS, TRUSTED, model_file
from ops.mirror.packing import packing_beside
from tests.ops.mirror.content import revisions
from tests.ops.mirror.small_models import applicants, fit, saved


@pytest.fixture
def results(small):
    """Give what the small repository's one revision says."""
    (revision,) = read_revisions(small.root)
    return read_results(revision, revision.read_files())


@pytest.fixture
def lr(results):
    """Give logistic regression among the results."""
    return next(family for family in results.families if family.family == "lr")


@pytest.fixture
def noted(monkeypatch, tmp_path):
    """Give a function that names the packed models until then, each as often as it was, in whatever process."""
    file, save = tmp_path / "packed", module.save_for_mlflow
    file.touch()

    def note(model, examples, layout):
        with file.open("a") as names:
            names.write(f"{layout.name}\n")
        return save(model, examples, layout)

    monkeypatch.setattr(module, "save_for_mlflow", note)
    return lambda: file.read_text().splitlines()


def test_a_packed_model_is_the_one_of_the_cache(small, results, lr):
    with packing_beside() as packing, packing.packed(lr, results, small.cache) as packed:
        again = skops.io.load(packed.layout / "model.skops", trusted=list(TRUSTED))
        assert packed.file_sha256 == hashlib.sha256(model_file(packed.layout).read_bytes()).hexdigest()
        assert (packed.layout / "input_example.json").is_file()
    assert (packed.form, packed.sha256) == (SKOPS, hashlib.sha256(saved("lr", 1.0)).hexdigest())
    rows = applicants().features
    assert np.array_equal(again.predict_proba(rows), fit("lr", encoding="one_hot", C=1.0).predict_proba(rows))


def test_what_skops_cannot_write_is_a_pickle(small, results):
    dt = next(family for family in results.families if family.family == "dt")
    with packing_beside() as packing, packing.packed(dt, results, small.cache) as packed:
        assert packed.form == PICKLE
        assert model_file(packed.layout).name == "model.pkl"


def test_a_layout_is_gone_after_its_block_even_after_an_error(small, results, lr):
    with packing_beside() as packing:
        with pytest.raises(KeyError), packing.packed(lr, results, small.cache) as packed:
            assert packed.layout.is_dir()
            raise KeyError("the server")
        assert packed.layout.parent.is_dir()
        assert not packed.layout.exists()
    assert not packed.layout.parent.exists()


@pytest.mark.usefixtures("stand_ins")
def test_models_that_nobody_asks_for_go_too(small, results, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with packing_beside() as packing:
        for family in results.families:
            packing.begin(family, results, small.cache)
        assert len(list((tmp_path / "temporary").iterdir())) == 1
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.usefixtures("stand_ins")
def test_a_model_that_is_expected_twice_is_packed_once(small, results, noted):
    with packing_beside() as packing:
        for family in [*results.families, *results.families]:
            packing.begin(family, results, small.cache)
        for family in results.families:
            with packing.packed(family, results, small.cache):
                pass
    assert noted() == [family.model[1] for family in results.families]


def test_a_damaged_file_is_refused_and_not_loaded(small, results, lr, noted):
    small.cached(small.model("lr")).write_bytes(b"damaged")
    with packing_beside() as packing:
        packing.begin(lr, results, small.cache)
        refused = rf": expected a file with the md5 {small.model('lr')}, got .*; it is not loaded$"
        with pytest.raises(InputError, match=refused), packing.packed(lr, results, small.cache):
            pass
    assert noted() == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("where", ["ops.mirror.packing.load_model", "ops.mirror.mirror.read_results"])
def test_a_killed_process_ends_the_mirror_in_one_line(small, mirror, client, monkeypatch, where):
    ours = os.getpid()

    def die(*_: object) -> None:
        if os.getpid() == ours:
            raise InputError("not beside the mirror")
        signal.raise_signal(signal.SIGKILL)

    small.experiment("wide", C=3.0)
    with monkeypatch.context() as patched:
        patched.setattr(where, die)
        with pytest.raises(InputError, match=r"^expected every process to end its work, one was killed.*\?\)$"):
            mirror()
    assert "3 new models" in mirror()
    assert len(revisions(client)) == 2


@pytest.mark.usefixtures("stand_ins")
def test_models_of_states_that_others_write_are_not_said_to_be_missing(small, results, mirror, client, monkeypatch):
    small.cached(small.model("lr")).unlink()
    monkeypatch.setattr("ops.mirror.mirror.write", lambda *_: None)
    assert mirror() == "nothing new; 1 being written by another mirror"
