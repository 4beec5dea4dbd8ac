"""select_best: rank the families out of fold, see whether their PDs move as they should, and copy the winner."""

import logging
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from pydantic import ConfigDict

from credit.core.columns import BAD, LINE
from credit.core.errors import InputError
from credit.core.families import BLEND, FAMILIES
from credit.core.records import Record, Seed
from credit.core.split import stratified_sample
from credit.evaluate.monotonicity import monotonicity
from credit.evaluate.selection import (
    HIGHER_IS_BETTER,
    LEADER,
    SelectBest,
    check_preference,
    choose,
    compare,
    lead,
    other_than,
)
from credit.io.files import (
    LEFT_OUT,
    copy,
    read_dictionary,
    read_params,
    read_parquet,
    write_csv,
    write_figure,
    write_json,
)
from credit.metrics.curves import roc_on_grid
from credit.metrics.decision import Decision
from credit.metrics.metrics import by_fold
from credit.metrics.out_of_fold import held_out_share
from stages.io.left_out import read_models
from stages.io.out_of_fold import read_oof, read_test_by_fold
from stages.io.runner import run_stage


class Explain(Record):
    model_config = ConfigDict(extra="ignore")  # the rest is for another stage

    max_rows: int
    tolerance: float


class Params(Record):
    seed: Seed
    decision: Decision
    select_best: SelectBest
    explain: Explain


def sample(path: str, most: int, seed: int) -> pd.DataFrame:
    """Read at most so many applicants, bads in proportion."""
    applicants = read_parquet(path)
    return applicants.iloc[stratified_sample(applicants[BAD].to_numpy(), most, seed)]


def summary(ranking: pd.DataFrame, chosen: str, rule: str, table: pd.DataFrame) -> dict[str, object]:
    """Say what was chosen and how it does, and whether the lead of the first over the second is more than noise."""
    leader = ranking.iloc[0]
    runner_up = ranking.iloc[1] if len(ranking) > 1 else {"family": None, "difference": 0.0, "more_than_noise": False}
    estimates = table[table["family"] == chosen][["metric", "mean", "se", "low", "high", "n"]]
    return {
        "chosen": chosen,
        "rule": rule,
        "ranked_by": leader["metric"],
        "leader": leader["family"],
        "runner_up": runner_up["family"],
        "lead": -runner_up["difference"],
        "lead_is_more_than_noise": bool(runner_up["more_than_noise"]),
        "why": why(ranking, chosen, rule),
        "estimates": estimates.to_dict("records"),
        "ranking": table.to_dict("records"),
    }


def why(ranking: pd.DataFrame, chosen: str, rule: str) -> str:
    """Say in words why the chosen family was chosen."""
    leader = ranking.iloc[0]["family"]
    if len(ranking) == 1:
        return "all others are left out"
    if chosen != leader:
        return f"preferred, and within one standard error of {leader}"
    return "leads" if rule == LEADER else "leads, and nothing preferred to it is within one standard error"


def other_choice(
    folds: Mapping[str, pd.DataFrame], ranking: pd.DataFrame, chosen: str, settings: SelectBest, held_out_share: float
) -> dict[str, object]:
    """Say what the rule that is not in use would have chosen, and by how much better or worse that is, out of fold."""
    rule = other_than(settings.rule)
    family = choose(ranking, rule, settings.preference)
    by_metric = [
        {"metric": metric, **lead(folds[family], folds[chosen], metric, held_out_share)._asdict()}
        for metric in HIGHER_IS_BETTER
    ]
    return {"rule": rule, "chosen": family, "better_by": by_metric}


def main(log: logging.Logger) -> None:
    from credit.evaluate.selection_figure import draw_average_pds, draw_comparison, draw_roc, draw_violations

    params = read_params(Params)
    settings, tolerance = params.select_best, params.explain.tolerance
    check_preference(settings.preference)
    models, reasons = read_models(family for family in FAMILIES if family in settings.preference)
    for family, reason in reasons.items():
        log.warning("left out: %s, %s", family, reason)
    if not models:
        said = dict.fromkeys(reason for family, reason in reasons.items() if family != BLEND)  # of which it is made
        raise InputError(f"expected a family to choose, but all are left out: {'; '.join(said)}")
    families = list(models)
    oof = read_oof(families)
    for family in families:
        read_test_by_fold(family)  # it is copied below as it is, so a damaged one is refused here
    folds = {family: by_fold(table, params.decision) for family, table in oof.items()}
    n, share = oof[families[0]][LINE].nunique(), held_out_share(oof[families[0]])
    rankings = {metric: compare(folds, metric, share, n) for metric in HIGHER_IS_BETTER}
    ranking = rankings[settings.metric]
    chosen = choose(ranking, settings.rule, settings.preference)
    other = other_choice(folds, ranking, chosen, settings, share)
    table = pd.concat(rankings.values(), ignore_index=True)
    table.insert(1, "chosen", table["family"] == chosen)
    curves = pd.concat(
        roc_on_grid(pds["bad"].to_numpy(), pds["pd"].to_numpy()).assign(model=family) for family, pds in oof.items()
    )
    train, test = (
        sample(f"data/processed/{side}.parquet", params.explain.max_rows, params.seed) for side in ("train", "test")
    )
    moves, paths = monotonicity(models, test, train, read_dictionary(), tolerance)

    copy(Path(f"models/{chosen}.joblib"), Path("models/best.joblib"))
    for kind in ("oof", "test_by_fold"):
        copy(Path(f"data/processed/{kind}/{chosen}.parquet"), Path(f"data/processed/{kind}/best.parquet"))
    lost = [{"family": family, "reason": reason} for family, reason in reasons.items()]
    selection = {**summary(ranking, chosen, settings.rule, table), "other_rule": other}
    write_json("metrics/selection.json", selection | ({LEFT_OUT: lost} if lost else {}))
    write_json("metrics/monotonicity.json", {"monotonicity": moves.to_dict("records")})
    write_csv("plots/selection.csv", table)
    write_csv("plots/selection_roc.csv", curves)
    write_csv("plots/monotonicity.csv", moves)
    write_figure("plots/selection.png", draw_comparison(table))
    write_figure("plots/selection_roc.png", draw_roc(curves, chosen))
    write_figure("plots/monotonicity.png", draw_violations(moves, tolerance))
    write_figure("plots/directions.png", draw_average_pds(paths))
    for family, mean, low, high in ranking[["family", "mean", "low", "high"]].itertuples(index=False):
        log.info("%-9s %s %.3f [%.3f, %.3f]", family, settings.metric, mean, low, high)
    log.info("chosen: %s (%s), from %s applicants", chosen, why(ranking, chosen, settings.rule), n)
    better = ", ".join(f"{row['metric']} {row['mean']:+.3f}" for row in other["better_by"])
    log.info("rule %s: would choose %s; by how much better: %s", other["rule"], other["chosen"], better)


if __name__ == "__main__":
    run_stage("select_best", main)
