"""All that is said of one applicant's decision: the reasons, and the smallest change that would have turned it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from credit.core.dictionary import Dictionary
from credit.core.records import Record
from credit.explain.counterfactual import Counterfactual, smallest_change
from credit.explain.reasons import reasons


class Explain(Record):
    max_rows: Annotated[int, Field(ge=10)]
    repeats: Annotated[int, Field(ge=2)]
    tolerance: Annotated[float, Field(ge=0, lt=1)]


def explain(
    model: Any, applicant: pd.DataFrame, training: pd.DataFrame, dictionary: Dictionary, *, seed: int
) -> dict[str, Any]:
    """Explain a decision as a record for programs, with the words of the data dictionary in it.

    Returns
    -------
    pd, cutoff, decision; compared_with (who, n, mean_pd); reasons (at most four); other_attributes and
    protected_attributes, sums of what the other attributes contribute: mean_pd, the reasons' contributions and these
    two sum to pd. contributions: of every attribute that is not protected. smallest_change, of how many
    variants_tried: null for an approved applicant, and where none approves a rejected one. PDs and contributions are
    shares: 0.01 is a percentage point. One that is against_expectation moves the PD the other way than the dictionary
    expects. `credit.explain.reasons` and `credit.explain.counterfactual` say what they are.
    """
    why = reasons(model, applicant, training, dictionary, seed=seed)

    def named(row: Any) -> dict[str, Any]:
        value = applicant[row.attribute].iloc[0]
        return {
            "attribute": row.attribute,
            "title": dictionary.title(row.attribute),
            "value": dictionary.in_words(row.attribute, value),
            "contribution": row.contribution,
            "standard_error": row.error,
            "against_expectation": row.against,
        }

    counterfactual, variants = None, 0
    if why.rejected:
        counterfactual, variants = smallest_change(model, applicant, training, dictionary)
    return {
        "pd": why.pd,
        "cutoff": why.cutoff,
        "decision": "rejected" if why.rejected else "approved",
        "compared_with": {"who": why.compared_with, "n": why.n, "mean_pd": why.base},
        "reasons": [named(row) for row in why.top.itertuples()],
        "other_attributes": why.others,
        "protected_attributes": why.protected,
        "contributions": [named(row) for row in why.contributions.query("not protected").itertuples()],
        "variants_tried": variants,
        "smallest_change": counterfactual and _in_words(counterfactual, dictionary),
    }


def reason_in_words(reason: Mapping[str, Any], separator: str = " ") -> str:
    """Say which attribute and value a reason is about, and that it goes against expectation if it does."""
    against = " (against expectation)" if reason["against_expectation"] else ""
    return f"{reason['title']}:{separator}{reason['value']}{against}"


def _in_words(counterfactual: Counterfactual, dictionary: Dictionary) -> dict[str, Any]:
    changes = [
        {
            "attribute": name,
            "title": dictionary.title(name),
            "from": dictionary.in_words(name, before),
            "to": dictionary.in_words(name, after),
        }
        for name, before, after in counterfactual.changes
    ]
    return {"changes": changes, "pd": counterfactual.pd, "distance": counterfactual.distance}


def contributions_table(examples: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """List what the PDs of some explained applicants are made of, a row a part, for each: their sum is the PD.

    Parameters
    ----------
    examples : records of `explain`, each with an `example` (its name) and the applicant's `line`.

    Returns
    -------
    example, line, part, contribution (in PD), standard_error (none of sums), label (line and part).
    """
    rows = []
    for record in examples:
        parts = [{"part": "mean PD of those compared with", "contribution": record["compared_with"]["mean_pd"]}]
        parts += [
            {"part": reason_in_words(reason), **{name: reason[name] for name in ("contribution", "standard_error")}}
            for reason in record["reasons"]
        ]
        parts += [
            {"part": part.replace("_", " "), "contribution": record[part]}
            for part in ("other_attributes", "protected_attributes")
        ]
        rows += [{"example": record["example"], "line": record["line"], **part} for part in parts]
    table = pd.DataFrame(rows, columns=["example", "line", "part", "contribution", "standard_error"])
    return table.assign(label=[f"line {row.line}: {row.part}" for row in table.itertuples()])
