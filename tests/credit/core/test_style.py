import io

import matplotlib as mpl
import pytest

from credit.core.style import OKABE_ITO, new_figure, note_only, put_title


def png(figure) -> bytes:
    with io.BytesIO() as buffer:
        figure.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()


def test_a_figure_has_the_size_asked_for():
    assert new_figure(4, 2).get_size_inches().tolist() == [4, 2]


def test_personal_settings_do_not_change_a_picture():
    plain = png(note_only("title", "note"))
    mpl.rcParams.update({"font.size": 30, "figure.facecolor": "red", "savefig.dpi": 20})
    assert png(note_only("title", "note")) == plain


def test_colours_are_distinct():
    assert len(set(OKABE_ITO)) == 8


@pytest.mark.parametrize("text", ["none: all 20 columns are complete", "$5 < x_1"])
def test_a_note_is_on_the_picture(text):
    assert text in [drawn.get_text() for drawn in note_only("title", text).texts]


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
