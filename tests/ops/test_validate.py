"""The program on few applicants, two quick families and three folds."""

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest

from credit.card.fingerprint import changed, fingerprint
from credit.core.by_rows import params_at
from credit.core.dictionary import Dictionary
from credit.core.intervals import cross_validated
from credit.validate.nested_cv import METRICS
from ops import validate
from tests.ops.small_validation import FAMILIES, OUTPUTS, change, program, read_yaml, report, run, write_inputs
from tests.stages.small_training import applicants

pytestmark = pytest.mark.slow  # the run that they share takes seconds


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Give a directory in which the program has run in processes of its own, and what it said."""
    root, repository = tmp_path_factory.mktemp("validated"), Path(__file__).parents[2]
    (root / "data").mkdir()
    shutil.copyfile(repository / "params.yaml", root / "params.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        write_inputs()
    ended = program(root, repository)
    assert ended.returncode == 0, ended.stderr
    return root, ended.stdout


@pytest.fixture
def validated(finished, monkeypatch) -> dict:
    """Change to that directory; give what was found."""
    monkeypatch.chdir(finished[0])
    return report()


@pytest.fixture
def small(workspace):
    """Change to a directory in which the program can run."""
    write_inputs()


@pytest.fixture
def quick(small, finished, monkeypatch):
    """Run the program from here without its work: each fold as it was found there."""
    folds = pd.read_csv(finished[0] / OUTPUTS[1])
    monkeypatch.setattr(validate, "judge", lambda *_: folds)


def test_every_family_and_what_is_chosen_have_estimates_differences_and_a_row_a_fold(validated):
    folds, estimates = pd.read_csv(OUTPUTS[1]), pd.DataFrame(validated["estimates"])
    assert list(folds["family"]) == 3 * [*FAMILIES, "chosen", "leader"]
    assert list(folds["fold"]) == [fold for fold in range(3) for _ in range(5)]
    assert (estimates.groupby("family")["metric"].apply(list).map(tuple) == METRICS).all()
    assert set(estimates["n"]) == {90}
    for row in estimates.itertuples():
        own = folds.loc[folds["family"] == row.family, row.metric].to_numpy()
        found = (row.mean, row.se, row.low, row.high)
        assert found == pytest.approx(cross_validated(own, 1 / 3), abs=2e-5)  # of rounded numbers
    compared = [(row["family"], row["metric"]) for row in validated["differences"]]
    assert compared == [(family, metric) for family in (*FAMILIES, "leader") for metric in METRICS]
    for rule, rows in (("one_standard_error", "chosen"), ("leader", "leader")):
        picked = folds.loc[folds["family"] == rows, "picked"].value_counts().to_dict()
        assert {row["family"]: row["folds"] for row in validated["choices"] if row["rule"] == rule} == picked
        assert set(picked) <= set(FAMILIES)


def test_it_says_how_what_is_chosen_does_and_what_that_was(validated, finished):
    *lines, chose, leads = finished[1].splitlines()
    chosen = [row for row in validated["estimates"] if row["family"] == "chosen"]
    assert [line.split()[:2] for line in lines] == [[row["metric"], f"{row['mean']:.3f}"] for row in chosen]
    for line, rule in ((chose, "one_standard_error"), (leads, "leader")):
        counts = {row["family"]: row["folds"] for row in validated["choices"] if row["rule"] == rule}
        said, _, choices = line.partition(": ")
        assert said == f"rule {rule} chose, in 3 folds"
        assert {name: int(n) for name, n in map(str.split, choices.split(", "))} == counts
    assert OUTPUTS[2].read_bytes().startswith(b"\x89PNG\r\n")


def test_what_it_was_made_of_stands_beside_it(validated):
    assert validated["applicants"] == "train"
    data = Path("data/processed/train.parquet").read_bytes()
    assert validated["data_digest"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
    dictionary = Dictionary(**read_yaml("data/dictionary.yaml"))
    params = params_at(read_yaml("params.yaml"), 100)
    assert validated["made_of"] == fingerprint(params, dictionary)
    assert changed(validated["made_of"], fingerprint(params | {"seed": 1}, dictionary)) == ["seed"]


def test_a_run_in_one_process_writes_the_same_bytes(small, finished, capsys):
    run()
    for path in OUTPUTS:
        assert path.read_bytes() == (finished[0] / path).read_bytes(), path
    assert capsys.readouterr().out == finished[1]


@pytest.mark.parametrize(("most", "n"), [(None, 120), (100, 100)])
def test_all_applicants_are_those_that_were_prepared_or_a_sample_of_them(quick, most, n):
    change(validation={"applicants": "all", "max_rows": most})
    run()
    data = Path("data/interim/prepared.parquet").read_bytes()
    found = report()
    assert found["applicants"] == "all"
    assert found["data_digest"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert {row["n"] for row in found["estimates"]} == {n}


def test_what_is_changed_while_it_runs_is_not_taken_for_what_it_was_made_of(quick, validated, workspace, monkeypatch):
    monkeypatch.chdir(workspace)
    judge = validate.judge

    def judge_and_change(*arguments):
        change(seed=1)
        applicants(80).to_parquet("data/processed/train.parquet")
        return judge(*arguments)

    monkeypatch.setattr(validate, "judge", judge_and_change)
    run()
    for name in ("data_digest", "made_of"):
        assert report()[name] == validated[name]


def test_another_seed_makes_other_folds_and_writes_nothing(quick, finished, monkeypatch, capsys):
    seeds, judge = [], validate.judge
    monkeypatch.setattr(validate, "judge", lambda procedure, *rest: seeds.append(procedure.seed) or judge(*rest))
    validate.main(seed=7)
    assert seeds == [7]
    assert capsys.readouterr().out == finished[1]
    assert not any(path.exists() for path in OUTPUTS)
