"""The best runs as MLflow has them, against what `select_best` chose from the same folds."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from credit.evaluate.selection import HIGHER_IS_BETTER, compare
from ops.leaderboard import Board, as_markdown, main, read_board, rule_of
from ops.mirror.mirror import mirror_to
from ops.mirror.registry import REGISTERED
from ops.shared.tracking import connect
from tests.ops.mirror.content import revisions
from tests.ops.mirror.small_models import FOLDS, ROWS, folds_of
from tests.ops.mirror.small_repository import PARAMS, SmallRepository

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("apart")]


@pytest.fixture
def board(small: SmallRepository, no_models: None, uri: str) -> Callable[..., Board]:
    """Give a function that mirrors the repository and reads the board; of one commit alone, if that is given."""

    def read(**only: object) -> Board:
        if only:
            small.git("update-ref", "-d", "HEAD")
            small.run(**only)
            small.commit("one revision")
        mirror_to(uri, small.root)
        return read_board(connect(uri))

    return read


def by_hand(lead: float, metric: str = "auc") -> pd.DataFrame:
    """Compare the small repository's families without MLflow."""
    folds = {family: folds_of(family, lead, PARAMS["seed"]) for family in ("lr", "dt")}
    return compare(folds, metric, 1 / FOLDS, ROWS)


def chosen(small: SmallRepository) -> str:
    """Say what `select_best` chose in the workspace."""
    return json.loads((small.root / "metrics/selection.json").read_text(encoding="utf-8"))["chosen"]


@pytest.mark.parametrize(("lead", "preferred"), [(0.05, "lr"), (-0.005, "lr"), (-0.005, "dt"), (-0.1, "lr")])
@pytest.mark.parametrize("rule", ["leader", "one_standard_error"])
def test_the_winner_is_that_of_select_best(small, board, lead, preferred, rule):
    order = [preferred, *({"lr", "dt"} - {preferred})]
    found = board(lead=lead, select_best={"metric": "auc", "rule": rule, "preference": order})
    assert found.rule == rule
    assert found.winner == chosen(small)
    assert found.ranked_by == "auc"
    assert list(found.runs) == list(by_hand(lead)["family"])
    for metric in HIGHER_IS_BETTER:
        rows = found.table[found.table["metric"] == metric].drop(columns="chosen").reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, by_hand(lead, metric), rtol=1e-5, atol=1e-6)
    assert set(found.table["family"][found.table["chosen"]]) == {found.winner}


def test_of_a_revision_with_the_old_name_the_order_of_preference_is_read_too():
    params = {"select_best.simplest_first": '["dt", "lr"]'}
    assert rule_of(SimpleNamespace(data=SimpleNamespace(params=params))) == ("one_standard_error", ["dt", "lr"])


@pytest.mark.parametrize("metric", ["brier", "cost"])
def test_where_less_is_better_the_least_is_best(small, board, metric):
    ranked = {"metric": metric, "preference": ["dt", "lr"]}
    board(lead=0.05, select_best=ranked)
    small.experiment("worse", C=3.0, lead=0.04, select_best=ranked)
    found = board()
    assert (found.ranked_by, found.winner) == (metric, chosen(small))
    assert found.runs["lr"].data.params["C"] == "1.0"


def test_of_each_family_the_best_run_of_all_revisions_is_taken(small, board):
    small.experiment("better", C=3.0, lead=0.09)
    small.experiment("worse", C=4.0, depth=5, lead=0.01)
    found = board()
    assert found.runs["lr"].data.params["C"] == "3.0"
    assert found.runs["dt"].data.params["max_depth"] == "2"  # of equal ones the oldest
    pd.testing.assert_frame_equal(
        found.table[found.table["metric"] == "auc"].drop(columns="chosen"), by_hand(0.09), rtol=1e-5, atol=1e-6
    )


def test_a_family_that_the_reference_does_not_name_is_the_least_simple_and_can_win(small, board):
    small.run(lead=0.3)
    params = yaml.safe_load((small.root / "params.yaml").read_text(encoding="utf-8"))
    params["select_best"]["preference"] = ["dt"]
    small.write("params.yaml", yaml.safe_dump(params))
    small.commit("without lr")
    assert board().winner == "lr"


def test_commits_before_the_champions_are_superseded_and_experiments_are_not(small, board):
    small.run(C=3.0, lead=0.09)
    small.commit("better once")
    small.experiment("tried", depth=5, lead=0.05)
    small.run(C=5.0, lead=0.01)
    small.commit("as it is now")
    runs = board().runs
    assert runs["lr"].data.params["C"] != "3.0"
    assert runs["dt"].data.params["max_depth"] == "5"


@pytest.mark.parametrize(("most", "n"), [(None, ROWS), (40, 40), (ROWS + 1, ROWS)])
def test_the_page_says_how_many_were_judged(board, most, n):
    found = board(out_of_fold={**PARAMS["out_of_fold"], "max_rows": most})
    assert set(found.table["n"]) == {n}
    assert f"(n = {n}; means of folds" in as_markdown(found)


@pytest.mark.parametrize("other", [{"data": "b"}, {"out_of_fold": {"folds": 4, "repeats": 2}}, "without folds"])
def test_runs_that_were_judged_on_something_else_or_without_folds_are_left_out(small, board, other):
    if other == "without folds":
        small.run(C=3.0, lead=0.3)
        for family in ("lr", "dt"):
            small.write_metrics(f"metrics/train/{family}.json", {"oof_auc": 0.9, "fold": 1})
        small.commit("old")
    else:
        small.experiment("other", C=3.0, lead=0.3, **other)
    small.run(C=5.0)
    small.commit("newest")
    assert board().runs["lr"].data.params["C"] == "5.0"


def test_families_of_a_run_that_is_being_written_are_left_out(board, client):
    run = board().runs["lr"]
    tags = {**run.data.tags, "mlflow.parentRunId": "of another mirror"}
    begun = client.create_run(run.info.experiment_id, tags=tags).info.run_id
    for name, value in run.data.metrics.items():
        client.log_metric(begun, name, 9 * value)
    assert read_board(client).runs["lr"].info.run_id == run.info.run_id


def test_the_champion_says_what_is_compared_else_the_newest_run(small, board, client):
    small.experiment("other", data="b", lead=0.3, C=3.0)
    assert board().runs["lr"].data.params["C"] == "3.0"
    of_first = next(run for run in revisions(client).values() if "credit.experiment" not in run.data.tags)
    client.create_model_version(REGISTERED, f"{small.root}/model", of_first.info.run_id)
    client.set_registered_model_alias(REGISTERED, "champion", "1")
    assert read_board(client).runs["lr"].data.params["C"] == "1.0"


def test_page_and_picture_are_written(board, uri, tmp_path, capsys):
    run_id = board().runs["lr"].data.tags["mlflow.parentRunId"]
    main(["--uri", uri, "--output", str(tmp_path / "out")])
    page = (tmp_path / "out/leaderboard.md").read_text(encoding="utf-8")
    assert page.startswith("# logistic regression is the best of all\n")
    (row,) = [line for line in page.splitlines() if line.startswith("| **logistic regression** | 0.757 [")]
    assert row.count(" [") == len(HIGHER_IS_BETTER)
    assert row.endswith(f"| C 1.0, encoding one_hot | `{run_id}` |")
    assert page.count("\n| ") == 3
    assert (tmp_path / "out/leaderboard.png").read_bytes().startswith(b"\x89PNG")
    assert capsys.readouterr().out == f"logistic regression is the best of 2: {tmp_path}/out/leaderboard.md\n"


def refused(uri: str, tmp_path: Path) -> str:
    """Say in which line the program ends, having made nothing."""
    with pytest.raises(SystemExit) as ended:
        main(["--uri", uri, "--output", str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()
    assert "\n" not in str(ended.value)
    return str(ended.value)


def test_where_nothing_is_mirrored_one_line_says_so(tmp_path, client, uri):
    assert refused(f"sqlite:///{tmp_path}/none/mlflow.db", tmp_path).endswith(
        ": no runs are mirrored yet (make mirror)"
    )
    assert not (tmp_path / "none").exists()
    (tmp_path / "no.db").write_text("no database " * 100, encoding="utf-8")
    assert refused(f"sqlite:///{tmp_path}/no.db", tmp_path).endswith(": file is not a database")
    assert "expected the experiment" in refused(uri, tmp_path)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:1: TCP: 127.0.0.1:1 refuses the connection: nothing listens there"),
        ("http://ada" + ":secret-word@host", "http://***@host: URI: a user name or a password in the URI"),
        ("http://ada:secret-word", "http://ada:***: URI: the port is no number"),
        ("postgresql://ada" + ":secret-word@host", "postgresql://***@host: URI: a database, not an MLflow server"),
    ],
)
def test_a_server_that_cannot_be_read_is_named_with_the_remedy_and_without_a_secret(tmp_path, uri, words):
    line = refused(uri, tmp_path)
    assert line.startswith(words)
    assert "secret-word" not in line


@pytest.mark.parametrize(
    ("lacking", "words"),
    [("selection", "runs of revisions with a selection"), ("folds", "runs of families with metrics of each fold")],
)
def test_where_nothing_can_be_compared_one_line_says_so(small, no_models, uri, tmp_path, lacking, words):
    small.git("update-ref", "-d", "HEAD")
    if lacking == "selection":
        (small.root / "metrics/selection.json").unlink()
    else:
        for family in ("lr", "dt"):
            small.write_metrics(f"metrics/train/{family}.json", {"oof_auc": 0.7})
    small.commit("lacks it")
    mirror_to(uri, small.root)
    assert f"expected {words}, found none" in refused(uri, tmp_path)


@pytest.mark.parametrize("lacking", ["a fold", "a metric of a fold"])
def test_where_the_folds_are_not_the_same_one_line_says_so(small, no_models, uri, tmp_path, lacking):
    small.git("update-ref", "-d", "HEAD")
    report = json.loads((small.root / "metrics/train/lr.json").read_text(encoding="utf-8"))
    last = report["folds"].pop()
    if lacking == "a metric of a fold":
        report["folds"].insert(3, {"brier": last["brier"], "cost": last["cost"]})
    small.write_metrics("metrics/train/lr.json", report)
    small.commit("fewer")
    mirror_to(uri, small.root)
    said = refused(uri, tmp_path)
    assert "expected every metric of the same folds of every family, got fewer of lr (run " in said
    assert "dt" not in said.partition("expected")[2]


def test_the_committed_run_of_this_repository_has_the_same_winner(repository, tmp_path, uri):
    """Needs metrics/train/*.json with the metrics of each fold in the last commit."""
    clone = tmp_path / "clone"
    address = f"file://{repository}"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, str(clone)], check=True)
    mirror_to(uri, clone)
    found = read_board(connect(uri))
    selection = json.loads((clone / "metrics/selection.json").read_text(encoding="utf-8"))
    assert (found.winner, found.ranked_by) == (selection["chosen"], selection["ranked_by"])
    assert next(iter(found.runs)) == selection["leader"]
    expected = pd.read_csv(clone / "plots/selection.csv")
    assert set(found.runs) == set(expected["family"])
    pd.testing.assert_frame_equal(found.table, expected, rtol=1e-4, atol=2e-6)
