import shutil
from pathlib import Path

import pytest
from matplotlib import get_data_path
from matplotlib.font_manager import fontManager

from credit.core import fonts
from credit.core.style import lacking_fonts, new_figure, note_only
from tests.credit.core.test_style import png

OF_ANOTHER_FONT = "ᶄ"  # STIXGeneral has it, the usual font has not


@pytest.fixture
def _bare(monkeypatch):
    """Let the machine have no fonts but those of matplotlib."""
    own = [font for font in fontManager.ttflist if font.fname.startswith(get_data_path())]
    monkeypatch.setattr(fontManager, "ttflist", own)
    fonts.families.cache_clear()
    yield
    fonts.families.cache_clear()


@pytest.fixture
def _installed(_bare, monkeypatch, tmp_path):
    """Install a font that has a letter of a script that is looked for."""
    monkeypatch.setattr(fonts, "SAMPLES", OF_ANOTHER_FONT + "谷")
    file = shutil.copy(Path(get_data_path(), "fonts/ttf/STIXGeneral.ttf"), tmp_path)
    fontManager.addfont(file)


@pytest.mark.usefixtures("_bare")
def test_letters_that_no_font_has_are_told_with_fonts_that_have_them():
    assert fonts.families() == (fonts.USUAL,)
    assert fonts.boxes(["Größe ≥ Ελλάδα Москва", "谷 Tal ก", "谷\n", "สวน"]) == sorted({*"谷กสวน"})
    assert lacking_fonts(note_only("谷", "Tal")) == {"Noto Sans CJK": "谷"}
    figure = new_figure(3, 2)
    figure.subplots().barh(["ก", "a"], [1, 2])
    figure.tight_layout()  # warns of nothing
    png(figure)
    assert lacking_fonts(figure) == {"Noto Sans Thai": "ก"}


@pytest.mark.usefixtures("_installed")
def test_a_font_of_the_machine_is_taken_for_letters_that_the_usual_one_lacks_and_for_no_others(monkeypatch):
    assert fonts.families() == (fonts.USUAL, "STIXGeneral")
    assert fonts.boxes([f"a{OF_ANOTHER_FONT}谷"]) == ["谷"]
    usual, other = png(note_only("Größe", "≥ 3")), png(note_only("", OF_ANOTHER_FONT))
    monkeypatch.setattr(fonts, "SAMPLES", "")
    fonts.families.cache_clear()
    assert png(note_only("Größe", "≥ 3")) == usual
    assert png(note_only("", OF_ANOTHER_FONT)) != other


def test_a_font_that_cannot_be_read_has_no_letter(tmp_path):
    (tmp_path / "x.ttf").write_bytes(b"x")
    assert fonts._lacking(fonts.FontPath(str(tmp_path / "x.ttf"), 0), "ab") == {"a", "b"}


@pytest.mark.parametrize(
    ("letter", "font"),
    [("贷", "CJK"), ("あ", "CJK"), ("カ", "CJK"), ("한", "CJK"), ("ก", "Thai"), ("क", "Devanagari")],
)
def test_the_font_to_install_is_that_of_the_script(letter, font):
    assert fonts.which_to_install(letter) == f"Noto Sans {font}"
