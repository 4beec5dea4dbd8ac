"""Pictures of tables that are hard to draw: very many columns or none, long names, zeros, wild numbers."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from credit.data.cells import KINDS
from credit.data.quality import summarise
from credit.data.quality_figure import SHOWN, draw_quality
from credit.eda import bad_rates_figure, columns_figure
from credit.eda.profiles import histograms, numeric_profile, values_beyond_caps
from credit.features.plan import Caps

LONG = "how previous and concurrent credits were paid"


def quality(columns: int, rows: int = 1000, name: str = "column_{}") -> Figure:
    """Draw columns with up to a twentieth of the cells of each kind of damage."""
    random, counts = np.random.default_rng(1), {}
    for number in range(columns):
        damaged = dict(zip(KINDS[1:], random.integers(0, rows // 20 + 1, len(KINDS) - 1), strict=True))
        counts[name.format(number)] = {**damaged, "kept": rows - sum(damaged.values()), "in_file": True}
    cells = summarise(pd.DataFrame.from_dict(counts, orient="index"))
    return draw_quality(cells, {"ingested": rows, "prepared": rows, "merged": 0, "rejected": 0, "indeterminate": 0})


def by_level(columns: int, levels: int) -> Figure:
    rows = [
        (f"column {place}", str(level), f"level {level} of $many_{place}$ & more", 10 * (level + 1), 2 * (level + 1))
        for place in range(columns)
        for level in range(levels)
    ]
    table = pd.DataFrame(rows, columns=["column", "level", "label", "n", "bad"])
    names = [f"column {place}" for place in range(columns)]
    return bad_rates_figure.draw_by_level(table.assign(bad_rate=0.2, low=0.1, high=0.4), names)


def subgroups(names: list[str]) -> Figure:
    table = pd.DataFrame({"subgroup": names, "n": 30, "bad_rate": 0.5, "low": 0.4, "high": 0.6})
    return bad_rates_figure.draw_subgroups(table.assign(all_bad_rate=0.2, all_n=9000, searched_n=5000))


def missing(shares: list[float]) -> Figure:
    names = [f"{LONG} {place}" for place in range(len(shares))]
    table = pd.DataFrame({"feature": names, "n": 50, "missing_share": shares})
    return columns_figure.draw_missing(table.assign(missing=(50 * table["missing_share"]).astype(int)))


def pairs(columns: int, value: float) -> pd.DataFrame:
    names = [f"a_long_name_{place}" for place in range(columns)]
    rows = [(a, b) for place, a in enumerate(names) for b in names[place + 1 :]]
    return pd.DataFrame(rows, columns=["a", "b"]).assign(value=value, n=9)


def information_value(values: list[float]) -> Figure:
    table = pd.DataFrame({"feature": [f"{LONG} {place}" for place in range(len(values))], "iv": values})
    return columns_figure.draw_information_value(table.assign(iv_by_chance=0.0, levels=3, n=90, bad=30))


def numbers(table: pd.DataFrame, upper: float) -> Iterator[Figure]:
    """Draw the distributions and the outliers of numbers."""
    profile = numeric_profile(table, dict.fromkeys(table, Caps(lower=0, upper=upper)))
    bad = pd.Series(np.arange(len(table)) % 4 == 0).astype(int)
    units = dict.fromkeys(table, "hundred DM")
    yield columns_figure.draw_distributions(histograms(table, bad, profile), profile, units)
    yield columns_figure.draw_outliers(profile, values_beyond_caps(table, profile), units)


WILD = pd.DataFrame({"share": [*np.linspace(0, 1, 99), 50_000.0], "flat": 1.0})
MANY = pd.DataFrame({f"number {place}": np.arange(60.0) * (place + 1) for place in range(12)})

PICTURES: dict[str, Callable[[], Figure | Iterator[Figure]]] = {
    "quality of no row": lambda: quality(1, 0),
    "quality of very many columns": lambda: quality(SHOWN + 5),
    "quality of long names": lambda: quality(5, 12_345_678, "a_column_name_of_as_many_as_45_characters_{}__"),
    "bad rates of very many levels": lambda: by_level(1, 300),
    "bad rates of very many columns": lambda: by_level(bad_rates_figure.SHOWN_COLUMNS + 5, 2),
    "subgroups of two lines": lambda: subgroups([f"{LONG}: 'x' and b < {place}" for place in range(10)]),
    "no subgroup": lambda: subgroups([]),
    "missing, some": lambda: missing([0.0, 0.1, 1.0]),
    "missing, none": lambda: missing([0.0, 0.0]),
    "ranks of no pair": lambda: columns_figure.draw_spearman(pairs(1, 0.5)),
    "ranks of many columns": lambda: columns_figure.draw_spearman(pairs(20, -1.0)),
    "ranks without a value": lambda: columns_figure.draw_spearman(pairs(3, np.nan)),
    "association of many columns": lambda: columns_figure.draw_cramers_v(pairs(30, 1.0)),
    "information value, one": lambda: information_value([0.6]),
    "information value, zeros": lambda: information_value([0.0] * 3),
    "information value, many": lambda: information_value(list(np.linspace(0.9, 0, 40))),
    "numbers, wild and constant": lambda: numbers(WILD, 2.5),
    "numbers, many": lambda: numbers(MANY, 50),
}
