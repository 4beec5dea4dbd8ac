"""The whole card, and its beginning: what the system is, in a table, and what it is meant for."""

from credit.card.development import development
from credit.card.evidence import NO_WORDS, Evidence
from credit.card.functioning import functioning
from credit.card.markdown import bullets, estimate, exact, number, percent, plain, section, table
from credit.card.risks import count_words, metrics_and_risks, origin
from credit.core.families import FAMILIES
from credit.core.intervals import LEVEL
from credit.core.wording import first_of

CODES_NAMED = 40  # of a column
INTERVAL = f"{LEVEL * 100:g} %"
NOTE = (
    "*Written by the stage `card` of this repository from the files of its run, and not by hand; every number comes "
    "from them. Headings follow Annex IV of Regulation (EU) 2024/1689 where they apply; this is not a statement of "
    "conformity.*"
)
READING = (
    "**How to read it.** PD is the probability of default: that an applicant turns out bad. *Test* applicants were "
    "set aside before anything was looked at. *Out of fold* means that a training applicant's PD comes from a model "
    f"fitted without that applicant. Square brackets hold {INTERVAL} intervals, and n is the number of applicants "
    "behind a figure: the fewer, the wider the interval."
)


def model_card(evidence: Evidence) -> str:
    """Write the model card as Markdown, every number of it from `evidence`."""
    title = "# Model card: probability of default of loan applicants"
    parts = (_in_short, _general_description, development, functioning, metrics_and_risks, origin)
    return section(title, NOTE, READING, *(part(evidence) for part in parts)) + "\n"


def _general_description(evidence: Evidence) -> str:
    about = evidence.about
    purpose, limits = (about.purpose, bullets(about.not_for)) if about else (NO_WORDS, "")
    cutoff = number(evidence.evaluation["threshold"])
    output = (
        f"For each applicant it gives a PD, from zero to one, and a proposal: reject at a PD of {cutoff} or "
        "more, approve below. It proposes; a person decides. The model is a `.joblib` file of library classes only, "
        "read with joblib (the README shows how). A `.joblib` file can run code when it is read: take it only from a "
        "place you trust."
    )
    return section(
        "## General description of the system",
        section("### Intended purpose", purpose),
        section("### Not intended for, and limits of use", limits) if limits else "",
        section("### What goes in", _inputs(evidence)),
        section("### What comes out", output),
    )


def _in_short(evidence: Evidence) -> str:
    evaluation, checks, performance = evidence.evaluation, evidence.checks, evidence.measured("test", "auc")
    cost, about, chosen = evidence.params["decision"]["cost"], evidence.about, evidence.selection["chosen"]
    why = "chosen among the families compared below"
    if evaluation["estimator"] != chosen:
        why = f"which was asked for; the chosen family is {FAMILIES[chosen].title}"
    failed = [f"{check['title']} ({check['code']})" for check in checks["checks"] if check["result"] == "failed"]
    rows = {
        "Task": f"the PD of a loan applicant; reject at {number(evaluation['threshold'])} or more",
        "Data": f"{plain(about.title)}; {_sides(evidence)}" if about else _sides(evidence),
        "Model": f"{FAMILIES[evaluation['estimator']].title}, {why}",
        "Tells bad from good": f"AUC {estimate(performance, 'value')} on the test applicants (n = {performance['n']}); "
        "a coin has a half, perfection one",
        "Cost": f"{estimate(evidence.measured('test', 'cost'), 'value')} per test applicant, where approving a bad one "
        f"costs {exact(cost['accept_bad'])} and rejecting a good one {exact(cost['reject_good'])}",
        "Checks": count_words(checks),
        "Failed checks": "; ".join(failed) if failed else "none",
    }
    return section("## In short", table(["", ""], [[f"**{name}**", text] for name, text in rows.items()]))


def _sides(evidence: Evidence) -> str:
    explored = evidence.explored
    return (
        f"{exact(explored['train_rows'])} training applicants ({percent(explored['train_bad_rate'])} bad) and "
        f"{exact(explored['test_rows'])} test applicants ({percent(explored['test_bad_rate'])} bad)"
    )


def _inputs(evidence: Evidence) -> str:
    rows = []
    for name in evidence.dictionary.features:
        column = evidence.dictionary.columns[name]
        if column.range:
            values = f"{exact(column.range[0])} to {exact(column.range[1])} {column.unit}".rstrip()
        else:
            values = "; ".join(map(plain, first_of(list((column.codes or {}).values()), CODES_NAMED))) or "any text"
        notes = {
            "protected": column.protected,
            "left out": name in evidence.plan["dropped"],
            "the applicant can change it": column.actionable,
            f"PD expected {column.monotonicity} along it": column.monotonicity,
        }
        note = "; ".join(words for words, holds in notes.items() if holds)
        rows.append([f"`{name}`", plain(column.label), column.role, values, note])
    return table(["column", "what it is", "kind", "values", "note"], rows)
