"""What the validation of the whole procedure was made of, as digests: where today's are others, it is outdated."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from credit.core.dictionary import Dictionary

# Sections of the params that decide how models are made or what they are validated by.
SECTIONS = (
    "seed",
    "decision",
    "eda",
    "features",
    "search",
    "out_of_fold",
    "calibration",
    "train",
    "blend",
    "select_best",
    "validation",
)
# Of some sections only a part counts. The rest of eda decides about the rows, which have a digest of their own; instead
# of the folds of out_of_fold there are those of validation.
PARTS = {"eda": ("rare_share", "outlier_iqr"), "out_of_fold": ("max_rows",)}
DICTIONARY = "data/dictionary.yaml"
CHARACTERS = 16


def fingerprint(params: Mapping[str, Any], dictionary: Dictionary) -> dict[str, str]:
    """Digest each section of the params, and what models see of the data dictionary: its features' roles and codes.

    Parameters
    ----------
    params : all of `SECTIONS`, as they stand in params.yaml. The order of keys and the way a number is written (5 or
        5.0) do not matter, as they do not to DVC.

    Returns
    -------
    Name of the section, or `DICTIONARY`, -> the first 16 characters of a SHA-256 in hexadecimal.
    """
    parts = {name: params[name] for name in SECTIONS}
    parts |= {name: {key: params[name].get(key) for key in keys} for name, keys in PARTS.items()}
    columns = {name: dictionary.columns[name] for name in dictionary.features}
    parts[DICTIONARY] = [[name, column.role, list(column.codes or ())] for name, column in columns.items()]
    return {name: _digest(part) for name, part in parts.items()}


def changed(made: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Name what has another digest `now` than it was made with, or is in one of the two alone."""
    return [name for name in dict.fromkeys([*now, *made]) if made.get(name) != now.get(name)]


def _digest(value: Any) -> str:
    text = json.dumps(_canonical(value), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:CHARACTERS]


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
