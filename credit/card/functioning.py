"""The card's account of how the model does: results, cutoff, groups of people, and reasons for a PD."""

from collections.abc import Iterator
from itertools import groupby

from credit.card.evidence import Evidence, Values
from credit.card.markdown import estimate, exact, number, percent, plain, section, table
from credit.core.wording import METRIC_TITLES

SAMPLES = ("test", "out of fold", "in-sample")
GAP = (
    "*In-sample* (resubstitution) judges the model on the very applicants it was fitted to. It is there to show "
    "overfitting and is no result. *Out of fold* is the mean of the folds, as in the comparison of families: its "
    "intervals allow for fitting anew, and each fold has the cutoff that was chosen on the others. The other two are "
    "of the saved model at its cutoff."
)
GROUPS = (
    "Decisions on protected groups, on out-of-fold PDs. The ratio is the group's approval rate over that of the group "
    "that is approved most often, of those of the column with enough applicants. A difference is not yet a wrong, and "
    "an equal rate is not yet right: bad rates of the groups differ too. Where there are too few applicants nothing is "
    "claimed."
)
MATTERS = (
    "How much AUC is lost when a feature's values are shuffled among the test applicants (permutation importance). "
    "Where features tell the same, shuffling one of them costs little. Only those whose interval lies above zero are "
    "listed, the most important first."
)
MATTERS_NOTHING = "For no feature does the interval of the AUC lost lie above zero, so none is listed."
EXAMPLES = (
    "Examples from the test applicants: what moves the PD away from the mean PD of those compared with, in percentage "
    "points. Protected features are never given as a reason, and reasons are no causes."
)
NO_GROUPS = "The data dictionary names no protected column, so there are no groups to compare."
IN_WORDS = {"break-even": "break-even, the best if PDs are right"}


def functioning(evidence: Evidence) -> str:
    """Write the part on results, cutoff, groups and reasons."""
    return section(
        "## Monitoring, functioning and control: what it can and cannot do",
        section("### Results", *_results(evidence)),
        section("### Cutoff", *_cutoff(evidence)),
        section("### Groups of people", *_groups(evidence)),
        section("### Reasons for a decision", *_reasons(evidence)),
    )


def _results(evidence: Evidence) -> Iterator[str]:
    header, rows = [""], []
    for sample in SAMPLES:
        of_auc = evidence.measured(sample, "auc")
        header.append(f"{sample} (n = {exact(of_auc['n'])}, {exact(of_auc['bad'])} bad)")
    for metric in dict.fromkeys(row["metric"] for row in evidence.evaluation["performance"]):
        of_samples = [evidence.measured(sample, metric) for sample in SAMPLES]
        rows.append([METRIC_TITLES[metric], *(estimate(record, "value") for record in of_samples)])
    yield table(header, rows)
    yield GAP
    yield "![results on test, out of fold and in-sample](../plots/performance.png)"


def _cutoff(evidence: Evidence) -> Iterator[str]:
    cost = evidence.params["decision"]["cost"]
    yield (
        f"An applicant with a PD of {number(evidence.evaluation['threshold'])} or more is proposed for rejection. "
        f"Approving a bad applicant is taken to cost {exact(cost['accept_bad'])}, rejecting a good one "
        f"{exact(cost['reject_good'])}; with other costs, or in a population with another bad rate, another cutoff is "
        "best, as `plots/cutoff.png` shows."
    )
    rows = []
    for name, records in groupby(evidence.cutoff["cutoffs"], key=lambda record: record["which"]):
        by_metric = {record["metric"]: record for record in records}
        figures = [estimate(by_metric[metric]) for metric in ("approved", "bad_rate_approved", "cost")]
        rows.append([IN_WORDS.get(name, plain(name)), number(by_metric["cost"]["cutoff"]), *figures])
    n = exact(evidence.cutoff["cutoffs"][0]["n"])
    yield table(["cutoff", "PD", "share approved", "bad rate of the approved", "cost per applicant"], rows)
    yield f"Out of fold, n = {n}."


def _groups(evidence: Evidence) -> Iterator[str]:
    rates = [rate for rate in evidence.fairness["groups"] if rate["column"]]
    if not rates:
        yield NO_GROUPS
        return
    yield GROUPS
    compared = [row for row in evidence.fairness["comparisons"] if row["metric"] == "approval_ratio"]
    ratios = {(row["column"], row["group"]): [estimate(row, "value"), plain(row["verdict"])] for row in compared}
    rows = []
    for (column, group), records in groupby(rates, key=lambda rate: (rate["column"], rate["group"])):
        by_metric = {record["metric"]: record for record in records}
        approval, bad_rate = by_metric["approval_rate"], percent(by_metric["bad_rate"]["value"])
        figures = [exact(approval["n"]), bad_rate, estimate(approval, "value")]
        rows.append([f"`{column}`: {plain(group)}", *figures, *ratios.get((column, group), ["compared with", ""])])
    yield table(["group", "n", "bad rate", "approval rate", "ratio", "against four fifths"], rows)


def _reasons(evidence: Evidence) -> Iterator[str]:
    rows = [
        [plain(row["title"]), estimate(row, "importance"), exact(row["n"])]
        for row in evidence.explanation["importance"]
        if row["metric"] == "auc" and (row["low"] or 0) > 0
    ]
    yield MATTERS if rows else MATTERS_NOTHING
    if rows:
        yield table(["feature", "AUC lost without it", "n"], rows)
    examples = []
    for example in evidence.explanation["examples"]:
        others, reasons = example["compared_with"], "; ".join(map(_reason, example["reasons"]))
        compared = f"{number(others['mean_pd'])} ({plain(others['who'])}, n = {exact(others['n'])})"
        examples.append([plain(example["example"]), number(example["pd"]), compared, reasons])
    if examples:
        yield EXAMPLES
        yield table(["example", "PD", "mean PD compared with", "reasons"], examples)


def _reason(reason: Values) -> str:
    moved = 100 * reason["contribution"]
    against = ", against expectation" if reason["against_expectation"] else ""
    return f"{plain(reason['title'])}: {plain(reason['value'])} ({'+' if moved > 0 else ''}{number(moved, 1)}{against})"
