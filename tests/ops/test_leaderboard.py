"""The best runs as MLflow has them, against what `select_best` chose from the same folds."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from credit.evaluate.selection import HIGHER_IS_BETTER, compare
from ops.leaderboard import Board, as_markdown, champions_run, main, read_board
from ops.mirror.mirror import mirror_to
from ops.mirror.registry import REGISTERED
from ops.shared.tracking import connect
from tests.ops.mirror.conftest import apart, tables  # noqa: F401
from tests.ops.mirror.content import revisions
from tests.ops.mirror.databases import copy_database
from tests.ops.mirror.small_repository import PARAMS, SmallRepository
from tests.ops.mirror.small_results import FOLDS, ROWS, folds_of

SEED = PARAMS["seed"]


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database."""
    copy_database(request.getfixturevalue("tables"), tmp_path / "mlflow/mlflow.db")
    return f"sqlite:///{tmp_path}/mlflow/mlflow.db"


@pytest.fixture
def small(tmp_path: Path) -> SmallRepository:
    """Give a repository of two families without models."""
    made = SmallRepository.new(tmp_path / "small")
    shutil.rmtree(made.cache)
    made.keeps = False
    return made


@pytest.fixture
def board(small: SmallRepository, database: str) -> Callable[[], Board]:
    """Give a function that mirrors the repository and reads the board."""

    def read() -> Board:
        mirror_to(database, small.root)
        return read_board(connect(database))

    return read


def by_hand(lead: float, metric: str = "auc") -> pd.DataFrame:
    """Compare the small repository's families without MLflow."""
    folds = {family: folds_of(family, lead, SEED) for family in ("lr", "dt")}
    return compare(folds, metric, 1 / FOLDS, ROWS)


def chosen(small: SmallRepository) -> str:
    """Say what `select_best` chose in the workspace."""
    return json.loads((small.root / "metrics/selection.json").read_text(encoding="utf-8"))["chosen"]


@pytest.mark.slow
@pytest.mark.parametrize(("lead", "simplest"), [(0.05, "lr"), (-0.005, "lr"), (-0.005, "dt"), (-0.1, "lr")])
def test_the_winner_is_that_of_select_best(small, board, lead, simplest):
    order = [simplest, *({"lr", "dt"} - {simplest})]
    small.git("update-ref", "-d", "HEAD")
    small.run(lead=lead, select_best={"metric": "auc", "simplest_first": order})
    small.commit("one revision")
    found = board()
    assert found.winner == chosen(small)
    assert found.ranked_by == "auc"
    assert list(found.runs) == list(by_hand(lead)["family"])
    for metric in HIGHER_IS_BETTER:
        rows = found.table[found.table["metric"] == metric].drop(columns="chosen").reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, by_hand(lead, metric), rtol=1e-5, atol=1e-6)
    assert set(found.table["family"][found.table["chosen"]]) == {found.winner}


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["brier", "cost"])
def test_where_less_is_better_the_least_is_best(small, board, metric):
    small.git("update-ref", "-d", "HEAD")
    ranked = {"metric": metric, "simplest_first": ["dt", "lr"]}
    small.run(lead=0.05, select_best=ranked)
    small.commit("one revision")
    small.experiment("worse", C=3.0, lead=0.04, select_best=ranked)
    found = board()
    assert (found.ranked_by, found.winner) == (metric, chosen(small))
    assert found.runs["lr"].data.params["C"] == "1.0"


@pytest.mark.slow
def test_of_each_family_the_best_run_of_all_revisions_is_taken(small, board):
    small.experiment("better", C=3.0, lead=0.09)
    small.experiment("worse", C=4.0, depth=5, lead=0.01)
    found = board()
    assert found.runs["lr"].data.params["C"] == "3.0"
    assert found.runs["dt"].data.params["max_depth"] == "2"  # of equal ones the oldest
    pd.testing.assert_frame_equal(
        found.table[found.table["metric"] == "auc"].drop(columns="chosen"), by_hand(0.09), rtol=1e-5, atol=1e-6
    )


@pytest.mark.slow
def test_commits_before_the_champions_are_superseded_and_experiments_are_not(small, board):
    small.run(C=3.0, lead=0.09)
    small.commit("better once")
    small.experiment("tried", depth=5, lead=0.05)
    small.run(C=5.0, lead=0.01)
    small.commit("as it is now")
    runs = board().runs
    assert runs["lr"].data.params["C"] != "3.0"
    assert runs["dt"].data.params["max_depth"] == "5"


@pytest.mark.slow
def test_a_blend_is_compared_with_the_families(small, board):
    small.git("update-ref", "-d", "HEAD")
    small.run(select_best={"metric": "auc", "simplest_first": ["lr", "dt", "blend"]})
    small.blend()
    small.commit("with a blend")
    found = board()
    assert set(found.runs) == {"lr", "dt", "blend"}
    assert found.winner == "lr"
    page = as_markdown(found)
    assert "| blend (soft vote) | 0.757 [" in page
    assert '| members ["lr", "dt"] |' in page


@pytest.mark.slow
@pytest.mark.parametrize(("most", "n"), [(None, ROWS), (40, 40), (ROWS + 1, ROWS)])
def test_the_page_says_how_many_were_judged(small, board, most, n):
    small.git("update-ref", "-d", "HEAD")
    small.run(out_of_fold={**PARAMS["out_of_fold"], "max_rows": most})
    small.commit("one revision")
    found = board()
    assert set(found.table["n"]) == {n}
    assert f"(n = {n}; means of folds" in as_markdown(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"data": "b"},
        {"out_of_fold": {"folds": 4, "repeats": 2}},
    ],
)
def test_runs_that_were_judged_on_something_else_are_left_out(small, board, change):
    small.experiment("other", C=3.0, lead=0.3, **change)
    small.run(C=5.0)
    small.commit("newest")
    assert board().runs["lr"].data.params["C"] == "5.0"


@pytest.mark.slow
def test_runs_of_old_commits_without_folds_are_left_out(small, board):
    small.run(C=3.0, lead=0.3)
    for family in ("lr", "dt"):
        path = f"metrics/train/{family}.json"
        values = json.loads((small.root / path).read_text(encoding="utf-8"))
        small.write_metrics(path, {name: value for name, value in values.items() if name != "folds"})
    small.commit("old")
    small.run(C=5.0)
    small.commit("new")
    assert board().runs["lr"].data.params["C"] == "5.0"


@pytest.mark.slow
def test_families_of_a_run_that_is_being_written_are_left_out(small, board, database):
    found = board()
    client = connect(database)
    run = found.runs["lr"]
    tags = {**run.data.tags, "mlflow.parentRunId": "of another mirror"}
    begun = client.create_run(run.info.experiment_id, tags=tags).info.run_id
    for name, value in run.data.metrics.items():
        client.log_metric(begun, name, 9 * value)
    assert read_board(client).runs["lr"].info.run_id == run.info.run_id


@pytest.mark.slow
def test_the_champion_says_what_is_compared_else_the_newest_run(small, board, database, monkeypatch):
    small.experiment("other", data="b", lead=0.3, C=3.0)
    assert board().runs["lr"].data.params["C"] == "3.0"
    of_first = next(run for run in revisions(connect(database)).values() if "credit.experiment" not in run.data.tags)
    monkeypatch.setattr("ops.leaderboard.champions_run", lambda _: of_first.info.run_id)
    assert read_board(connect(database)).runs["lr"].data.params["C"] == "1.0"


@pytest.mark.slow
def test_the_champions_run_is_found(small, database, board):
    client = connect(database)
    assert champions_run(client) == ""
    board()
    assert champions_run(client) == ""
    (run,) = revisions(client).values()
    client.create_model_version(REGISTERED, f"{small.root}/model", run.info.run_id)
    client.set_registered_model_alias(REGISTERED, "champion", "1")
    assert champions_run(client) == run.info.run_id


@pytest.mark.slow
def test_page_and_picture_are_written(small, board, database, tmp_path, capsys):
    run_id = board().runs["lr"].data.tags["mlflow.parentRunId"]
    main(["--uri", database, "--output", str(tmp_path / "out")])
    page = (tmp_path / "out/leaderboard.md").read_text(encoding="utf-8")
    assert page.startswith("# logistic regression is the best of all\n")
    (row,) = [line for line in page.splitlines() if line.startswith("| **logistic regression** | 0.757 [")]
    assert row.count(" [") == len(HIGHER_IS_BETTER)
    assert row.endswith(f"| C 1.0, encoding one_hot | `{run_id}` |")
    assert page.count("\n| ") == 3
    assert (tmp_path / "out/leaderboard.png").read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out == f"logistic regression is the best of 2: {tmp_path}/out/leaderboard.md\n"


class TestNothing:
    """Where there is nothing to compare, one line says so, and nothing is made."""

    def said(self, uri: str, tmp_path: Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--uri", uri, "--output", str(tmp_path / "out")])
        assert not (tmp_path / "out").exists()
        assert "\n" not in str(ended.value)
        return str(ended.value)

    def test_no_database(self, tmp_path):
        assert self.said(f"sqlite:///{tmp_path}/none/mlflow.db", tmp_path).endswith(
            ": no runs are mirrored yet (make mirror)"
        )
        assert not (tmp_path / "none").exists()
        (tmp_path / "mlflow.db").write_text("no database " * 100, encoding="utf-8")
        assert self.said(f"sqlite:///{tmp_path}/mlflow.db", tmp_path).endswith(": file is not a database")

    @pytest.mark.slow
    def test_no_experiment(self, database, tmp_path):
        assert "expected the experiment" in self.said(database, tmp_path)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("lacking", "words"),
        [("selection", "runs of revisions with a selection"), ("folds", "runs of families with metrics of each fold")],
    )
    def test_no_selection_or_folds(self, small, database, tmp_path, lacking, words):
        small.git("update-ref", "-d", "HEAD")
        small.run()
        if lacking == "selection":
            (small.root / "metrics/selection.json").unlink()
        else:
            for family in ("lr", "dt"):
                small.write_metrics(f"metrics/train/{family}.json", {"oof_auc": 0.7})
        small.commit("lacks it")
        mirror_to(database, small.root)
        assert f"expected {words}, found none" in self.said(database, tmp_path)

    def test_no_server(self, tmp_path):
        words = self.said("http://ada" + ":secret-word@127.0.0.1:1", tmp_path)
        assert words == "http://***@127.0.0.1:1: [Errno 111] Connection refused"


@pytest.mark.slow
def test_the_committed_run_of_this_repository_has_the_same_winner(repository, tmp_path, board, database):
    """Needs metrics/train/*.json with the metrics of each fold in the last commit."""
    clone = tmp_path / "clone"
    address = f"file://{repository}"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, str(clone)], check=True)
    mirror_to(database, clone)
    found = read_board(connect(database))
    selection = json.loads((clone / "metrics/selection.json").read_text(encoding="utf-8"))
    assert (found.winner, found.ranked_by) == (selection["chosen"], selection["ranked_by"])
    assert next(iter(found.runs)) == selection["leader"]
    expected = pd.read_csv(clone / "plots/selection.csv")
    assert set(found.runs) == set(expected["family"])
    pd.testing.assert_frame_equal(found.table, expected, rtol=1e-4, atol=2e-6)
