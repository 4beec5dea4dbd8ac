import io

import numpy as np
import pandas as pd
import pytest

from credit.data.cells import KINDS
from credit.data.quality import summarise
from credit.data.quality_figure import SHOWN, draw_quality

ROWS = 1_000
UNDAMAGED = {"ingested": ROWS, "prepared": ROWS, "merged": 0, "rejected": 0, "indeterminate": 0}


def cells_of(columns: int, rows: int = ROWS, name: str = "column_{}", most: float = 0.05) -> list[dict]:
    """Records of columns with up to a share `most` of the cells of each kind of damage."""
    random, counts = np.random.default_rng(1), {}
    for number in range(columns):
        damaged = dict(zip(KINDS[1:], random.integers(0, int(most * rows) + 1, len(KINDS) - 1), strict=True))
        counts[name.format(number)] = {**damaged, "kept": rows - sum(damaged.values()), "in_file": True}
    return summarise(pd.DataFrame.from_dict(counts, orient="index"))


def drawn(cells: list[dict], rows: int = ROWS, **others: int):
    figure = draw_quality(cells, UNDAMAGED | {"ingested": rows, "prepared": rows} | others)
    figure.savefig(io.BytesIO(), format="png")
    return figure


def test_the_deeper_the_colour_the_more_cells():
    cells = cells_of(2, most=0)
    cells[0] |= {"kept": 900, "kinds": cells[0]["kinds"] | {"empty": 100}}
    cells[1] |= {"kept": 999, "kinds": cells[1]["kinds"] | {"empty": 1}}
    (many, few), none = drawn(cells).axes[0].images[0].get_array()[:, 4], np.ones(3)
    assert (many <= few).all()
    assert (many < few).any()
    assert (few <= none).all()
    assert (few < none).any()


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "shown"), [(2, 2), (SHOWN, SHOWN), (SHOWN + 1, SHOWN)])
def test_of_very_many_columns_the_most_damaged_are_shown(columns, shown):
    cells = cells_of(columns)
    figure = draw_quality(cells, UNDAMAGED)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    kept = {cell["column"]: cell["kept"] for cell in cells}
    assert len(names) == shown
    assert sorted(kept[name] for name in names) == sorted(kept.values())[:shown]
    assert (f"the {SHOWN} most damaged of {columns} columns" in figure.get_suptitle()) == (shown < columns)


def test_counts_stand_in_the_column_of_their_kind():
    counts = dict.fromkeys(KINDS, 0) | {"kept": 98_500, "padded": 1_200, "unreadable": 300, "in_file": True}
    cells = summarise(pd.DataFrame.from_dict({"income": counts}, orient="index"))
    figure = drawn(cells, 100_000, prepared=98_000, merged=400, rejected=600, indeterminate=1_000)
    places = {text.get_text(): round(text.get_position()[0]) for text in figure.axes[0].texts}
    order = ["kept", *cells[0]["kinds"]]
    assert {count: order[place] for count, place in places.items() if count[0].isdigit()} == {
        "98,500": "kept", "1,200": "padded", "300": "unreadable",
    }  # fmt: skip
    balance = "100,000 rows = 98,000 prepared + 400 merged + 600 rejected + 1,000 indeterminate"
    assert figure.get_suptitle().endswith(balance)
