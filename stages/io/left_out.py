"""Families that cannot be fitted to these applicants: what stands in place of their results, and who reads it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from credit.core.errors import LeftOutError
from credit.io.files import LEFT_OUT, read_model, write_json, write_no_model, write_parquet

NAMED = 3  # reasons, in one line
NOBODY = {"fold": [], "line": [], "bad": [], "pd": []}


def read_models(families: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the models of families, by family; and of those that are left out the reasons, by family."""
    models, reasons = {}, {}
    for family in families:
        try:
            models[family] = read_model(f"models/{family}.joblib")
        except LeftOutError as error:
            reasons[family] = error.reason
    return models, reasons


def write_left_out(family: str, parts: Sequence[Mapping[str, Any]]) -> None:
    """Write that a family is left out, in place of its model, PDs and metrics.

    Parameters
    ----------
    parts : which of its parts (candidates, members) cannot be used, and the reason; a record each.
    """
    reasons = list(dict.fromkeys(part["reason"] for part in parts))
    more = [f"{len(reasons) - NAMED} more reasons in metrics/train/{family}.json"] if len(reasons) > NAMED else []
    write_no_model(f"models/{family}.joblib", "; ".join(reasons[:NAMED] + more))
    for kind in ("oof", "test_by_fold"):
        write_parquet(f"data/processed/{kind}/{family}.parquet", pd.DataFrame(NOBODY))
    write_json(f"metrics/train/{family}.json", {LEFT_OUT: parts})
