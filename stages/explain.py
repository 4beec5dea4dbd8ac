"""explain: what one model goes by, examples of its reasons, and whether every family's PDs move as they should."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from credit.core.columns import BAD, LINE
from credit.core.dictionary import Dictionary
from credit.core.families import FAMILIES
from credit.core.records import Record, Seed
from credit.core.split import stratified_sample
from credit.explain.explanation import Explain, contributions_table, explain
from credit.explain.importance import permutation_importance
from credit.explain.importance_figure import draw_importance
from credit.explain.monotonicity import check_direction, conditional_pds
from credit.explain.monotonicity_figure import draw_directions, draw_violations
from credit.explain.reasons import scorer
from credit.explain.reasons_figure import draw_reasons
from credit.explain.value_grid import value_grid
from credit.io.files import read_dictionary, read_model, read_params, read_parquet, write_csv, write_figure, write_json
from stages.io.runner import run_stage

PLOTS = Path("plots")
CHECKED = (
    "attribute title expected family checked n share low high median largest average average_low average_high start end"
).split()


class Params(Record):
    model: str
    seed: Seed
    explain: Explain


def importance(model: Any, test: pd.DataFrame, dictionary: Dictionary, repeats: int, seed: int) -> pd.DataFrame:
    """Permutation importance of a model's attributes, the most important first."""
    features, bad = test[list(model.feature_names_in_)], test[BAD].to_numpy()
    table = permutation_importance(scorer(model), features, bad, repeats=repeats, seed=seed)
    table.insert(1, "title", table["attribute"].map(dictionary.title))
    return table.sort_values(["metric", "importance"], ascending=[True, False], kind="stable")


def directions(
    models: Mapping[str, Any], test: pd.DataFrame, train: pd.DataFrame, dictionary: Dictionary, tolerance: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Move the test applicants along every attribute whose direction is expected, in every family.

    Returns
    -------
    checks : a row an attribute and family, with what `check_direction` finds.
    curves : a row an attribute, family and value, with the average PD of all if they had that value.
    """
    checks, curves = [], []
    for name, column in dictionary.columns.items():
        values = value_grid(train[name], column) if column.expected_pd else []
        words = [dictionary.in_words(name, value) for value in values]
        for family, model in models.items() if len(values) > 1 else ():
            if name not in model.feature_names_in_:
                continue
            pds = conditional_pds(scorer(model), test, name, values)
            about = {"attribute": name, "title": dictionary.title(name), "expected": column.expected_pd}
            found = check_direction(pds, column.expected_pd, tolerance)
            where = {place: words[found[place]] if found["average"] > 0 else "" for place in ("start", "end")}
            checks.append({**about, "family": family, "checked": f"{name}, {family}", **found, **where})
            points = {"order": range(len(values)), "value": values, "words": words, "pd": pds.mean(axis=0)}
            scale = {"coded": bool(column.codes), "unit": column.unit}
            curves.append(pd.DataFrame({**about, **scale, "family": family, **points, "n": len(test)}))
    return pd.DataFrame(checks, columns=CHECKED), pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()


def pick_examples(pds: np.ndarray, cutoff: float) -> dict[str, int]:
    """Pick an approved applicant, a close rejection and a clear one, as far as there are any: name -> position."""
    order = np.argsort(pds, kind="stable")
    approved, rejected = order[pds[order] < cutoff], order[pds[order] >= cutoff]
    picked = {}
    if len(approved):
        picked["approved"] = int(approved[len(approved) // 2])
    if len(rejected):
        picked["rejected, a close call"] = int(rejected[0])
    if len(rejected) > 1:
        picked["rejected, a clear case"] = int(rejected[-1])
    return picked


def examples(model: Any, test: pd.DataFrame, train: pd.DataFrame, dictionary: Dictionary, seed: int) -> list[dict]:
    """Explain a few of the test applicants."""
    pds = scorer(model)(test)
    return [
        {"example": name, "line": test[LINE].iloc[place]}
        | explain(model, test.iloc[[place]], train, dictionary, seed=seed)
        for name, place in pick_examples(pds, float(model.threshold)).items()
    ]


def sample(applicants: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Take at most so many applicants, bads in proportion."""
    return applicants.iloc[stratified_sample(applicants[BAD].to_numpy(), most, seed)]


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    settings, seed, dictionary = params.explain, params.seed, read_dictionary()
    train = sample(read_parquet("data/processed/train.parquet"), settings.max_rows, seed)
    test = sample(read_parquet("data/processed/test.parquet"), settings.max_rows, seed)
    model = read_model(f"models/{params.model}.joblib")
    families = {family: read_model(f"models/{family}.joblib") for family in FAMILIES}

    matters = importance(model, test, dictionary, settings.repeats, seed)
    checks, curves = directions(families, test, train, dictionary, settings.tolerance)
    explained = examples(model, test, train, dictionary, seed)

    write_json(
        "metrics/explanation.json",
        {
            "importance": matters.to_dict("records"),
            "monotonicity": checks.to_dict("records"),
            "examples": explained,
        },
    )
    tables = {"importance": matters, "monotonicity": checks, "reasons": contributions_table(explained)}
    pictures = {
        "importance": draw_importance(matters),
        "monotonicity": draw_violations(checks, settings.tolerance),
        "directions": draw_directions(curves),
        "reasons": draw_reasons(explained),
    }
    for name, table in tables.items():
        write_csv(PLOTS / f"{name}.csv", table)
    for name, figure in pictures.items():
        write_figure(PLOTS / f"{name}.png", figure)
    for row in matters[matters["metric"] == "auc"].head(3).itertuples():
        log.info("%s: AUC falls by %.3f [%.3f, %.3f] without it", row.attribute, row.importance, row.low, row.high)


if __name__ == "__main__":
    run_stage("explain", main)
