"""What pictures of hard inputs say: which of many are drawn, what there are too few of, and where there is nothing."""

from collections.abc import Iterable

from matplotlib.figure import Figure

from credit.eda.bad_rates_figure import SHOWN_COLUMNS, SHOWN_LEVELS
from credit.fairness.figure import SHOWN_GROUPS
from tests.pictures.hard_tables import LONG
from tests.pictures.legible import texts_of

MANY_GROUPS = SHOWN_GROUPS + 5
SAID = {
    "bad rates of very many levels": (f"column 0, {SHOWN_LEVELS} most frequent of 300 levels", "n = 3,000"),
    "bad rates of very many columns": (f"the first {SHOWN_COLUMNS} of {SHOWN_COLUMNS + 5} columns", "n = 10", "n = 20"),
    "subgroups of two lines": ("searched in a sample of 5,000", f"{LONG}: 'x' and b < 0"),
    "no subgroup": ("no group of applicants is bad more often than all are",),
    "missing, some": ("5 (10.0 %)", "50 (100.0 %)", "1 of 3 columns are complete"),
    "missing, none": ("none: all 2 columns are complete",),
    "ranks of no pair": ("fewer than two such columns",),
    "ranks without a value": ("-", "n = 9"),
    "information value, one": ("0.600", "(n = 90, 30 bad)"),
    "information value, many": ("0.900", "0.023"),
    "numbers, wild and constant": ("1 beyond the caps, 1 of them too far to draw", "share (hundred DM)"),
    "one model, one PD for all": ("slope: not applicable; 1 if calibrated",),
    "confusion, nobody rejected": ("2 100 % of them", "0 0 % of them", "1 100 % of them"),
    "importance of many": ("the 40 most important of 60", f"{LONG} 59", f"{LONG} 20"),
    "violations of one attribute": ("more than 1 percentage point ", "3.4"),
    "no expectation, violations": ("monotonicity",),
    "no expectation, directions": ("monotonicity",),
    "directions of codes": ("0 <= ... < 1 hundred DM",),
    "directions of numbers": ("DM", "savings PD expected decreasing"),
    "no example": ("there is no applicant to explain",),
    "reasons, none": ("approved: nothing to change",),
    "reasons, four, and no change": (
        "no change that was tried leads to an approval (2,539 variants)", "standard errors at most 0.4",
        "mean PD of 1,373 approved training applicants",
    ),
    "reasons and a change of many words": (
        f"{LONG} from not known to all credits at this bank paid back duly and duration of the credit from 48 months "
        "to 24 months: PD 19.0 %",
    ),
    "one group": ("there is no other group",),
    "groups of too few": ("67 %, n = 9 too few to say", "n = 8 too few to say"),
    "groups, very many": (f"the {SHOWN_GROUPS} ", f"village {MANY_GROUPS - 1}", "village 5"),
    "a form of long words": ("not known: 21", "car", "14 % [12, 17]", "approve at 554 points or more, reject below"),
    "a form that rejects everyone": ("reject whatever the sum",),
    "a form that approves everyone": ("approve whatever the sum",),
}  # fmt: skip


def words_on(figures: Iterable[Figure]) -> str:
    """Give the texts of figures that were drawn, one a line."""
    return "\n".join(" ".join(text.split()) for figure in figures for text, _ in texts_of(figure))
