"""fairness: how one model decides on protected groups, on out-of-fold PDs."""

import logging
from typing import Any

import pandas as pd

from credit.core.columns import LINE
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.levels import MISSING
from credit.core.records import Record
from credit.core.wording import estimate_text
from credit.fairness.figure import draw_groups
from credit.fairness.groups import Fairness, groups_of
from credit.fairness.rates import BELOW, NOBODY, TOO_FEW, compare_groups, rates_by_group
from credit.io.files import read_dictionary, read_json, read_params, read_parquet, write_csv, write_figure, write_json
from stages.io.runner import run_stage

EVERYBODY = "all applicants"
NOTES = (
    "PDs are out of fold. The cutoff was chosen on them, so rates of wrong decisions are slightly optimistic.",
    "Rates are means over the repeats, and n counts applicants. Intervals are at 95 %, one by one, and take the PDs as "
    "given: they do not allow for fitting anew.",
    "The group with the highest approval rate is picked after the fact; this lowers the ratios of the others a little.",
    "A difference is not yet a wrong: the groups' bad rates differ as well. See bad_rate and observed_minus_expected.",
)


class Params(Record):
    model: str
    fairness: Fairness


def check_cuts(groups: dict[str, pd.Series], cut: dict[str, tuple[float, ...]]) -> None:
    """Refuse cuts of numbers that part nobody, for then nothing would be compared."""
    for name in set(cut) & set(groups):
        observed = groups[name][groups[name] != MISSING]
        if observed.nunique() == 1:
            raise InputError(
                f"params.yaml: 'fairness.cut.{name}' must part the applicants, got {list(cut[name])}: "
                f"all of them are in one group, {observed.iloc[0]}"
            )


def groupings(train: pd.DataFrame, dictionary: Dictionary, cut: dict[str, tuple[float, ...]]) -> dict[str, pd.Series]:
    """Name every training applicant's group, by protected column; the index is the applicants' lines."""
    by_line = train.set_index(LINE)
    return {
        name: groups_of(by_line[name], dictionary.columns[name], cut.get(name, ()))
        for name in dictionary.features
        if dictionary.columns[name].protected
    }


def examine(
    decided: pd.DataFrame, groups: dict[str, pd.Series], settings: Fairness
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the rates of all applicants and of every group, and the comparisons; the first column names the column."""
    limits = {name: getattr(settings, name) for name in ("min_group_size", "min_bads", "min_goods")}
    rates = [rates_by_group(decided.assign(group=EVERYBODY), **limits)]
    comparisons = [compare_groups(rates[0], four_fifths=settings.four_fifths)]
    for labels in groups.values():
        rates.append(rates_by_group(decided.assign(group=labels.loc[decided[LINE]].array), **limits))
        comparisons.append(compare_groups(rates[-1], four_fifths=settings.four_fifths))
    keys = {"keys": ["", *groups], "names": ["column"]}
    return tuple(
        pd.concat(parts, **keys).reset_index("column").reset_index(drop=True) for parts in (rates, comparisons)
    )


def summary(basis: dict[str, Any], rates: pd.DataFrame, comparisons: pd.DataFrame) -> dict[str, Any]:
    """Give two numbers for `dvc exp show`, and what they rest on."""
    judged = comparisons[(comparisons["metric"] == "approval_ratio") & ~comparisons["verdict"].isin([TOO_FEW, NOBODY])]
    return {
        "lowest_approval_ratio": judged["value"].min(),
        "groups_below_four_fifths": int((judged["verdict"] == BELOW).sum()),
        "basis": [basis],
        "notes": NOTES,
        "groups": rates.to_dict("records"),
        "comparisons": comparisons.to_dict("records"),
    }


def report(log: logging.Logger, comparisons: pd.DataFrame) -> None:
    """Log the four-fifths ratios."""
    for row in comparisons[comparisons["metric"] == "approval_ratio"].itertuples():
        compared = ""
        if row.against:
            compared = f"over those of {row.against} {estimate_text(row.value, row.low, row.high, digits=2)}, "
        because = f" ({row.reason})" if row.reason else ""
        log.info("%s: %s: approvals %sn = %d: %s%s", row.column, row.group, compared, row.n, row.verdict, because)


def warn(log: logging.Logger, dictionary: Dictionary, cut: dict[str, tuple[float, ...]]) -> None:
    """Log what of the dictionary and of the params is not examined as one may expect."""
    protected = {name: column for name, column in dictionary.columns.items() if column.protected}
    if not protected:
        log.warning("data/dictionary.yaml: no column is protected, so there are no groups to compare")
    numbers = [name for name, column in protected.items() if column.role == "numeric"]
    for name in numbers:
        if name not in cut:
            log.warning("%s is cut at its median; params.yaml: 'fairness.cut' can say where else, such as %s: [25]",
                        name, name)  # fmt: skip
    for name in sorted(set(cut) - set(numbers)):
        log.warning("params.yaml: 'fairness.cut.%s' has no effect: %s is no protected number", name, name)
    for name in sorted(set(protected) - set(dictionary.features)):
        log.warning("%s is protected but its role is %s, so its groups are not known", name, protected[name].role)


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    dictionary, settings = read_dictionary(), params.fairness
    cutoff = read_json("metrics/evaluation.json")["threshold"]
    oof = read_parquet(f"data/processed/oof/{params.model}.parquet")
    groups = groupings(read_parquet("data/processed/train.parquet"), dictionary, settings.cut)
    check_cuts({name: groups[name] for name in groups if dictionary.columns[name].role == "numeric"}, settings.cut)
    decided = oof.assign(rejected=(oof["pd"] >= cutoff).astype("int64"))
    rates, comparisons = examine(decided, groups, settings)

    applicants = decided[LINE].nunique()
    basis = {"model": params.model, "cutoff": cutoff, "n": applicants, "repeats": len(decided) // applicants}
    write_json("metrics/fairness.json", summary(basis, rates, comparisons))
    everything = pd.concat([rates, comparisons], ignore_index=True)
    who = (everything["column"] + ": " + everything["group"]).str.removeprefix(": ")
    write_csv("plots/fairness.csv", everything.assign(who=who))
    titles = {name: dictionary.title(name) for name in groups}
    write_figure("plots/fairness.png", draw_groups(rates, comparisons, titles, settings.four_fifths))
    warn(log, dictionary, settings.cut)
    report(log, comparisons)


if __name__ == "__main__":
    run_stage("fairness", main)
