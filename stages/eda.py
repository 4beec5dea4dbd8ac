"""eda: split off the test applicants, then explore the training applicants and plan their features."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from credit.core.columns import BAD, GROUP
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.levels import levels_of
from credit.core.records import Record, Seed
from credit.core.split import holdout, latest
from credit.core.value_grid import places_of
from credit.core.wording import estimate_text
from credit.eda import bad_rates_figure as bad_rates
from credit.eda import columns_figure as columns
from credit.eda.association import cramers_v, spearman
from credit.eda.information_value import information_value, weight_of_evidence
from credit.eda.profiles import (
    bad_rate_by_level,
    histograms,
    missing_values,
    most_frequent,
    numeric_profile,
    values_beyond_caps,
)
from credit.eda.settings import Eda
from credit.eda.subgroups import conditions_on, strongest_subgroups
from credit.features.plan import FeaturePlan, Features, check_excluded, make_plan
from credit.io.files import (
    read_dictionary,
    read_params,
    read_parquet,
    write_csv,
    write_figure,
    write_json,
    write_parquet,
)
from stages.io.runner import run_stage

PREPARED = Path("data/interim/prepared.parquet")
TRAIN = Path("data/processed/train.parquet")
TEST = Path("data/processed/test.parquet")
PLAN = Path("data/processed/feature_plan.json")
METRICS = Path("metrics/eda.json")
PLOTS = Path("plots/eda")

Tables = dict[str, pd.DataFrame]


class Params(Record):
    seed: Seed
    eda: Eda
    features: Features


def choose_test(prepared: pd.DataFrame, dictionary: Dictionary, params: Params) -> np.ndarray:
    """Mark the test applicants: drawn at random, or the latest; equal rows are never on both sides."""
    groups, bad = prepared[GROUP].to_numpy(), prepared[BAD].to_numpy()
    if params.eda.split == "random":
        return holdout(groups, bad, params.eda.test_share, params.seed)
    if dictionary.time is None:
        raise InputError(
            "params.yaml: 'eda.split' is time: expected a column with the role time in data/dictionary.yaml, got none"
        )
    return latest(groups, bad, prepared[dictionary.time], params.eda.test_share)


def explore(train: pd.DataFrame, dictionary: Dictionary, plan: FeaturePlan, depth: int, seed: int) -> Tables:
    """Compute every table that is written or drawn, by its name."""
    bad = train[BAD]
    levelled = {name: levels_of(train[name], dictionary.columns[name]) for name in dictionary.features}
    evidence = weight_of_evidence(bad_rate_by_level(levelled, bad))
    ordered = dictionary.names("numeric", "ordinal")
    ranks = spearman(pd.DataFrame({name: places_of(train[name], dictionary.columns[name]) for name in ordered}))
    levels = cramers_v({name: levelled[name] for name in dictionary.names("nominal", "ordinal")})
    return {
        "numeric_profile": numeric_profile(train[dictionary.names("numeric")], plan.numeric),
        "missing": missing_values(train[dictionary.features]),
        "bad_rate_by_level": evidence.drop(columns="iv"),
        "information_value": information_value(evidence),
        "associations": pd.concat([ranks.assign(measure="spearman"), levels.assign(measure="cramers_v")]),
        "subgroups": strongest_subgroups(conditions_on(train, dictionary), bad, depth, seed),
    }


def draw(tables: Tables, train: pd.DataFrame, dictionary: Dictionary) -> dict[str, Any]:
    """Draw every picture, by its name."""
    profile, ranked = tables["numeric_profile"], tables["information_value"]
    pairs = tables["associations"]
    of_numbers = train[dictionary.names("numeric")]
    units = {name: column.unit for name, column in dictionary.columns.items()}
    bars = histograms(of_numbers, train[BAD], profile)
    return {
        "numeric_distributions": columns.draw_distributions(bars, profile, units),
        "outliers": columns.draw_outliers(profile, values_beyond_caps(of_numbers, profile), units),
        "bad_rate_by_level": bad_rates.draw_by_level(tables["bad_rate_by_level"], list(ranked["feature"])),
        "missing": columns.draw_missing(tables["missing"]),
        "information_value": columns.draw_information_value(ranked),
        "spearman": columns.draw_spearman(pairs[pairs["measure"] == "spearman"]),
        "cramers_v": columns.draw_cramers_v(pairs[pairs["measure"] == "cramers_v"]),
        "subgroups": bad_rates.draw_subgroups(tables["subgroups"]),
    }


def headline(train: pd.DataFrame, test: pd.DataFrame, plan: FeaturePlan, tables: Tables) -> dict[str, Any]:
    """Pick the few numbers that `dvc exp show` lists."""
    missing, ranked = tables["missing"], tables["information_value"]
    return {
        "train_rows": len(train),
        "test_rows": len(test),
        "train_bad_rate": train[BAD].mean(),
        "test_bad_rate": test[BAD].mean(),
        "missing_share": missing["missing"].sum() / missing["n"].sum(),
        "features_used": len(plan.all_features),
        "features_dropped": len(plan.dropped),
        "values_beyond_caps": int(tables["numeric_profile"]["beyond_caps"].sum()),
        "strongest_iv": ranked["iv"].iloc[0],
        "strongest_subgroup_lift": tables["subgroups"]["lift"].iloc[:1].max(),
    }


def report_times(log: logging.Logger, train: pd.DataFrame, test: pd.DataFrame, time: str) -> None:
    """Log from when to when the applicants of each side are."""
    for side, table in {"train": train, "test": test}.items():
        log.info("%s applicants are from %s to %s", side, table[time].min(), table[time].max())
    if late := int((train[time] >= test[time].min()).sum()):
        log.warning("%d train applicants are as late as test ones: each equals an earlier application", late)
    if without := int(train[time].isna().sum()):
        log.warning("%d applicants without a valid %s are train applicants", without, time)


def report(log: logging.Logger, metrics: dict[str, Any], plan: FeaturePlan, tables: Tables) -> None:
    """Log what a person wants to know first."""
    log.info("train %(train_rows)d rows, bad rate %(train_bad_rate).4f; "
             "test %(test_rows)d rows, bad rate %(test_bad_rate).4f", metrics)  # fmt: skip
    values = tables["information_value"]
    strongest = values[values["iv"] > values["iv_by_chance"]].head(5).itertuples()
    listed = ", ".join(f"{row.feature} {row.iv:.3f}" for row in strongest) or "none is beyond what chance gives"
    log.info("strongest by information value: %s", listed)
    for row in tables["subgroups"].head(1).itertuples():
        subgroup = f"{row.subgroup}: bad rate {estimate_text(row.bad_rate, row.low, row.high)}, n = {row.n}"
        log.info("strongest subgroup: %s", subgroup)
    rare = {name: len(levels.rare) for name, levels in plan.nominal.items() if levels.rare}
    kinds = f"{len(plan.numeric)} numeric, {len(plan.nominal)} nominal, {len(plan.ordinal)} ordinal"
    log.info("plan: %s; rare levels: %s; %d values beyond caps", kinds, rare or "none", metrics["values_beyond_caps"])
    for name, levels in plan.many_levels.items():
        log.info("%s: most applicants have one of %d rare levels, which become their bad rates", name, levels)
    for name, reason in plan.dropped.items():
        log.warning("%s is left out: %s", name, reason)


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    dictionary = read_dictionary()
    prepared = read_parquet(PREPARED)
    in_test = choose_test(prepared, dictionary, params)
    train, test = prepared[~in_test].reset_index(drop=True), prepared[in_test].reset_index(drop=True)
    check_excluded(params.features.exclude, dictionary)
    plan = make_plan(
        train, dictionary, params.eda.rare_share, params.eda.outlier_iqr,
        exclude=params.features.exclude, derived=params.features.derived,
    )  # fmt: skip
    tables = explore(train, dictionary, plan, params.eda.subgroup_depth, params.seed)
    metrics = headline(train, test, plan, tables)
    write_parquet(TRAIN, train)
    write_parquet(TEST, test)
    write_json(PLAN, plan)
    # `dvc exp show` makes a column of every number that stands in no list.
    write_json(METRICS, {**metrics, "information_value": tables["information_value"].to_dict("records")})
    for name, figure in draw(tables, train, dictionary).items():
        write_figure(PLOTS / f"{name}.png", figure)
    few = weight_of_evidence(most_frequent(tables["bad_rate_by_level"])).drop(columns="iv")
    for name, table in (tables | {"bad_rate_by_level": few}).items():
        write_csv(PLOTS / f"{name}.csv", table)
    report(log, metrics, plan, tables)
    if params.eda.split == "time":
        report_times(log, train, test, dictionary.time)


if __name__ == "__main__":
    run_stage("eda", main)
