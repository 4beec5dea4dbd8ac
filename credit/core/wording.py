"""How metrics, rules of choice, numbers and estimates are written for people."""

from collections.abc import Mapping, Sequence
from typing import Any

METRIC_TITLES = {
    "auc": "AUC",
    "gini": "Gini",
    "ks": "KS",
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "brier": "Brier score",
    "log_loss": "log loss",
    "average_precision": "average precision",
    "cost": "cost per applicant",
    "cost_neutral": "cost at the break-even cutoff",
}
RULE_TITLES = {
    "leader": "the leader",
    "one_standard_error": "the preferred one within one standard error of the leader",
}
LOWER_IS_BETTER = frozenset({"brier", "log_loss", "cost", "cost_neutral"})


def directed_title(metric: str) -> str:
    """Name a metric and say which way is better: `AUC (higher is better)`."""
    return f"{METRIC_TITLES[metric]} ({'lower' if metric in LOWER_IS_BETTER else 'higher'} is better)"


def starred_title(metric: str) -> str:
    """Name a metric, with a star where lower is better: `Brier score *`."""
    return f"{METRIC_TITLES.get(metric, metric)}{' *' if metric in LOWER_IS_BETTER else ''}"


LONGEST = 100  # characters of a level: people's own words may be pages


def shortened(text: str, most: int = LONGEST) -> str:
    """Cut off what is longer than a table or a picture has room for."""
    return text if len(text) <= most else f"{text[: most - 4]} ..."


def first_of(texts: Sequence[str], most: int) -> list[str]:
    """Give the first of some texts, each shortened, and how many more there are.

    >>> first_of(["Ulm", "Bonn", "Trier"], 2)
    ['Ulm', 'Bonn', 'and 1 more']
    """
    more = len(texts) - most
    return [*map(shortened, texts[:most]), *([and_more(more)] if more > 0 else [])]


def and_more(number: int) -> str:
    """Say how many are not named."""
    return f"and {number:,} more"


def left_out_text(part: Mapping[str, Any]) -> str:
    """Say which part (a candidate's settings, a member) is left out, if not all of it, and why."""
    return f"{part['which']}: {part['reason']}" if part["which"] else part["reason"]


def number_text(value: float) -> str:
    """Write a number: thousands separated, six significant digits at most."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:,.6g}"


def decimal_text(value: float, digits: int = 3) -> str:
    """Write a number with so many decimals; what rounds to 0 has no sign.

    >>> decimal_text(-0.0004)
    '0.000'
    """
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    """Write a share of 1 in percent: `30.0 %`."""
    return f"{decimal_text(100 * share, digits)} %"


def estimate_text(value: float, low: float, high: float, digits: int = 3) -> str:
    """Write an estimate with its interval: `0.790 [0.721, 0.857]`."""
    return f"{decimal_text(value, digits)} [{decimal_text(low, digits)}, {decimal_text(high, digits)}]"
