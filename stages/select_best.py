"""select_best: rank the families by their out-of-fold results and copy the winner."""

import logging
from pathlib import Path

import pandas as pd

from credit.core.families import FAMILIES
from credit.core.records import Record
from credit.core.split import Folds
from credit.evaluate.selection import HIGHER_IS_BETTER, compare, simplest_within_one_se
from credit.evaluate.settings import SelectBest, check_order
from credit.io.files import copy, read_params, write_csv, write_figure, write_json
from credit.metrics.curves import roc_on_grid
from credit.metrics.decision import Decision
from credit.metrics.metrics import by_fold
from stages.io.out_of_fold import read_oof
from stages.io.runner import run_stage


class Params(Record):
    decision: Decision
    out_of_fold: Folds
    select_best: SelectBest


def summary(ranking: pd.DataFrame, chosen: str, table: pd.DataFrame) -> dict[str, object]:
    """Say what was chosen and how it does, and whether the lead of the first over the second is more than noise."""
    leader, runner_up = ranking.iloc[0], ranking.iloc[1]
    own = table[table["family"] == chosen][["metric", "mean", "se", "low", "high", "n"]]
    return {
        "chosen": chosen,
        "ranked_by": leader["metric"],
        "leader": leader["family"],
        "runner_up": runner_up["family"],
        "lead": -runner_up["difference"],
        "lead_is_more_than_noise": bool(runner_up["more_than_noise"]),
        "why": why(ranking, chosen),
        "estimates": own.to_dict("records"),
        "ranking": table.to_dict("records"),
    }


def why(ranking: pd.DataFrame, chosen: str) -> str:
    """Say in words why the chosen family was chosen."""
    leader = ranking.iloc[0]["family"]
    return "leads" if chosen == leader else f"simpler, and within one standard error of {leader}"


def main(log: logging.Logger) -> None:
    from credit.evaluate.selection_figure import draw_comparison, draw_roc

    params = read_params(Params)
    settings = params.select_best
    check_order(settings.simplest_first)
    oof = read_oof(FAMILIES)
    folds = {family: by_fold(table, params.decision) for family, table in oof.items()}
    n, share = oof["lr"]["line"].nunique(), 1 / params.out_of_fold.folds
    rankings = {metric: compare(folds, metric, share, n) for metric in HIGHER_IS_BETTER}
    ranking = rankings[settings.metric]
    chosen = simplest_within_one_se(ranking, settings.simplest_first)
    table = pd.concat(rankings.values(), ignore_index=True)
    table.insert(1, "chosen", table["family"] == chosen)
    curves = pd.concat(
        roc_on_grid(oof["bad"].to_numpy(), oof["pd"].to_numpy()).assign(model=family) for family, oof in oof.items()
    )

    copy(Path(f"models/{chosen}.joblib"), Path("models/best.joblib"))
    copy(Path(f"data/processed/oof/{chosen}.parquet"), Path("data/processed/oof/best.parquet"))
    write_json("metrics/selection.json", summary(ranking, chosen, table))
    write_csv("plots/selection.csv", table)
    write_csv("plots/selection_roc.csv", curves)
    write_figure("plots/selection.png", draw_comparison(table))
    write_figure("plots/selection_roc.png", draw_roc(curves, chosen))
    for family, mean, low, high in ranking[["family", "mean", "low", "high"]].itertuples(index=False):
        log.info("%-9s %s %.3f [%.3f, %.3f]", family, settings.metric, mean, low, high)
    log.info("chosen: %s (%s), from %s applicants", chosen, why(ranking, chosen), n)


if __name__ == "__main__":
    run_stage("select_best", main)
