"""The best run of each family, and the best of all, from MLflow alone: `python -m ops.leaderboard`.

Compared are the champion's state, all experiments, and commits since, as far as they were judged on the same applicants
and folds; commits before the champion's (before the last one, where there is no champion) are superseded. Of each
family the run with the best mean is taken, whichever revision it is of; then the rule of `select_best` decides. So
without experiments the winner is the champion; taking the best of many runs flatters a family that was tried often.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.wording import METRIC_TITLES, RULE_TITLES, estimate_text
from credit.evaluate.selection import HIGHER_IS_BETTER, ONE_STANDARD_ERROR, choose, compare
from credit.io.files import replacing, write_figure
from ops.check_mlflow.check import ensure_readable
from ops.check_mlflow.uri import shown
from ops.mirror.registry import CHAMPION
from ops.mirror.runs import COMMIT, FAMILY, JUDGED_ON, RANKED_BY
from ops.mirror.runs import EXPERIMENT as OF_EXPERIMENT
from ops.mirror.store import KIND, PARENT, REGISTERED, Store
from ops.shared.redaction import one_line
from ops.shared.tracking import EXPERIMENT, as_input_error, connect, existing, tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

FOLDER = Path("leaderboard")


class Board(NamedTuple):
    """The comparison.

    Attributes
    ----------
    table : what `credit.evaluate.selection.compare` gives for every metric, one below the other, and `chosen`.
    runs : family -> its best run, the first the best.
    winner : the family that is best of all, by `ranked_by` and the `rule`.
    """

    table: pd.DataFrame
    runs: Mapping[str, "Run"]
    winner: str
    ranked_by: str
    rule: str


def read_board(client: "MlflowClient") -> Board:
    """Find the best run of each family and compare them.

    Raises
    ------
    InputError
        Nothing is mirrored yet, or the runs have no metrics of their folds, or not of the same folds.
    """
    experiment = client.get_experiment_by_name(EXPERIMENT)
    if experiment is None:
        raise InputError(f"expected the experiment {EXPERIMENT!r}, found none: mirror runs to it first (make mirror)")
    store = Store(client, experiment.experiment_id)
    finished = store.runs(f"tags.`{KIND}` = 'revision' and status = 'FINISHED'")
    compared = {run.info.run_id: run for run in finished if RANKED_BY in run.data.tags}
    if not compared:
        raise InputError("expected runs of revisions with a selection, found none: mirror runs first (make mirror)")
    champion = compared.get(champions_run(client))
    reference = champion or max(compared.values(), key=age)
    standing = champion or max(filter(is_commits, compared.values()), key=age, default=reference)
    compared = {name: run for name, run in compared.items() if not is_commits(run) or age(run) >= age(standing)}
    same = f"tags.`{KIND}` = 'family' and tags.`{JUDGED_ON}` = '{reference.data.tags[JUDGED_ON]}'"
    judged = [run for run in store.runs(same) if run.data.tags[PARENT] in compared]
    ranked_by = reference.data.tags[RANKED_BY]
    best = best_of_each(judged, ranked_by)
    if not best:
        raise InputError("expected runs of families with metrics of each fold, found none: run the graph (make run)")
    folds = {family: fold_metrics(client, run.info.run_id) for family, run in best.items()}
    check_same_folds(folds, best)
    share, n = 1 / int(reference.data.params["out_of_fold.folds"]), judged_rows(reference)
    rankings = {metric: compare(folds, metric, share, n) for metric in HIGHER_IS_BETTER}
    rule, preference = rule_of(reference)
    preference += [family for family in best if family not in preference]  # of experiments with a new one
    winner = choose(rankings[ranked_by], rule, [family for family in preference if family in best])
    table = pd.concat(rankings.values(), ignore_index=True)
    table.insert(1, "chosen", table["family"] == winner)
    return Board(table, {family: best[family] for family in rankings[ranked_by]["family"]}, winner, ranked_by, rule)


def rule_of(run: "Run") -> tuple[str, list[str]]:
    """Give the rule by which a revision chose its family, and its order of preference; older ones had one rule only."""
    params = run.data.params
    preference = params.get("select_best.preference") or params["select_best.simplest_first"]
    return params.get("select_best.rule", ONE_STANDARD_ERROR), json.loads(preference)


def judged_rows(run: "Run") -> int:
    """Say how many applicants the families of a revision were judged on."""
    rows, most = int(run.data.metrics["eda.train_rows"]), run.data.params.get("out_of_fold.max_rows", "null")
    return min(rows, json.loads(most) or rows)


def champions_run(client: "MlflowClient") -> str:
    """Name the run in which the champion was evaluated; empty if there is no champion."""
    from mlflow.exceptions import MlflowException

    try:
        return client.get_model_version_by_alias(REGISTERED, CHAMPION).run_id or ""
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        return ""


def is_commits(run: "Run") -> bool:
    """Whether a run is of a commit of a branch, and of no experiment."""
    return COMMIT in run.data.tags and OF_EXPERIMENT not in run.data.tags


def age(run: "Run") -> tuple[int, str]:
    """Order runs by the times of their commits."""
    return run.info.start_time, run.info.run_id


def best_of_each(runs: Iterable["Run"], metric: str) -> dict[str, "Run"]:
    """Family -> its run with the best mean out of fold; of equal ones the oldest.

    Runs of old commits without metrics of each fold cannot be compared, and are left out.
    """
    sign = 1 if HIGHER_IS_BETTER[metric] else -1
    best: dict[str, Run] = {}
    for run in sorted(runs, key=age):
        family, metrics = run.data.tags[FAMILY], run.data.metrics
        if not {f"oof_{metric}", *(f"fold_{name}" for name in HIGHER_IS_BETTER)} <= set(metrics):
            continue
        if family not in best or sign * metrics[f"oof_{metric}"] > sign * best[family].data.metrics[f"oof_{metric}"]:
            best[family] = run
    return {family: best[family] for family in FAMILIES if family in best}  # as `select_best` goes through them


def fold_metrics(client: "MlflowClient", run_id: str) -> pd.DataFrame:
    """Read a run's metrics, a row a fold."""
    histories = {metric: client.get_metric_history(run_id, f"fold_{metric}") for metric in HIGHER_IS_BETTER}
    values = {metric: {logged.step: logged.value for logged in history} for metric, history in histories.items()}
    return pd.DataFrame(values).sort_index()


def check_same_folds(folds: Mapping[str, pd.DataFrame], runs: Mapping[str, "Run"]) -> None:
    """Refuse families that are without a fold of the others, or a metric of one: they are compared fold by fold."""
    lacking = pd.concat(folds, axis=1).isna().any().groupby(level=0).any()
    if lacking.any():
        names = ", ".join(f"{family} (run {runs[family].info.run_id})" for family in lacking.index[lacking])
        raise InputError(f"expected every metric of the same folds of every family, got fewer of {names}")


def as_markdown(board: Board) -> str:
    """Write the comparison as a page: each family's metrics with 95 % intervals, and where its run is."""
    names = [METRIC_TITLES[metric] + (" (ranked)" if metric == board.ranked_by else "") for metric in HIGHER_IS_BETTER]
    lines = [
        f"# {FAMILIES[board.winner].title} is the best of all",
        "",
        f"It is {RULE_TITLES[board.rule]}, by {METRIC_TITLES[board.ranked_by]} out of fold "
        f"(n = {board.table['n'].iloc[0]:,}; means of folds, 95 % intervals).",
        "",
        "![the families compared](leaderboard.png)",
        "",
        f"| family | {' | '.join(names)} | settings | revision's run |",
        f"|---|{'---|' * (len(names) + 2)}",
    ]
    for family, run in board.runs.items():
        rows = board.table[board.table["family"] == family].set_index("metric")
        cells = [estimate_text(*rows.loc[metric, ["mean", "low", "high"]]) for metric in HIGHER_IS_BETTER]
        settings = ", ".join(f"{name} {value}" for name, value in sorted(run.data.params.items()))
        title = f"**{FAMILIES[family].title}**" if family == board.winner else FAMILIES[family].title
        lines.append(f"| {title} | {' | '.join(cells)} | {settings} | `{run.data.tags[PARENT]}` |")
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str]) -> None:
    """Write the page and the picture; a failure ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.leaderboard", description="the best runs, from MLflow alone")
    parser.add_argument("--uri", help="MLflow; else MLFLOW_TRACKING_URI, else the database in this repository")
    parser.add_argument("--output", type=Path, default=FOLDER, metavar="FOLDER", help="else %(default)s")
    options = parser.parse_args(arguments)
    uri = options.uri or tracking_uri(Path.cwd())
    from credit.evaluate.selection_figure import draw_comparison

    try:
        ensure_readable(uri)
        with as_input_error():
            board = read_board(connect(existing(uri)))
    except InputError as error:
        raise SystemExit(f"{one_line(shown(uri))}: {error}") from None
    write_figure(options.output / "leaderboard.png", draw_comparison(board.table))
    with replacing(options.output / "leaderboard.md") as temporary:
        temporary.write_text(as_markdown(board), encoding="utf-8", newline="\n")
    print(f"{FAMILIES[board.winner].title} is the best of {len(board.runs)}: {options.output}/leaderboard.md")


if __name__ == "__main__":
    main(sys.argv[1:])
