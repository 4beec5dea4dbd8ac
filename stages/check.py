"""check: what a validator would look at first, each point passed, failed, not decided or not applicable, and why."""

import logging
from typing import Any, Literal

import pandas as pd
from pydantic import ConfigDict

from credit.check import data, decisions, groups, leak, performance, stability
from credit.check.record import FAILED, NOT_APPLICABLE, NOT_DECIDED, PASSED, Check, Limits
from credit.core.columns import BAD
from credit.core.dictionary import Dictionary
from credit.core.levels import levels_of
from credit.core.records import Record
from credit.io.files import read_dictionary, read_json, read_params, read_parquet, write_json
from credit.metrics.decision import Cost, Decision
from credit.metrics.out_of_fold import by_applicant
from stages.io.out_of_fold import read_test_by_fold
from stages.io.runner import run_stage


class Eda(Record):
    model_config = ConfigDict(extra="ignore")  # the rest is for another stage

    split: Literal["random", "time"]


class Explain(Record):
    model_config = ConfigDict(extra="ignore")

    tolerance: float


class Fairness(Record):
    model_config = ConfigDict(extra="ignore")

    four_fifths: float


class Params(Record):
    model: str
    decision: Decision
    eda: Eda
    fairness: Fairness
    explain: Explain
    check: Limits


def of_table(train: pd.DataFrame, dictionary: Dictionary, limits: Limits) -> list[Check]:
    """Check what was read and prepared."""
    quality, explored = read_json("metrics/data_quality.json"), read_json("metrics/eda.json")
    return [
        data.few_cells_missing(quality["cells"], dictionary.features, limits.max_missing),
        data.nobody_counted_twice(quality["rows"]),
        data.enough_bads(int(train[BAD].sum()), explored["features_used"], limits.min_bads_per_feature),
    ]


def of_split(train: pd.DataFrame, test: pd.DataFrame, dictionary: Dictionary, limits: Limits, how: str) -> list[Check]:
    """Check the two sides of the split."""
    rows, features = read_json("metrics/data_quality.json")["rows"], dictionary.features
    times = [table[dictionary.time] if dictionary.time else None for table in (train, test)]
    return [
        data.nobody_on_both_sides(train[features], test[features]),
        stability.features_stable(train[features], test[features], dictionary.names("numeric"), limits.max_psi),
        data.bad_rate_stable(train[BAD].to_numpy(), test[BAD].to_numpy(), limits.max_bad_rate_change),
        data.nobody_lost(rows, len(train), len(test)),
        data.later_applicants_tested(*times, how),
    ]


def of_score(oof: pd.DataFrame, by_fold: pd.DataFrame, scored: pd.DataFrame, limits: Limits) -> list[Check]:
    """Check the PDs; their spread is that of the first repeat, in which each applicant stands once."""
    bad, pds = by_applicant(oof)
    samples = {"out of fold": (bad, pds), "test": (scored[BAD].to_numpy(), scored["pd"].to_numpy()[None])}
    estimates = pd.DataFrame(read_json("metrics/evaluation.json")["performance"])
    return [
        performance.little_gap(estimates, limits.max_auc_change),
        performance.calibrated(samples, limits.max_miscalibration, limits.max_slope_off),
        stability.score_stable(pds[0], by_fold["pd"].to_numpy(), limits.max_psi),
        performance.better_than_chance(estimates, limits.min_auc),
        performance.not_too_good(estimates, limits.max_auc),
        performance.little_overfitting(estimates, limits.max_overfitting),
    ]


def of_features(train: pd.DataFrame, dictionary: Dictionary, limits: Limits) -> list[Check]:
    """Check whether a feature knows the outcome."""
    estimates = pd.DataFrame(read_json("metrics/evaluation.json")["performance"]).set_index(["sample", "metric"])
    levels = {name: levels_of(train[name], dictionary.columns[name]).position for name in dictionary.features}
    model_auc, limited = float(estimates.loc[("out of fold", "auc"), "value"]), (limits.max_iv, limits.max_alone)
    return [leak.no_feature_knows_the_outcome(levels, train[BAD].to_numpy(), model_auc, limited)]


def of_choice(scored: pd.DataFrame, cost: Cost, tolerance: float, limits: Limits) -> list[Check]:
    """Check the cutoff, the family, and whether its PDs move as they should."""
    evaluation, selection = read_json("metrics/evaluation.json"), read_json("metrics/selection.json")
    family, ranking = evaluation["estimator"], pd.DataFrame(selection["ranking"])
    rejected = (scored["pd"] >= evaluation["threshold"]).to_numpy()
    return [
        decisions.cutoff_cheaper(scored[BAD].to_numpy(), rejected, cost),
        decisions.family_not_behind(ranking[ranking["metric"] == selection["ranked_by"]], family, limits.max_behind),
        decisions.moves_as_expected(read_json("metrics/explanation.json")["monotonicity"], family, tolerance),
    ]


def of_groups(four_fifths: float) -> list[Check]:
    """Check how protected groups are decided on."""
    fairness = read_json("metrics/fairness.json")
    return [groups.groups_large_enough(fairness["groups"]), groups.four_fifths(fairness["comparisons"], four_fifths)]


def summary(checks: list[Check]) -> dict[str, Any]:
    """Count the results, and give the checks in the order of their codes."""
    results = [check.result for check in checks]
    return {
        "passed": results.count(PASSED),
        "failed": results.count(FAILED),
        "not_decided": results.count(NOT_DECIDED),
        "not_applicable": results.count(NOT_APPLICABLE),
        "checks": [check.as_record() for check in sorted(checks)],
    }


def report(log: logging.Logger, checks: list[Check]) -> None:
    """Log every check in its own line; a failed one is a warning, for the report is the point."""
    for check in sorted(checks):
        level = logging.WARNING if check.result == FAILED else logging.INFO
        log.log(level, "%s %s: %s; %s", check.code, check.title, check.result, check.reason)


def main(log: logging.Logger) -> None:
    params, dictionary = read_params(Params), read_dictionary()
    limits = params.check
    train, test = read_parquet("data/processed/train.parquet"), read_parquet("data/processed/test.parquet")
    oof = read_parquet(f"data/processed/oof/{params.model}.parquet")
    by_fold = read_test_by_fold(params.model)
    scored = read_parquet("data/processed/test_pds.parquet")

    checks = [
        *of_table(train, dictionary, limits),
        *of_split(train, test, dictionary, limits, params.eda.split),
        *of_score(oof, by_fold, scored, limits),
        *of_features(train, dictionary, limits),
        *of_choice(scored, params.decision.cost, params.explain.tolerance, limits),
        *of_groups(params.fairness.four_fifths),
    ]
    write_json("metrics/checks.json", summary(checks))
    report(log, checks)


if __name__ == "__main__":
    run_stage("check", main)
