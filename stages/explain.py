"""explain: what one model goes by, and examples of its reasons."""

import logging
from typing import Any

import numpy as np
import pandas as pd

from credit.core.columns import BAD, LINE
from credit.core.dictionary import Dictionary
from credit.core.records import Record, Seed
from credit.core.scorer import scorer
from credit.core.split import stratified_sample
from credit.explain.explanation import Explain, contributions_table, explain
from credit.explain.figure import draw_importance, draw_reasons
from credit.explain.importance import TOO_FEW, permutation_importance
from credit.io.files import (
    read_dictionary,
    read_json,
    read_model,
    read_params,
    read_parquet,
    write_csv,
    write_figure,
    write_json,
)
from stages.io.runner import run_stage


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


def pick_examples(pds: np.ndarray, cutoff: float) -> dict[str, int]:
    """Pick an approved applicant, a close rejection and a clear one, as far as there are any: name -> position."""
    order = np.argsort(pds, kind="stable")
    approved, rejected = order[pds[order] < cutoff], order[pds[order] >= cutoff]
    places = {
        "approved": approved[len(approved) // 2 :][:1],
        "rejected, a close call": rejected[:1],
        "rejected, a clear case": rejected[1:][-1:],
    }
    return {name: int(place[0]) for name, place in places.items() if len(place)}


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

    matters = importance(model, test, dictionary, settings.repeats, seed)
    explained = examples(model, test, train, dictionary, seed)

    write_json(
        "metrics/explanation.json",
        {
            "importance": matters.to_dict("records"),
            "monotonicity": read_json("metrics/monotonicity.json")["monotonicity"],
            "examples": explained,
        },
    )
    write_csv("plots/importance.csv", matters)
    write_csv("plots/reasons.csv", contributions_table(explained))
    write_figure("plots/importance.png", draw_importance(matters))
    write_figure("plots/reasons.png", draw_reasons(explained))
    if matters["importance"].isna().all():
        log.warning("what matters, %d test applicants, %d bad: %s", *matters.loc[0, ["n", "bad"]], TOO_FEW)
        return
    for row in matters[matters["metric"] == "auc"].head(3).itertuples():
        log.info("%s: AUC falls by %.3f [%.3f, %.3f] without it", row.attribute, row.importance, row.low, row.high)


if __name__ == "__main__":
    run_stage("explain", main)
