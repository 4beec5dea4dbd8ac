import io

import matplotlib as mpl
import pytest

from credit.core.style import new_figure, note_only, put_title


def png(figure) -> bytes:
    with io.BytesIO() as buffer:
        figure.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()


def test_personal_settings_do_not_change_a_picture():
    plain = png(note_only("title", "note"))
    mpl.rcParams.update({"font.size": 30, "figure.facecolor": "red", "savefig.dpi": 20})
    assert png(note_only("title", "note")) == plain


def test_text_with_dollar_signs_is_no_formula():
    # As a formula it would be drawn in italics, and this one could not be drawn at all.
    assert png(note_only("title", "$100 to $200_$ {"))


@pytest.mark.parametrize("height", [2, 8, 30])
def test_a_title_is_as_near_to_the_edge_of_a_tall_picture_as_of_a_low_one(height):
    figure = new_figure(4, height)
    put_title(figure, "title")
    png(figure)
    top = figure._suptitle.get_window_extent(figure.canvas.get_renderer()).y1
    assert (figure.bbox.y1 - top) / figure.dpi == pytest.approx(0.1, abs=0.05)
