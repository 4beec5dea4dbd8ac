"""Whether a picture can be read: nothing is cut off, and nothing overlaps."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axis import Axis
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Boxes = list[tuple[str, Bbox]]
TOUCHING = 0.5  # pixels that boxes may share


def assert_legible(figure: "Figure") -> None:
    """Check that all that is drawn is on the picture, and that no text lies on another, or on another's legend."""
    figure.canvas.draw()
    texts = texts_of(figure)
    faults = {
        "no text": [] if texts else ["at all"],
        "cut off": cut_off(texts, figure.bbox),
        "overlapping": overlaps(texts),
        "beyond the axes": [line for axes in figure.axes for line in outside(axes)],
        "below a legend": [name for axes in figure.axes for name in covered_by_legend(axes, texts)],
    }
    assert not any(faults.values()), faults


def texts_of(figure: "Figure") -> Boxes:
    """List the texts that are seen, with the boxes they fill, in pixels."""
    drawn = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    drawn += [figure._suptitle] if figure._suptitle else []
    for axes in figure.axes:
        if axes.get_visible():
            drawn += _texts_of_axes(axes)
    seen = {id(text): text for text in drawn if text.get_visible() and text.get_text().strip()}
    return [(text.get_text(), text.get_window_extent()) for text in seen.values() if not _slanted(text)]


def _texts_of_axes(axes: "Axes") -> list[Text]:
    texts = [axes.title, axes._left_title, axes._right_title, *axes.texts]
    if axes.axison:
        for axis in (axes.xaxis, axes.yaxis):
            texts += [axis.label, axis.offsetText, *_tick_labels(axis)]
    legend = axes.get_legend()
    return texts + (legend.get_texts() if legend else [])


def _tick_labels(axis: Axis) -> list[Text]:
    """List the labels of ticks in view; others are made, but not drawn."""
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    return [label for tick in ticks for label in (tick.label1, tick.label2)]


def _slanted(text: Text) -> bool:
    """Tell a text whose box says little of the place it fills."""
    return text.get_rotation() % 90 != 0


def cut_off(boxes: Boxes, picture: Bbox) -> list[str]:
    """Name the texts that reach beyond the picture."""
    return [text for text, box in boxes if picture.count_contains(box.get_points()) < 2]


def overlaps(boxes: Boxes) -> list[tuple[str, str]]:
    """Name the pairs of texts that lie on one another."""
    edges = np.array([box.extents for _, box in boxes])
    across = edges[:, None, 0] + TOUCHING < edges[None, :, 2] - TOUCHING
    down = edges[:, None, 1] + TOUCHING < edges[None, :, 3] - TOUCHING
    both = across & across.T & down & down.T
    return [(boxes[one][0], boxes[other][0]) for one, other in np.argwhere(np.triu(both, 1))]


def outside(axes: "Axes") -> list[str]:
    """Name the lines of which a point with a value lies beyond the axes."""
    ends = np.array([sorted(axes.get_xlim()), sorted(axes.get_ylim())])
    slack = 1e-9 * (1 + np.abs(ends))
    beyond = []
    for line in axes.lines:
        if line.get_transform() == axes.transData:
            points = line.get_xydata().T
            points = points[:, np.isfinite(points).all(axis=0)]
            if ((points < (ends - slack)[:, :1]) | (points > (ends + slack)[:, 1:])).any():
                beyond.append(f"{line.get_label()} of {axes.get_title(loc='left')!r}")
    return beyond


def covered_by_legend(axes: "Axes", texts: Boxes) -> list[str]:
    """Name what a legend of the axes lies on: texts that are not its own, and points that are marked."""
    legend = axes.get_legend()
    if legend is None:
        return []
    box, own = legend.get_window_extent(), {text.get_text() for text in _texts_of_legend(legend)}
    covered = [text for text, place in texts if text not in own and box.overlaps(place)]
    for line in axes.lines:
        if line.get_marker() not in ("", "None", None):
            points = axes.transData.transform(line.get_xydata())
            covered += [str(line.get_label()) for point in points if box.contains(*point)]
    return covered


def _texts_of_legend(legend: Legend) -> list[Text]:
    return [*legend.get_texts(), legend.get_title()]
