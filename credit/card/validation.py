"""The card's account of how the whole procedure was validated, where that was done."""

from collections.abc import Iterator, Mapping

from credit.card.evidence import Evidence, Values
from credit.card.markdown import estimate, exact, table
from credit.core.families import FAMILIES
from credit.core.wording import METRIC_TITLES, RULE_TITLES

CHOSEN = "chosen"  # what the file calls the procedure with its choice
COMPARED = ("auc", "brier", "cost")
DONE = (
    "Cross-validation around all of it: in every fold, settings, calibration, cutoff and the choice among the families "
    "were made anew from the other applicants, and the result judged on those held out. *As chosen* is the procedure "
    "with its choice: what to expect of a model made like this one. Made by `make validate`, which takes long and "
    "stands outside the graph: it is of the data named below, and of the program at its own commit "
    "(`git log metrics/validation.json`)."
)
CURRENT = "It was made with the settings of `params.yaml` and the data dictionary that this card is made with."
OUTDATED = (
    "**Outdated: made with other settings than those of today's `params.yaml` and data dictionary. They differ in "
    "{names}. Run `make validate` again.**"
)
NOT_DONE = (
    "`metrics/validation.json` is not there or is of other data, so the procedure as a whole, choice included, is not "
    "judged here; `make validate` does that."
)


def validation(evidence: Evidence) -> Iterator[str]:
    """Write the results of the procedure as chosen, and of each family beside it; or that there are none."""
    validated = evidence.validation
    if validated is None:
        yield NOT_DONE
        return
    yield f"{DONE} {_cut(validated['cut'][0], evidence.params['out_of_fold'])}"
    outdated = ", ".join(f"`{name}`" for name in evidence.outdated)
    yield OUTDATED.format(names=outdated) if outdated else CURRENT
    chosen = [record for record in validated["estimates"] if record["family"] == CHOSEN]
    rows = [[METRIC_TITLES[record["metric"]], estimate(record)] for record in chosen]
    yield table(["", f"as chosen (n = {exact(chosen[0]['n'])})"], rows)
    metrics = [METRIC_TITLES[metric] for metric in COMPARED]
    yield table(["always this", *metrics, "AUC less that as chosen", "folds chosen in"], _families(validated))


def _cut(validated: Values, graph: Values) -> str:
    return (
        f"There are {exact(validated['repeats'])} x {exact(validated['folds'])} folds. Inside each the families are "
        f"compared on {exact(validated['judged_repeats'])} x {exact(validated['judged_folds'])} folds; the graph "
        f"compares them on {exact(graph['repeats'])} x {exact(graph['folds'])}."
    )


def _families(validated: Values) -> Iterator[list[str]]:
    """Write a row for each family, and one for what the rule that is not in use would have chosen."""
    estimates, differences = _by_key(validated["estimates"]), _by_key(validated["differences"])
    others = list(dict.fromkeys(record["family"] for record in validated["differences"]))
    choices = {record["family"]: record["folds"] for record in validated["choices"] if record.get("rule") not in others}
    for name in others:
        yield [
            RULE_TITLES[name] if name in RULE_TITLES else FAMILIES[name].title,
            *(estimate(estimates[name, metric]) for metric in COMPARED),
            estimate(differences[name, "auc"], "difference"),
            exact(choices[name]) if name in choices else "none" if name in FAMILIES else "",
        ]


def _by_key(records: list[Values]) -> Mapping[tuple[str, str], Values]:
    return {(record["family"], record["metric"]): record for record in records}
