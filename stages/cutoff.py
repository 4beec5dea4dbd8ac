"""cutoff: what the cutoff in use does, and how the best one would move with the costs and the population."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from credit.core.columns import BAD
from credit.core.records import Record
from credit.cutoff.approvals import (
    CutoffPage,
    approval_rate,
    bad_rate_of_approved,
    cost_at,
    cost_on_grid,
    score_bands,
    upper_ends,
)
from credit.cutoff.sensitivity import by_bad_rate, by_cost_ratio
from credit.io.files import read_json, read_params, read_parquet, write_csv, write_figure, write_json
from credit.metrics.decision import Cost, Decision, best_cutoff
from credit.metrics.out_of_fold import by_applicant
from stages.io.runner import run_stage

PLOTS = Path("plots/cutoff")

Scored = tuple[np.ndarray, np.ndarray]  # outcomes, shape (n,), and PDs, shape (repeats, n)


class Params(Record):
    model: str
    decision: Decision
    cutoff: CutoffPage


def costs_of(test: Scored, training: Scored, cost: Cost) -> pd.DataFrame:
    """Cost by cutoff with its interval, of the test applicants and out of fold."""
    samples = {"test": test, "out of fold": training}
    tables = [cost_on_grid(*scored, cost).assign(sample=name, n=len(scored[0])) for name, scored in samples.items()]
    return pd.concat(tables, ignore_index=True)


def bands_of(test: Scored, training: Scored, bands: int) -> pd.DataFrame:
    """Score bands of equal numbers out of fold (first repeat), and the test applicants in the same bands."""
    ends = upper_ends(training[1][0], bands)
    tables = {"out of fold": score_bands(training[0], training[1][0], ends)}
    tables["test"] = score_bands(test[0], test[1][0], ends)
    named = [table.assign(order=table["band"], sample=sample) for sample, table in tables.items()]
    return pd.concat(named, ignore_index=True)


def marked_cutoffs(oof: pd.DataFrame, cutoff: float, cost: Cost) -> dict[str, float]:
    """Give the cutoff in use, the break-even and the cheapest one, by their names."""
    cheapest = best_cutoff(oof["bad"].to_numpy(), oof["pd"].to_numpy(), cost)
    return {"in use": cutoff, "break-even": cost.break_even_cutoff, "cheapest out of fold": min(cheapest, 1.0)}


def at_marked(scored: Scored, marked: dict[str, float], cost: Cost) -> list[dict[str, Any]]:
    """Say what each of the marked cutoffs does out of fold; a record a cutoff and metric."""
    (bad, pds), rows = scored, []
    bad_rate = float(np.mean(bad))
    for name, cutoff in marked.items():
        estimates = {
            "approved": approval_rate(bad, pds, cutoff, bad_rate),
            "bad_rate_approved": bad_rate_of_approved(bad, pds, cutoff, bad_rate),
            "cost": cost_at(bad, pds, cutoff, cost, bad_rate),
        }
        for metric, estimate in estimates.items():
            rows.append({"which": name, "cutoff": cutoff, "metric": metric, **estimate._asdict(), "n": len(bad)})
    return rows


def main(log: logging.Logger) -> None:
    from credit.cutoff.figure import draw_page

    params = read_params(Params)
    page, cost = params.cutoff, params.decision.cost
    oof = read_parquet(f"data/processed/oof/{params.model}.parquet")
    scored = read_parquet("data/processed/test_pds.parquet")
    cutoff = read_json("metrics/evaluation.json")["threshold"]
    test, training = (scored[BAD].to_numpy(), scored["pd"].to_numpy()[None]), by_applicant(oof)

    marked = marked_cutoffs(oof, cutoff, cost)
    at_cutoffs = at_marked(training, marked, cost)
    tables = {
        "cost": costs_of(test, training, cost),
        "score_bands": bands_of(test, training, page.bands),
        "cost_ratios": by_cost_ratio(oof, cost, cutoff, page.cost_ratios),
        "bad_rates": by_bad_rate(oof, cost, cutoff, page.bad_rates),
    }

    # `dvc exp show` makes a column of every number that stands in no list.
    lists = {name: tables[name].to_dict("records") for name in ("score_bands", "cost_ratios", "bad_rates")}
    write_json("metrics/cutoff.json", {"approval_rate": at_cutoffs[0]["mean"], "cutoffs": at_cutoffs, **lists})
    for name, table in tables.items():
        write_csv(PLOTS / f"{name}.csv", table)
    write_figure("plots/cutoff.png", draw_page(tables, marked, cost))
    for row in at_cutoffs[:3]:
        log.info("cutoff %(cutoff).3f: %(metric)s %(mean).3f [%(low).3f, %(high).3f], n = %(n)d", row)


if __name__ == "__main__":
    run_stage("cutoff", main)
