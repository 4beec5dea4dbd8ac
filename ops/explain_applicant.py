"""Why was this applicant approved or rejected, and what would have turned it: `python -m ops.explain_applicant`.

`--line 17` explains the applicant on that line of the lender's file, `--applicant file.json` one who is described
there by the data dictionary's names and codes. Exit code 0 if there is an answer, 1 if something is not as it must be,
2 for wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from credit.cells import INVALID, read_cells
from credit.columns import BAD, LINE
from credit.dictionary import Dictionary
from credit.errors import InputError
from credit.explanation import explain
from credit.split import stratified_sample
from stages.explain import Params
from stages.files import read_dictionary, read_json, read_params, read_parquet

TRAIN, TEST = "data/processed/train.parquet", "data/processed/test.parquet"


def applicant_on(line: str, train: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Find the applicant on a line of the lender's file, and say which part of the applicants that is."""
    for table, part in ((read_parquet(TEST), "a test applicant"), (train, "one of those the model was fitted to")):
        found = table[table[LINE].astype(str) == line]
        if len(found):
            return found.iloc[[0]], part
    raise InputError(
        f"--line: expected a line of an applicant in {TRAIN} or {TEST}, got {line}; "
        "rows not used and repeats of an applicant are not there"
    )


def applicant_in(path: Path, features: Sequence[str], dictionary: Dictionary) -> pd.DataFrame:
    """Read the description of an applicant: a value or code for each of a model's columns, null where not known."""
    described = read_json(path)
    if not isinstance(described, dict):
        raise InputError(f"{path}: expected a JSON object of columns and values, got a {type(described).__name__}")
    if unknown := [name for name in described if name not in dictionary.features]:
        raise InputError(f"{path}: unknown column {unknown[0]!r}; expected {', '.join(dictionary.features)}")
    if missing := [name for name in features if name not in described]:
        raise InputError(f"{path}: {missing[0]!r} is missing; null says that it is not known")
    return pd.DataFrame({name: read_value(path, name, described[name], dictionary) for name in features})


def read_value(path: Path, name: str, value: Any, dictionary: Dictionary) -> pd.Series:
    """Read a column's value as `prepare` does, and refuse one that the dictionary does not allow."""
    column = dictionary.columns[name]
    if isinstance(value, bool | list | dict):
        raise InputError(f"{path}: {name!r} must be a number, text or null, got {json.dumps(value)}")
    values, kinds = read_cells(pd.Series(["" if value is None else str(value)], dtype="str"), column)
    if kinds.iloc[0] in INVALID:
        allowed = "a number"
        if column.codes:
            allowed = f"one of {', '.join(map(str, column.codes))}"
        elif column.range:
            allowed = f"{column.range[0]:g}-{column.range[1]:g} {column.unit}".rstrip()
        raise InputError(f"{path}: {name!r} must be {allowed}, got {json.dumps(value)}")
    return values


def report(record: dict[str, Any], part: str) -> list[str]:
    """Say in words what the record of `explain` says, in percentage points of the PD."""
    compared = record["compared_with"]
    who = "" if compared["who"] == "all" else f"{compared['who']} "
    names = [f"{reason['title']}: {reason['value']}" for reason in record["reasons"]]
    rows = list(zip(names, [reason["contribution"] for reason in record["reasons"]], strict=True))
    rows += [("all other attributes", record["other_attributes"])]
    rows += [("protected attributes, all together", record["protected_attributes"])]
    first, last = f"mean PD of {compared['n']:,} {who}training applicants", "PD of this applicant"
    width = max(len(name) for name in [first, last, *(name for name, _ in rows)])
    return [
        f"{record['decision']}: PD {record['pd']:.1%}, rejected from {record['cutoff']:.1%} on ({part})",
        "",
        f"{first:<{width}}  {100 * compared['mean_pd']:6.1f} %",
        *(f"{name:<{width}}  {100 * contribution:+6.1f}" for name, contribution in rows),
        f"{last:<{width}}  {100 * record['pd']:6.1f} %",
        "",
        *advice(record),
    ]


def advice(record: dict[str, Any]) -> list[str]:
    """Say which smallest change would have led to an approval."""
    if record["decision"] == "approved":
        return ["nothing needs to change"]
    change, tried = record["smallest_change"], record["variants_tried"]
    if change is None:
        return [f"no change leads to an approval, of {tried:,} that were tried of what an applicant can change"]
    return [
        f"approved, with a PD of {change['pd']:.1%}, if all else stayed as it is and",
        *(f"  {part['title']} were {part['to']} instead of {part['from']}" for part in change["changes"]),
    ]


def run(options: argparse.Namespace) -> None:
    """Read, explain, print."""
    params, dictionary = read_params(Params), read_dictionary()
    model = joblib.load(f"models/{options.model}.joblib")
    train = read_parquet(TRAIN)
    if options.line is not None:
        applicant, part = applicant_on(options.line, train)
    else:
        features = list(model.feature_names_in_)
        applicant, part = applicant_in(options.applicant, features, dictionary), str(options.applicant)
    rows = stratified_sample(train[BAD].to_numpy(), params.explain.max_rows, params.seed)
    record = explain(model, applicant, train.iloc[rows], dictionary, seed=params.seed)
    record["applicant"] = part
    text = json.dumps(record, indent=2, ensure_ascii=False) if options.json else "\n".join(report(record, part))
    print(text)


def main(arguments: Sequence[str]) -> None:
    """Explain an applicant; a failure ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.explain_applicant", description="explain a decision")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--line", metavar="LINE", help="of the lender's file; in a folder FILE:LINE")
    who.add_argument(
        "--applicant", type=Path, metavar="FILE", help="JSON: a value or code by column, null if not known"
    )
    parser.add_argument("--model", default="best", metavar="NAME", help="best, or a family (default: best)")
    parser.add_argument("--json", action="store_true", help="for programs; PDs and contributions in [0, 1]")
    options = parser.parse_args(arguments)
    try:
        run(options)
    except InputError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"{error.filename}: {error.strerror}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
