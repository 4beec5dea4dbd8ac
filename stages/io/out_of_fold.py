"""What is found out about a family from its out-of-fold PDs, and how that is written."""

import logging
from collections.abc import Iterable
from typing import Any

import pandas as pd

from credit.core.errors import InputError
from credit.core.intervals import cross_validated
from credit.io.files import DIGITS, read_parquet, write_json, write_parquet
from credit.metrics.decision import Decision, choose_cutoff
from credit.metrics.metrics import by_fold
from credit.metrics.out_of_fold import held_out_share

JUDGED_BY = ("auc", "brier", "cost")


def cutoff_of(oof: pd.DataFrame, decision: Decision, log: logging.Logger) -> float:
    """Choose the cutoff that is saved with a model; warn where it decides the same of all."""
    cutoff = round(choose_cutoff(oof, decision), DIGITS)
    least, most = oof["pd"].min(), oof["pd"].max()
    if not least < cutoff <= most:
        log.warning("the cutoff is %.3f: it %s everyone", cutoff, "rejects" if cutoff <= least else "accepts")
    return cutoff


def read_oof(families: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Read the out-of-fold PDs of families, by family.

    Raises
    ------
    InputError
        They were not judged on the same folds.
    """
    oof = {family: read_parquet(f"data/processed/oof/{family}.parquet") for family in families}
    (first, reference), *others = oof.items()
    for family, table in others:
        if not table[["fold", "line", "bad"]].equals(reference[["fold", "line", "bad"]]):
            raise InputError(
                f"data/processed/oof/{family}.parquet: expected the folds of {first}, got others; train it anew"
            )
    return oof


def read_test_by_fold(family: str) -> pd.DataFrame:
    """Read the PDs that models of folds give the test applicants: columns fold, line, pd, a row an applicant."""
    return read_parquet(f"data/processed/test_by_fold/{family}.parquet")


def write_test_by_fold(family: str, pds: pd.DataFrame) -> None:
    """Write what `read_test_by_fold` reads."""
    write_parquet(f"data/processed/test_by_fold/{family}.parquet", pds)


def write_oof(
    family: str, oof: pd.DataFrame, cutoff: float, decision: Decision, **lists: list[dict[str, Any]]
) -> dict[str, float]:
    """Write a family's out-of-fold PDs and metrics; gives the mean of each metric.

    Parameters
    ----------
    oof : columns fold, line, bad, pd.
    lists : more that is written among the metrics.
    """
    n, share = oof["line"].nunique(), held_out_share(oof)
    folds = by_fold(oof, decision)[list(JUDGED_BY)]
    estimates = [
        {"metric": name, **cross_validated(folds[name].to_numpy(), share)._asdict(), "n": n} for name in JUDGED_BY
    ]
    # `dvc exp show` makes a column of every number that stands in no list.
    numbers = {f"oof_{row['metric']}": row["mean"] for row in estimates}
    lists = {"estimates": estimates, "folds": folds.to_dict("records"), **lists}
    write_parquet(f"data/processed/oof/{family}.parquet", oof)
    write_json(f"metrics/train/{family}.json", {**numbers, "cutoff": cutoff, **lists})
    return numbers
