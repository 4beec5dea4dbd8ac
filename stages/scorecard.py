"""scorecard: the family of that name as a table of points that a loan officer can add up by hand."""

import logging
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from credit.core.columns import BAD, LINE
from credit.core.dictionary import Dictionary
from credit.core.families import SCORECARD
from credit.core.records import Record, check
from credit.core.style import note_only
from credit.features.plan import FeaturePlan
from credit.features.woe import bin_numbers
from credit.io.files import (
    LEFT_OUT,
    read_dictionary,
    read_json,
    read_params,
    read_parquet,
    write_csv,
    write_figure,
    write_json,
)
from credit.metrics.out_of_fold import by_applicant
from credit.scorecard.bins import title_of
from credit.scorecard.figure import draw_form
from credit.scorecard.points import (
    add_up,
    against_their_evidence,
    decision_at,
    left_out,
    lines_of,
    log_odds_of,
    points_table,
    rounding,
    worked_by_hand,
)
from credit.scorecard.scale import Scale, bands_of_points
from stages.io.left_out import read_models
from stages.io.runner import run_stage

PLAN = "data/processed/feature_plan.json"


class Params(Record):
    scorecard: Scale


def example(
    table: pd.DataFrame,
    train: pd.DataFrame,
    numbers: pd.DataFrame,
    pds: np.ndarray,
    scale: Scale,
    lowest: float,
    dictionary: Dictionary,
) -> dict[str, list[dict[str, Any]]]:
    """Add up the applicant in the middle by points (of equal ones the first), line by line, beside the model's PD."""
    points = add_up(table, numbers)
    place = int(np.argsort(points, kind="stable")[(len(points) - 1) // 2])
    lines = worked_by_hand(table, train.iloc[place], lines_of(table, numbers).iloc[place], dictionary)
    applicant = {
        "line": train[LINE].iloc[place],
        "points": points[place],
        "exact_score": scale.score(pds[place]),
        "pd_by_points": scale.pd_at(points[place]),
        "pd": pds[place],
        "decision": decision_at(points[place], lowest),
        "bad": train[BAD].iloc[place],
    }
    return {"example": [applicant], "example_lines": lines.to_dict("records")}


def notes(table: pd.DataFrame, ignored: list[str], plan: FeaturePlan, dictionary: Dictionary) -> list[str]:
    """Say below the form what does not count, and what counts though it is protected."""
    counted = [name for name in table["feature"].unique() if name and name not in plan.derived]
    protected = [name for name in counted if dictionary.columns[name].protected]
    listed = {
        "Does not count, for it adds nothing to the rest": ignored,
        "Counts, though the dictionary says that it is protected": protected,
    }
    titles = {start: "; ".join(title_of(name, plan, dictionary) for name in names) for start, names in listed.items()}
    return [f"{start}: {names}." for start, names in titles.items() if names]


def write_none(reason: str) -> None:
    """Write that there is no form to fill in."""
    write_json("metrics/scorecard.json", {LEFT_OUT: [{"which": "", "reason": reason}]})
    write_csv("plots/scorecard.csv", pd.DataFrame(columns=["label", "points"]))
    write_csv("plots/scorecard_scale.csv", pd.DataFrame(columns=["band", "bad_rate"]))
    write_figure("plots/scorecard.png", note_only("There is no scorecard", fill(reason, 100)))


def main(log: logging.Logger) -> None:
    scale, dictionary = read_params(Params).scorecard, read_dictionary()
    plan, train = check(FeaturePlan, read_json(PLAN), PLAN), read_parquet("data/processed/train.parquet")
    oof = read_parquet(f"data/processed/oof/{SCORECARD}.parquet")
    models, reasons = read_models([SCORECARD])
    if reasons:
        write_none(reasons[SCORECARD])
        log.warning("left out: %s", reasons[SCORECARD])
        return
    model = models[SCORECARD]
    cutoff, fitted = float(model.threshold), model.estimator_
    lowest = scale.lowest_approved(cutoff)

    features, bad, log_odds = train[list(model.feature_names_in_)], train[BAD].to_numpy(), log_odds_of(fitted)
    pds, numbers = model.predict_proba(features)[:, 1], bin_numbers(fitted, features)
    table = points_table(fitted, scale, plan, dictionary, features, bad)
    held_out_bad, held_out_pds = by_applicant(oof)
    bands = bands_of_points(held_out_bad, held_out_pds[0], scale, cutoff)
    lost = rounding(add_up(table, numbers), pds, scale, cutoff)
    ignored, reversed_ = left_out(log_odds), against_their_evidence(log_odds)

    # `dvc exp show` makes a column of every number that stands in no list.
    details = {
        "scale": [{**scale.model_dump(), "factor": scale.factor, "offset": scale.offset, "cutoff_pd": cutoff}],
        "rounding": [lost],
        "left_out": ignored,
        "against_their_evidence": reversed_,
        **example(table, train, numbers, pds, scale, lowest, dictionary),
    }
    write_json("metrics/scorecard.json", {"lowest_approved_points": lowest, **details})
    label = (table["title"] + ": " + table["answer"]).str.removesuffix(": ")
    write_csv("plots/scorecard.csv", table.drop(columns="number").assign(label=label))
    write_csv("plots/scorecard_scale.csv", bands)
    form = draw_form(table, bands, scale, lowest, notes(table, ignored, plan, dictionary))
    write_figure("plots/scorecard.png", form)
    log.info(
        "%d answers to %d questions; approved from %g points on", len(table) - 1, table["feature"].nunique() - 1, lowest
    )
    message = "whole points are %(mean_difference).2f off the exact score, %(largest_difference).2f at most; "
    log.info(message + "%(decisions_that_differ)d of %(n)d decisions differ", lost)
    for name in reversed_:
        log.warning("%s: safer answers get fewer points, for other features say much the same", name)


if __name__ == "__main__":
    run_stage("scorecard", main)
