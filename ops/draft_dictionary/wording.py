"""How numbers, shares, cells and names are written in remarks and messages."""

from collections.abc import Iterable

from credit.core.dictionary import Code

FEW_SHOWN = 3  # where each is written with its line


def plain(value: float) -> float:
    """Give a whole number as an integer."""
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)


def counted(number: int, what: str) -> str:
    """Write how many there are of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Write a share, never a positive one as zero or a partial one as all."""
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return "over 99.9 %" if 0.9995 < share < 1 else f"{100 * share:.1f} %"


def shown(text: str) -> str:
    """Write a cell or a name on one line, quoted and not too long."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def listing(items: Iterable[Code]) -> str:
    """Write the first few of some names or codes."""
    items = list(items)
    more = f" and {len(items) - 10} more" if len(items) > 10 else ""
    return ", ".join(shown(str(item)) for item in items[:10]) + more
