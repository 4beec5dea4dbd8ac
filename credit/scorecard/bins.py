"""The bins of a feature as lines of a form: which answers fall into each, in words, and what they weigh."""

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from credit.core.dictionary import Dictionary
from credit.core.wording import first_of, number_text, shortened
from credit.features.ordinal import OTHER
from credit.features.plan import FeaturePlan, Levels

if TYPE_CHECKING:
    from optbinning import OptimalBinning

NOT_KNOWN, ANY_OTHER = "not known", "any other"
NAMED, RARE_NAMED = 20, 12  # of the levels of a bin, and of the rare ones of a feature
LEVEL_RATE = "% bad at that level"  # the unit of a level's shrunken bad rate


class Bin(NamedTuple):
    """Answers that weigh the same.

    Attributes
    ----------
    words : what they are.
    number : optbinning's, as `credit.features.woe.bin_numbers` gives it.
    woe : weight of evidence, ln(share of the goods / share of the bads): the higher, the safer.
    """

    words: str
    number: int
    woe: float


def title_of(name: str, plan: FeaturePlan, dictionary: Dictionary) -> str:
    """Give what people call a feature; of a derived one also how it is computed."""
    if name in plan.derived:
        return f"{name.replace('_', ' ')} ({plan.derived[name]})"
    return dictionary.title(name)


def bins_of(
    name: str, binned: "OptimalBinning", plan: FeaturePlan, dictionary: Dictionary, *, whole: bool
) -> list[Bin]:
    """List the bins of a feature, so that every answer there can be falls into one of them.

    Parameters
    ----------
    binned : the fitted bins of the feature `name`.
    whole : whether a number is written in whole ones only (`12 to 23`), not with open ends (`11.5 to < 23.5`).

    Returns
    -------
    Numbers and ordered levels in their order, nominal levels from the riskiest or the safest on as optbinning has
    them; last what is not known, and of a nominal feature any other answer, if they stand in no bin already.
    """
    if name in plan.numeric:
        unit = "" if name in plan.derived else dictionary.columns[name].unit
        words, examples = intervals(binned.splits, unit, whole), _one_in_each(binned.splits)
    elif name in plan.many_levels:
        words, examples = (
            intervals((100 * binned.splits).round(1), LEVEL_RATE, whole=False),
            _one_in_each(binned.splits),
        )
    elif name in plan.ordinal:
        words, examples = _runs(binned.splits, _meanings(name, plan.ordinal[name], dictionary))
    else:
        words, examples = _sets(binned.splits, name, plan.nominal[name], dictionary)
    not_known = _not_known(name, dictionary)
    beyond = {not_known: np.nan}
    if name in plan.nominal and not plan.nominal[name].rare:
        beyond = {f"{not_known}, or {ANY_OTHER}": np.nan}
    elif name in plan.nominal and not any(OTHER in group for group in binned.splits):
        beyond[ANY_OTHER] = OTHER
    values = np.array([*examples, *beyond.values()], dtype="float64")
    numbers = binned.transform(values, metric="indices", metric_missing="empirical").tolist()
    weights = binned.transform(values, metric="woe", metric_missing="empirical") + 0.0  # no -0.0
    return [Bin(*line) for line in zip([*words, *beyond], numbers, weights, strict=True)]


def _not_known(name: str, dictionary: Dictionary) -> str:
    """Say that there is no value, and what its codes mean: `not known (no bureau record)`."""
    codes = dictionary.columns[name].missing if name in dictionary.columns else {}
    labels = "; ".join(filter(None, codes.values()))
    return f"{NOT_KNOWN} ({labels})" if labels else NOT_KNOWN


def intervals(splits: np.ndarray, unit: str, whole: bool) -> list[str]:
    """Write the intervals between ascending splits, each closed below and open above, for people."""
    of_unit = f" {unit}".rstrip()
    if not len(splits):
        return ["any number"]
    if not whole:
        edges = [number_text(split) for split in splits]
        middle = [f"{low} to < {high}{of_unit}" for low, high in pairwise(edges)]
        return [f"< {edges[0]}{of_unit}", *middle, f">= {edges[-1]}{of_unit}"]
    starts = [int(np.ceil(split)) for split in splits]
    middle = [_between(start, following - 1) + of_unit for start, following in pairwise(starts)]
    return [f"up to {number_text(starts[0] - 1)}{of_unit}", *middle, f"{number_text(starts[-1])}{of_unit} or more"]


def _between(first: int, last: int) -> str:
    return number_text(first) if first == last else f"{number_text(first)} to {number_text(last)}"


def _one_in_each(splits: np.ndarray) -> list[float]:
    """Pick a number in each interval: below the first split, and each split itself, with which an interval begins."""
    return [float(np.nextafter(splits[0], -np.inf)), *map(float, splits)] if len(splits) else [0.0]


def _meanings(name: str, levels: Levels, dictionary: Dictionary) -> list[str]:
    return [dictionary.meaning(name, code) for code in levels.kept]


def _runs(splits: np.ndarray, meanings: list[str]) -> tuple[list[str], list[float]]:
    """Gather ordered levels, which are numbered from 0 on, by the interval they are in."""
    part = np.digitize(np.arange(len(meanings)), splits)
    runs = [np.flatnonzero(part == number) for number in range(len(splits) + 1)]
    return [_run_in_words([meanings[place] for place in run]) for run in runs], [float(run[0]) for run in runs]


def _run_in_words(meanings: list[str]) -> str:
    if len(meanings) <= NAMED:
        return "; ".join(map(shortened, meanings))
    return f"{shortened(meanings[0])} to {shortened(meanings[-1])} ({len(meanings):,} levels)"


def _sets(groups: list[np.ndarray], name: str, levels: Levels, dictionary: Dictionary) -> tuple[list[str], list[float]]:
    """Gather nominal levels, numbered from 0 on in the order of the plan, by the set they are in.

    Rare ones are -1, and a few of them are named.
    """
    meanings = _meanings(name, levels, dictionary)
    rare = first_of([dictionary.meaning(name, code) for code in levels.rare], RARE_NAMED)
    words = []
    for group in groups:
        kept = first_of([meanings[int(place)] for place in sorted(group) if place != OTHER], NAMED)
        words.append("; ".join([*kept, *rare, ANY_OTHER] if OTHER in group else kept))
    return words, [float(group[0]) for group in groups]
