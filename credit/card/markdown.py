"""Numbers, lists and tables as Markdown. Every number of the card is written by one of these."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from credit.core import wording

UNKNOWN = "not known"


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with so many decimals; what rounds to 0 has no sign."""
    return UNKNOWN if value is None else wording.decimal_text(value, digits)


def exact(value: float) -> str:
    """Write a number as a person set it: 5, 0.2, 1,000."""
    return f"{value:,.10g}"


def percent(share: float | None) -> str:
    """Write a share of 1 in percent, with one decimal."""
    return UNKNOWN if share is None else wording.percent(share)


def estimate(record: Mapping[str, Any], name: str = "mean") -> str:
    """Write an estimate with its interval, such as `0.790 [0.721, 0.857]`."""
    if record.get("low") is None or record.get("high") is None:
        return number(record[name])
    return wording.estimate_text(record[name], record["low"], record["high"])


def plain(text: str) -> str:
    """Keep a text from being read as Markdown, in a table too."""
    for sign in ("\\", "|", "<", "*", "_"):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table; cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bullets(items: Iterable[str]) -> str:
    """Write a list; items are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def section(title: str, *parts: str) -> str:
    """Put parts below a heading, an empty line between them; empty ones are left out."""
    return "\n\n".join([title, *(part for part in parts if part)])
