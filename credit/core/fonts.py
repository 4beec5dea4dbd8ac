"""Fonts for the letters that the usual one lacks: Chinese, Japanese, Korean, Thai and others."""

import logging
import unicodedata
from collections.abc import Iterable
from functools import cache

from matplotlib import get_data_path
from matplotlib.font_manager import FontEntry, FontPath, findfont, fontManager, get_font, weight_dict

USUAL = "DejaVu Sans"  # comes with matplotlib, so what it has does not depend on the machine's fonts
# A letter of each script that it lacks, of Chinese a simplified and a traditional one.
SAMPLES = "贷貸あ한กकকਕગକகకಕമකကកཀሀ"


@cache
def families() -> tuple[str, ...]:
    """Name the usual font, and after it those of this machine that have other scripts; the first that fits is taken."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it warns of a font that is never bold
    chosen, lacking = [USUAL], set(SAMPLES)
    for font in _others():
        if lacking and (found := lacking - _lacking(FontPath(font.fname, font.index), lacking)):
            chosen.append(font.name)
            lacking -= found
    return tuple(chosen)


def _others() -> list[FontEntry]:
    """List the machine's fonts, the regular one of each family, sans-serif ones first.

    Those that come with matplotlib are left out: one has a sign for every letter, which only names the script.
    """
    own = get_data_path()
    fonts = [font for font in fontManager.ttflist if not font.fname.startswith(own) and "Emoji" not in font.name]
    fonts.sort(key=lambda font: (font.style != "normal", abs(weight_dict.get(font.weight, font.weight) - 400)))
    regular = {font.name: font for font in reversed(fonts)}
    return sorted(regular.values(), key=lambda font: ("Sans" not in font.name, font.name))


def _lacking(file: FontPath, letters: Iterable[str]) -> set[str]:
    try:
        font = get_font(file)
    except (OSError, RuntimeError):  # it is listed, but cannot be read
        return set(letters)
    return {letter for letter in letters if not font.get_char_index(ord(letter))}


def boxes(texts: Iterable[str]) -> list[str]:
    """Find the letters of texts that none of the fonts has; they are drawn as boxes."""
    letters = {letter for text in texts if not text.isascii() for letter in text if letter.isprintable()}
    for name in families():
        letters = letters and _lacking(findfont(name), letters)
    return sorted(letters)


def which_to_install(letter: str) -> str:
    """Name a font that has a letter, by the script that its name begins with.

    >>> which_to_install("한"), which_to_install("ก")
    ('Noto Sans CJK', 'Noto Sans Thai')
    """
    script = unicodedata.name(letter, "").split(" ")[0].title()
    return "Noto Sans CJK" if script in ("Cjk", "Hiragana", "Katakana", "Hangul") else f"Noto Sans {script}".rstrip()
