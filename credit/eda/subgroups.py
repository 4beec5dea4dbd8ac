"""The strongest subgroups: conjunctions of plain conditions under which far more applicants are bad.

Found by subgroup discovery with weighted relative accuracy (Lavrac, Flach and Zupan 1999) as quality:
WRAcc = n_subgroup / n * (bad rate in the subgroup - bad rate of all).
"""

import numpy as np
import pandas as pd

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.intervals import wilson
from credit.core.levels import inner_edges
from credit.core.wording import number_text

SHOWN = 10
FOUND = 1000
CUTS = 5  # a number is compared with what cuts it in so many equal parts
SMALLEST_SHARE = 0.03
SMALLEST_ROWS = 10
SEARCHED_ROWS = 5000
SEARCHED_CONDITIONS = 60
ALIKE = 0.7  # Jaccard index from which two subgroups are taken to be the same

Selected = tuple[int, ...]  # places of conditions

_COLUMNS = "subgroup conditions n bad bad_rate low high lift wracc all_n all_bad_rate".split()


def conditions_on(applicants: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    """Say of every applicant which plain conditions hold.

    A number is below or not below a quantile, an ordinal column is in the first or the last codes, a nominal
    column has a level, a value is missing; conditions that hold for fewer than 3 % of the rows are left out.

    Returns
    -------
    Booleans, shape (rows, conditions), the column names describe the conditions.
    """
    readers = {"numeric": _of_number, "ordinal": _of_order, "nominal": _of_level}
    conditions = {}
    for name in dictionary.features:
        column = dictionary.columns[name]
        conditions |= readers[column.role](applicants[name], column)
        conditions[f"{name} missing"] = applicants[name].isna()
    smallest = _smallest(len(applicants))
    frequent = {text: holds for text, holds in conditions.items() if smallest <= holds.sum() < len(applicants)}
    return pd.DataFrame(frequent, index=applicants.index)


def strongest_subgroups(conditions: pd.DataFrame, bad: pd.Series, depth: int, seed: int) -> pd.DataFrame:
    """Find the subgroups of highest WRAcc for bad = 1.

    The search looks at 5,000 applicants drawn at random where there are more, and at the 60 most telling
    conditions; size, bad rate and WRAcc are then those of all applicants. Every condition of a subgroup
    adds to its WRAcc, and of subgroups that share 70 % of their applicants the stronger stays. The
    intervals say nothing of the search having picked extremes.

    Parameters
    ----------
    conditions : table of `conditions_on`.
    bad : 1 for bad and 0 for good, shape (rows,).
    depth : most conditions of a subgroup.

    Returns
    -------
    Columns subgroup, conditions (their count), n, bad, bad_rate, low, high (95 % Wilson), lift, wracc,
    all_n, all_bad_rate, searched_n (rows searched); at most 10 rows, the strongest first.
    """
    holds, outcome = np.asfortranarray(conditions.to_numpy(dtype=bool)), bad.to_numpy() == 1
    searched = _sampled(len(outcome), seed)
    telling = _most_telling(holds[searched], outcome[searched])
    candidates = [
        tuple(telling[list(places)]) for places in _search(holds[searched][:, telling], outcome[searched], depth)
    ]
    quality = {selected: _wracc(_cover(holds, selected), outcome) for selected in candidates}
    adding = [selected for selected in candidates if quality[selected] > _best_part(holds, outcome, selected) + 1e-12]
    order = sorted(adding, key=lambda selected: (-round(quality[selected], 12), len(selected), selected))
    covers = _without_alike(holds, order)
    return _described(covers, conditions.columns, outcome).assign(searched_n=len(searched))


def _of_number(values: pd.Series, column: Column) -> dict[str, pd.Series]:
    edges = inner_edges(values, CUTS)
    texts = [f"{number_text(edge)} {column.unit}".rstrip() for edge in edges]
    below = {f"{values.name} < {text}": values < edge for text, edge in zip(texts, edges, strict=True)}
    return below | {f"{values.name} >= {text}": values >= edge for text, edge in zip(texts, edges, strict=True)}


def _of_order(values: pd.Series, column: Column) -> dict[str, pd.Series]:
    codes = list(column.codes)
    runs = [codes[:place] for place in range(1, len(codes))] + [codes[place:] for place in range(1, len(codes))]
    return {f"{values.name}: {_run_text(run, column.codes)}": values.isin(run) for run in runs}


def _run_text(run: list, labels: dict) -> str:
    return f"'{labels[run[0]]}'" if len(run) == 1 else f"'{labels[run[0]]}' to '{labels[run[-1]]}'"


def _of_level(values: pd.Series, column: Column) -> dict[str, pd.Series]:
    counts = values.value_counts()
    levels = [level for level in column.codes or sorted(counts.index) if counts.get(level, 0) >= _smallest(len(values))]
    return {f"{values.name}: '{(column.codes or {}).get(level, level)}'": values == level for level in levels}


def _smallest(rows: int) -> int:
    return max(SMALLEST_ROWS, int(np.ceil(SMALLEST_SHARE * rows)))


def _sampled(rows: int, seed: int) -> np.ndarray:
    if rows <= SEARCHED_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, SEARCHED_ROWS, replace=False))


def _most_telling(holds: np.ndarray, bad: np.ndarray) -> np.ndarray:
    quality = [_wracc(cover, bad) for cover in holds.T]
    return np.sort(np.argsort(-np.round(quality, 12), kind="stable")[:SEARCHED_CONDITIONS])


def _wracc(cover: np.ndarray, bad: np.ndarray) -> float:
    return (np.count_nonzero(cover & bad) - np.count_nonzero(cover) * float(bad.mean())) / len(bad)


def _cover(holds: np.ndarray, selected: Selected) -> np.ndarray:
    return holds[:, list(selected)].all(axis=1)


def _search(holds: np.ndarray, bad: np.ndarray, depth: int) -> list[Selected]:
    """Let pysubgroup search; it gets numbered conditions, for it makes query text of names and values."""
    import pysubgroup as ps

    data = pd.DataFrame(holds, columns=[f"c{place}" for place in range(holds.shape[1])]).assign(bad=bad)
    task = ps.SubgroupDiscoveryTask(
        data,
        ps.BinaryTarget("bad", True),
        [ps.EqualitySelector(name, True) for name in data.columns.drop("bad")],
        ps.StandardQF(1.0),  # with the exponent 1 this is WRAcc
        result_set_size=FOUND,
        depth=depth,
        min_quality=0.0,
        constraints=[ps.MinSupportConstraint(_smallest(len(data)))],
    )
    with np.errstate(invalid="ignore"):  # it divides 0 by 0 where no bad is left, and rightly stops there
        result = ps.DFS().execute(task)
    selector_lists = [subgroup.selectors for _, subgroup in result.to_descriptions()]
    return [
        tuple(sorted(int(one.attribute_name[1:]) for one in selectors)) for selectors in selector_lists if selectors
    ]


def _best_part(holds: np.ndarray, bad: np.ndarray, selected: Selected) -> float:
    """The highest WRAcc among the conjunctions with one condition less; 0 where that leaves none."""
    parts = [selected[:place] + selected[place + 1 :] for place in range(len(selected))]
    return max(_wracc(_cover(holds, part), bad) for part in parts)


def _without_alike(holds: np.ndarray, ordered: list[Selected]) -> dict[Selected, np.ndarray]:
    kept: dict[Selected, np.ndarray] = {}
    for selected in ordered:
        cover = _cover(holds, selected)
        if all(_jaccard(cover, other) < ALIKE for other in kept.values()):
            kept[selected] = cover
        if len(kept) == SHOWN:
            break
    return kept


def _jaccard(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def _described(covers: dict[Selected, np.ndarray], texts: pd.Index, bad: np.ndarray) -> pd.DataFrame:
    overall = bad.mean()
    rows = [
        (" and ".join(texts[list(selected)]), len(selected), cover.sum(), bad[cover].sum(), _wracc(cover, bad))
        for selected, cover in covers.items()
    ]
    table = pd.DataFrame(rows, columns=["subgroup", "conditions", "n", "bad", "wracc"])
    rate = table["bad"] / table["n"]
    low, high = wilson(table["bad"], table["n"])
    table = table.assign(bad_rate=rate, low=low, high=high, lift=rate / overall, all_n=len(bad), all_bad_rate=overall)
    return table[_COLUMNS]
