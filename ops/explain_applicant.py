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

import pandas as pd

from credit.core.columns import BAD, LINE
from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.records import Record, Seed
from credit.core.split import stratified_sample
from credit.core.wording import percent
from credit.explain.explanation import Explain, explain, reason_in_words
from credit.io.files import read_dictionary, read_model, read_params, read_parquet
from ops.applicant_file import read_applicant

TRAIN, TEST = "data/processed/train.parquet", "data/processed/test.parquet"
INDETERMINATE, NO_OUTCOME = "data/interim/indeterminate.parquet", "one whose outcome is not known yet"


class Params(Record):
    model: str
    seed: Seed
    explain: Explain


def applicant_on(line: str, train: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Find the applicant on a line of the lender's file, and say which part of the applicants that is."""
    parts = {"a test applicant": TEST, "one of those the model was fitted to": TRAIN, NO_OUTCOME: INDETERMINATE}
    for part, path in parts.items():
        table = train if path == TRAIN else read_parquet(path)
        applicant = table[table[LINE].astype(str) == line]
        if len(applicant):
            return applicant.iloc[[0]], part
    raise InputError(
        f"--line: expected a line of an applicant in {TRAIN} or {TEST}, got {line}; "
        "rows not used and repeats of an applicant are not there"
    )


def without_protected(record: dict[str, Any]) -> dict[str, Any]:
    """Give the PD less what the protected attributes contribute to it, and the decision that would follow."""
    pd_ = min(max(record["pd"] - record["protected_attributes"], 0.0), 1.0)
    return {"pd": pd_, "decision": "rejected" if pd_ >= record["cutoff"] else "approved"}


def caveats(record: dict[str, Any]) -> list[str]:
    """Say what the model does not know of this applicant, and whether protected attributes tip the decision."""
    lines, unknown = [], []
    for part in record["not_known"]:
        lacking = f"{part['training_without']:,} of {part['training']:,} training applicants lack it"
        unknown.append(f"{part['attribute']} ({lacking})")
    if unknown:
        lines.append(f"not known: {', '.join(unknown)}; the model judges without: let a person look at it")
    if never := [f"{part['attribute']} ({part['value']})" for part in record["never_seen"]]:
        lines.append(
            f"no training applicant has: {', '.join(never)}; the model has nothing to go by there: "
            "let a person look at it"
        )
    without = record["without_protected_attributes"]
    if without["decision"] != record["decision"]:
        side = "below" if without["decision"] == "approved" else "not below"
        lines.append(
            f"without what its protected attributes add, the PD would be {percent(without['pd'])}, {side} the cutoff: "
            "let a person look at it"
        )
    return lines


def report(record: dict[str, Any], part: str) -> list[str]:
    """Say in words what the record of `explain` says, in percentage points of the PD."""
    compared = record["compared_with"]
    who = "" if compared["who"] == "all" else f"{compared['who']} "
    rows = [(reason_in_words(reason), reason["contribution"]) for reason in record["reasons"]]
    rows.append(("all other attributes", record["other_attributes"]))
    rows.append(("protected attributes, all together", record["protected_attributes"]))
    first, last = f"mean PD of {compared['n']:,} {who}training applicants", "PD of this applicant"
    width = max(map(len, [first, last, *dict(rows)]))
    return [
        f"{record['decision']}: PD {percent(record['pd'])}, rejected from {percent(record['cutoff'])} on ({part})",
        *caveats(record),
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
    change, variants = record["smallest_change"], record["variants_tried"]
    if change is None:
        return [f"no change leads to an approval, of {variants:,} that were tried of what an applicant can change"]
    return [
        f"approved, with a PD of {percent(change['pd'])}, if all else stayed as it is and",
        *(f"  {part['title']} were {part['to']} instead of {part['from']}" for part in change["changes"]),
    ]


def run(options: argparse.Namespace) -> None:
    """Read, explain, print."""
    params, dictionary = read_params(Params), read_dictionary()
    model = read_model(f"models/{options.model}.joblib")
    train = read_parquet(TRAIN)
    features = list(model.feature_names_in_)
    if options.line is not None:
        applicant, part = applicant_on(options.line, train)
    else:
        applicant, part = read_applicant(options.applicant, features, dictionary), str(options.applicant)
    rows = stratified_sample(train[BAD].to_numpy(), params.explain.max_rows, params.seed)
    record = explain(model, applicant, train.iloc[rows], dictionary, seed=params.seed)
    record["applicant"] = part
    record["not_known"] = [
        {"attribute": name, "training_without": int(train[name].isna().sum()), "training": len(train)}
        for name in features
        if applicant[name].isna().iloc[0]
    ]
    record["never_seen"] = [
        {"attribute": name, "value": dictionary.in_words(name, value)}
        for name, value in applicant[features].iloc[0].dropna().items()
        if dictionary.columns[name].role != "numeric" and not (train[name] == value).any()
    ]
    record["without_protected_attributes"] = without_protected(record)
    text = json.dumps(record, indent=2, ensure_ascii=False) if options.json else "\n".join(report(record, part))
    print(text)


def main(arguments: Sequence[str]) -> None:
    """Explain an applicant; a failure ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.explain_applicant", description="explain a decision")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--line", metavar="LINE", help="of the lender's file; in a folder FILE:LINE")
    described = "JSON: a value or code by column, null if not known"
    who.add_argument("--applicant", type=Path, metavar="FILE", help=described)
    names = ("best", *FAMILIES)
    model = f"one of {', '.join(names)} (default: best)"
    parser.add_argument("--model", default="best", choices=names, metavar="NAME", help=model)
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
