import io

import matplotlib as mpl
import pytest

from credit.charts.style import OKABE_ITO, new_figure, note_only


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
