"""The look that all pictures share; colours that colour-blind people can tell apart."""

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito, Color Universal Design, 2008.
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
YELLOW = "#F0E442"
BLACK = "#000000"
OKABE_ITO = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, BLACK)
INDIGO, WINE = "#332288", "#882255"  # of Tol's, for more lines than Okabe and Ito have colours
ON_WHITE = (*(colour for colour in OKABE_ITO if colour != YELLOW), INDIGO, WINE)  # thin yellow is not seen there

GOOD, BAD = BLUE, VERMILION
NEUTRAL = "#666666"
GRID = "#DDDDDD"

_SETTINGS = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.formatter.useoffset": False,
    "legend.frameon": False,
    "svg.hashsalt": "credit",
    "text.parse_math": False,  # a lender's "$100 to $200" is no formula
}


def new_figure(width: float, height: float) -> "Figure":
    """Create an empty figure in the shared style, without a display, whatever the user's matplotlibrc says.

    Parameters
    ----------
    width, height : in inches.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from credit.core.fonts import families

    # What `rcdefaults` does, without reading every style sheet there is, which takes longer than some pictures.
    mpl.rcParams.update({name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"} | _SETTINGS)
    mpl.rcParams["font.family"] = families()
    warnings.filterwarnings("ignore", r"Glyph \d+ ", UserWarning)  # said of each letter; `lacking_fonts` tells
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def lacking_fonts(figure: "Figure") -> dict[str, str]:
    """Name the fonts that a picture lacks, once it has been drawn, each with a letter for which a box stands there."""
    from matplotlib.text import Text

    from credit.core.fonts import boxes, which_to_install

    letters = boxes(text.get_text() for text in figure.findobj(Text))
    return {which_to_install(letter): letter for letter in reversed(letters)}


def put_title(figure: "Figure", text: str, size: float = 10) -> None:
    """Write a title at the top left, as near to the edge of a tall picture as of a low one."""
    figure.suptitle(text, x=0.01, y=1 - 0.1 / figure.get_figheight(), ha="left", weight="bold", size=size)


def note_only(title: str, note: str) -> "Figure":
    """Create a small picture that says why there is nothing to draw."""
    figure = new_figure(7, 1.4)
    figure.text(0.03, 0.8, title, weight="bold", size=11)
    figure.text(0.03, 0.45, note)
    return figure
