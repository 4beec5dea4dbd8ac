"""The comparison of two states: paired, with intervals, and only of what can be compared."""

import json

import pytest

from credit.core.errors import InputError
from credit.core.intervals import cross_validated
from ops.compare import compare, main, shown
from tests.ops.mirror.small_models import FOLDS


@pytest.fixture
def small(small, monkeypatch):
    """Add an experiment that makes lr better by 0.02 in every fold, and leaves dt as it was."""
    small.experiment("wide", C=3.0, lead=0.07)
    monkeypatch.chdir(small.root)
    return small


def test_differences_are_paired_fold_by_fold(small):
    found = compare(small.root, "main", "wide")
    assert list(found) == ["lr", "dt"]
    assert found["lr"]["auc"].mean == pytest.approx(0.02)
    assert found["lr"]["cost"].mean == pytest.approx(-0.02)
    assert found["lr"]["auc"].se == pytest.approx(0, abs=1e-9)  # every fold is better by as much
    assert found["dt"]["brier"] == (0, 0, 0, 0)
    back = compare(small.root, "wide", "HEAD")
    assert back["lr"]["auc"].mean == -found["lr"]["auc"].mean


def test_intervals_are_those_of_the_folds(small):
    path = small.root / "metrics/train/dt.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    before = [fold["auc"] for fold in values["folds"]]
    for number, fold in enumerate(values["folds"]):
        fold["auc"] += number / 100
    path.write_text(json.dumps(values), encoding="utf-8")
    differences = pytest.approx(cross_validated([number / 100 for number in range(len(before))], 1 / FOLDS))
    assert compare(small.root, "main", None)["dt"]["auc"] == differences


@pytest.mark.parametrize("name", ["nonesuch", "--all", "HEAD:params.yaml"])
def test_what_is_no_state_is_refused_in_one_line(small, name):
    with pytest.raises(SystemExit, match=rf"^expected an experiment, a branch, a tag or a commit, got '{name}'$"):
        main(["--", name])


@pytest.mark.parametrize("changes", [{"data": "b"}, {"seed": 2}])
def test_what_was_judged_on_others_is_not_compared(small, changes):
    small.experiment("other", **changes)
    with pytest.raises(InputError, match=r"^expected main and other to be judged on the same applicants and folds"):
        compare(small.root, "main", "other")


def test_the_table_says_what_is_more_than_noise(small, capsys):
    main(["main", "wide"])
    said = capsys.readouterr().out
    assert said.startswith("wide minus main, out of fold, 95 % intervals\n")
    assert "+.020 [+.020, +.020]" in said
    differences = compare(small.root, "main", "wide")
    assert shown(differences["lr"]["auc"]).startswith("[bold]")
    assert not shown(differences["dt"]["auc"]).startswith("[bold]")
