"""The table with which `make run` ends: what was chosen and why, how it does, and where the pictures are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from ops.findings import SAMPLES, Estimate, Findings, Ranked, Selection, read_findings

WIDEST = 100
CAPTION = "[ ] 95 % bootstrap interval   * lower is better"
PICTURES = ("plots/*.png", "plots/eda/*.png")
TITLES = {
    "auc": "AUC",
    "gini": "Gini",
    "ks": "KS",
    "f1": "F1",
    "brier": "Brier score *",
    "cost": "cost per applicant *",
}


def summary(findings: Findings, pictures: Mapping[str, int]) -> RenderableType:
    """Lay the findings out; `pictures` maps a pattern to how many files there are of it."""
    return Group(facts(findings, pictures), performance_table(findings.performance))


def facts(findings: Findings, pictures: Mapping[str, int]) -> Table:
    """Say in words what was chosen, why, with which settings, what was evaluated and where to look."""
    selection, evaluation = findings.selection, findings.evaluation
    chosen, evaluated = selection.chosen, evaluation.estimator
    lines = {
        "chosen": f"{FAMILIES[chosen].title}, by {ranked_by(selection)}",
        "why": why(selection, findings.chosen_rank),
        "settings": as_words(findings.settings[chosen]),
    }
    if evaluated != chosen:
        lines["evaluated"] = f"{FAMILIES[evaluated].title}, not the chosen one: params.yaml has model: {evaluated}"
        lines["its settings"] = as_words(findings.settings[evaluated])
    lines["cutoff"] = f"{evaluation.threshold:.3f}: an applicant with this PD or a higher one is rejected"
    lines["pictures"] = ", ".join(f"{pattern} ({count})" for pattern, count in pictures.items())
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for name, line in lines.items():
        grid.add_row(name, Text(line))
    return grid


def ranked_by(selection: Selection) -> str:
    """Name the metric that families were ranked by, and what the chosen one has of it."""
    title = TITLES.get(selection.ranked_by, selection.ranked_by).rstrip(" *")
    for estimate in selection.estimates:
        if estimate.metric == selection.ranked_by:
            interval = f"[{estimate.low:.3f}, {estimate.high:.3f}]"
            return f"{title}: {estimate.mean:.3f} {interval}, mean of folds, n = {estimate.n}"
    return title


def why(selection: Selection, rank: Ranked) -> str:
    """Say why the chosen family was chosen: it leads, or is simpler and within one standard error."""
    if selection.chosen == selection.leader:
        certainty = "more" if selection.lead_is_more_than_noise else "no more"
        return f"leads by {selection.lead:.3f}, which is {certainty} than noise"
    leader = FAMILIES[selection.leader].title
    return (
        f"the simplest within one standard error of the leader: {abs(rank.difference):.3f} behind {leader}, "
        f"standard error {rank.difference_se:.3f}"
    )


def as_words(settings: Mapping[str, Any]) -> str:
    """Write settings as `name value, name value`; names in a list (the members of a blend) as `name value + value`."""
    return ", ".join(f"{name} {_in_words(value)}" for name, value in settings.items())


def _in_words(value: Any) -> str:
    names = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return " + ".join(value) if names else str(value)


def performance_table(performance: Mapping[str, Mapping[str, Estimate]]) -> Table:
    """Show each headline metric with its interval, on the test applicants beside out of fold."""
    table = Table(box=box.SIMPLE_HEAD, caption=CAPTION, caption_justify="left", pad_edge=False)
    table.add_column("metric")
    for sample in SAMPLES:
        size = next(iter(performance[sample].values()))
        table.add_column(f"{sample}\nn = {size.n}, {size.bad} bad", justify="right")
    for metric in performance[SAMPLES[0]]:
        cells = (in_brackets(performance[sample][metric]) for sample in SAMPLES)
        table.add_row(TITLES.get(metric, metric), *map(Text, cells))
    return table


def in_brackets(estimate: Estimate) -> str:
    """Write an estimate as `value [low, high]`."""
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def main() -> None:
    """Print the summary of the last run; a missing file ends with one line and exit code 1."""
    try:
        findings = read_findings()
    except InputError as error:
        raise SystemExit(str(error)) from None
    pictures = {pattern: len(list(Path().glob(pattern))) for pattern in PICTURES}
    console = Console(highlight=False)
    console.print()
    console.print(summary(findings, pictures), width=min(console.width, WIDEST))


if __name__ == "__main__":
    main()
