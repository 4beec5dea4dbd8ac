"""The table with which `make run` ends: what was chosen and why, how it does, and where the pictures are.

All of it is read from the small files that Git keeps: no data, no models, no cache are needed.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from credit.core.errors import InputError
from credit.core.families import BLEND, FAMILIES
from credit.core.records import Record
from credit.core.wording import METRIC_TITLES, estimate_text, left_out_text, starred_title
from credit.io.files import PARAMS_FILE, read_json, read_params

SELECTION = Path("metrics/selection.json")
EVALUATION = Path("metrics/evaluation.json")
SAMPLES = ("test", "out of fold")
WIDEST = 100
CAPTION = "[ ] 95 % interval   * lower is better"
PICTURES = ("plots/*.png", "plots/eda/*.png")
_RUN = "run `make run` first"


class Asked(Record):
    """Whose evaluation params.yaml asks for."""

    model: str


def read(path: Path) -> Mapping[str, Any]:
    """Read a file of the last run."""
    if not path.is_file():
        raise InputError(f"{path}: expected a file of the last run, found no file; {_RUN}")
    return read_json(path)


def facts(pictures: Mapping[str, int]) -> Table:
    """Say in words what was chosen, why, with which settings, what was evaluated and where to look.

    Parameters
    ----------
    pictures : maps a pattern to how many files there are of it.
    """
    selection, evaluation = read(SELECTION), read(EVALUATION)
    chosen, evaluated = selection["chosen"], evaluation["estimator"]
    why = why_it_leads if chosen == selection["leader"] else why_not_the_leader
    lines = {"chosen": f"{FAMILIES[chosen].title}, by {ranked_by(selection)}", "why": why(selection)}
    lines["settings"] = picked_settings(chosen)
    check_evaluated(evaluated, chosen)
    if evaluated != chosen:
        lines["evaluated"] = f"{FAMILIES[evaluated].title}, not the chosen one: params.yaml has model: {evaluated}"
        lines["its settings"] = picked_settings(evaluated)
    if lost := left_out(selection):
        lines["left out"] = "\n".join(lost)
    lines["cutoff"] = f"{evaluation['threshold']:.3f}: an applicant with this PD or a higher one is rejected"
    lines["pictures"] = ", ".join(f"{pattern} ({count})" for pattern, count in pictures.items())
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for name, line in lines.items():
        grid.add_row(name, Text(line))
    return grid


def ranked_by(selection: Mapping[str, Any]) -> str:
    """Name the metric that families were ranked by, and what the chosen one has of it."""
    metric = selection["ranked_by"]
    row = next(estimate for estimate in selection["estimates"] if estimate["metric"] == metric)
    in_words = estimate_text(row["mean"], row["low"], row["high"])
    return f"{METRIC_TITLES[metric]}: {in_words}, mean of folds, n = {row['n']}"


def why_it_leads(selection: Mapping[str, Any]) -> str:
    """Say by how much the leader leads, and how surely."""
    if not selection["runner_up"]:
        return selection["why"]
    certainty = "more" if selection["lead_is_more_than_noise"] else "no more"
    return f"leads by {selection['lead']:.3f}, which is {certainty} than noise"


def why_not_the_leader(selection: Mapping[str, Any]) -> str:
    """Say how far the chosen family, a preferred one, is behind the leader."""
    ranked = {(row["family"], row["metric"]): row for row in selection["ranking"]}
    row = ranked[selection["chosen"], selection["ranked_by"]]
    leader = FAMILIES[selection["leader"]].title
    return (
        f"the preferred one within one standard error of the leader: {abs(row['difference']):.3f} behind {leader}, "
        f"standard error {row['difference_se']:.3f}"
    )


def picked_settings(family: str) -> str:
    """Write a family's settings as `name value, name value`; names in a list (a blend's members) as `value + value`."""
    settings = []
    for row in read(Path(f"metrics/train/{family}.json"))["picked"]:
        value = row["value"]
        names = isinstance(value, list) and all(isinstance(item, str) for item in value)
        settings.append(f"{row['setting']} {' + '.join(value) if names else value}")
    return ", ".join(settings)


def left_out(selection: Mapping[str, Any]) -> list[str]:
    """Say which families could not be fitted to these applicants, and which candidates of the others, and why."""
    lines = [f"{FAMILIES[part['family']].title}: {part['reason']}" for part in selection.get("left_out", [])]
    for family in dict.fromkeys(row["family"] for row in selection["ranking"] if row["family"] != BLEND):
        if parts := read(Path(f"metrics/train/{family}.json")).get("left_out"):
            count, such = sum(len(part["candidates"]) for part in parts), ", such as" if len(parts) > 1 else ":"
            candidates = f"{count} candidate{'s' if count > 1 else ''}{such} {left_out_text(parts[0])}"
            lines.append(f"{FAMILIES[family].title}, {candidates}")
    return lines


def check_evaluated(evaluated: str, chosen: str) -> None:
    """Refuse an evaluation of another model than params.yaml asks for now."""
    asked = read_params(Asked).model
    expected = chosen if asked == "best" else asked
    if evaluated != expected:
        raise InputError(
            f"{EVALUATION}: expected the evaluation of {expected} ({PARAMS_FILE} has model: {asked}), "
            f"got that of {evaluated}; {_RUN}"
        )


def performance_table() -> Table:
    """Show each headline metric as `value [low, high]`, on the test applicants beside out of fold."""
    cells, sizes = {}, {}
    for row in read(EVALUATION)["performance"]:
        estimate = estimate_text(row["value"], row["low"], row["high"])
        cells.setdefault(row["metric"], {})[row["sample"]] = estimate
        sizes[row["sample"]] = f"n = {row['n']}, {row['bad']} bad"
    table = Table("metric", box=box.SIMPLE_HEAD, caption=CAPTION, caption_justify="left", pad_edge=False)
    for sample in SAMPLES:
        table.add_column(f"{sample}\n{sizes[sample]}", justify="right")
    for metric, by_sample in cells.items():
        table.add_row(starred_title(metric), *(Text(by_sample[sample]) for sample in SAMPLES))
    return table


def main() -> None:
    """Print the summary of the last run; a missing file ends with one line and exit code 1."""
    pictures = {pattern: len(list(Path().glob(pattern))) for pattern in PICTURES}
    try:
        shown = Group(facts(pictures), performance_table())
    except InputError as error:
        raise SystemExit(str(error)) from None
    console = Console(highlight=False)
    console.print()
    console.print(shown, width=min(console.width, WIDEST))


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m ops.summary", description=__doc__).parse_args()
    main()
