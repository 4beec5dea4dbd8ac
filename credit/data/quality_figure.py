"""A picture of what was found in the cells of a table."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from credit.core.style import BAD, GREEN, NEUTRAL, ORANGE, new_figure, put_title
from credit.data.quality import ROWS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 60
# What stands above each column of the picture, and the colour of the group.
TITLES = {
    "kept": ("as\nallowed", NEUTRAL),
    "padded": ("padded", GREEN),
    "rewritten": ("integer\nas 12.0", GREEN),
    "padded_rewritten": ("both", GREEN),
    "empty": ("empty", ORANGE),
    "placeholder": ("place-\nholder", ORANGE),
    "coded": ("a code\nfor it", ORANGE),
    "unreadable": ("not\nreadable", BAD),
    "impossible": ("not\nallowed", BAD),
}
GROUPS = {"kept": (0, 1, NEUTRAL), "restored": (1, 4, GREEN), "missing": (4, 7, ORANGE), "made missing": (7, 9, BAD)}


def draw_quality(cells: Sequence[Mapping[str, Any]], rows: Mapping[str, int]) -> "Figure":
    """Draw how many cells of each column were kept, restored and made missing, by the kind of damage.

    Parameters
    ----------
    cells : records of `credit.data.quality.summarise`.
    rows : numbers of rows by what became of them: ingested, prepared, merged, rejected, indeterminate.
    """
    shown = sorted(cells, key=lambda column: column["kept"])[:SHOWN] if len(cells) > SHOWN else list(cells)
    counts = np.array([[column["kept"], *map(column["kinds"].get, list(TITLES)[1:])] for column in shown])
    figure = new_figure(9, 0.27 * len(shown) + 1.9)
    axes = figure.subplots()
    _shade(axes, counts / max(rows["ingested"], 1))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            axes.text(column, row, f"{count:,}", ha="center", va="center", size=8)
    axes.set_yticks(range(len(shown)), [column["column"] for column in shown])
    axes.set_xticks(range(len(TITLES)), [title for title, _ in TITLES.values()])
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)
    for group, (start, end, colour) in GROUPS.items():
        axes.text((start + end - 1) / 2, len(shown) - 0.1, group, color=colour, weight="bold", ha="center", va="top")
        axes.axvline(end - 0.5, color="white", linewidth=4)
    some = f", the {SHOWN} most damaged of {len(cells)} columns" if len(cells) > SHOWN else ""
    put_title(figure, f"Cells by what was found in them{some}\n{ROWS.format(**rows)}")
    figure.tight_layout()
    return figure


def _shade(axes: "Axes", shares: np.ndarray) -> None:
    """Colour each cell by its group, the deeper the larger its share; the square root lets small shares be seen."""
    from matplotlib.colors import to_rgb

    colours = np.array([to_rgb(colour) for _, colour in TITLES.values()])
    depth = 0.65 * np.sqrt(shares)[..., None]
    axes.imshow(1 - depth * (1 - colours), aspect="auto")
