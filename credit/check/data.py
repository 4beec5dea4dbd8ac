"""Checks of the table: what is missing in it, who stands in it twice, and whether it is large enough."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from credit.check.record import Check, Number, judge


def few_cells_missing(cells: Sequence[Mapping[str, Any]], features: Collection[str], limit: float) -> Check:
    """CR008: the share of feature cells without a valid value is at most `limit`; absent columns do not count.

    Parameters
    ----------
    cells : a record a column with in_file and the counts kept, restored, missing and invalid.
    """
    looked_at = [record for record in cells if record["column"] in features and record["in_file"]]
    without = {record["column"]: record["missing"] + record["invalid"] for record in looked_at}
    total = sum(record["kept"] + record["restored"] for record in looked_at) + sum(without.values())
    share = sum(without.values()) / max(total, 1)
    numbers = [Number("cells without a value", sum(without.values())), Number("feature cells", total)]
    numbers += [Number("share", share), Number("limit", limit)]
    reason = f"{sum(without.values())} of {total} feature cells, a share of {share:.3f}; limit {limit:g}"
    if share > 0:
        worst = max(without, key=without.__getitem__)
        numbers.append(Number(worst, without[worst]))
        reason += f"; most in {worst}, {without[worst]}"
    return judge("CR008", share <= limit, reason, numbers)


def nobody_counted_twice(rows: Mapping[str, int]) -> Check:
    """CR009: no two prepared rows are equal; repeats that were merged are told."""
    alike, merged = rows["alike_not_merged"], rows["merged"]
    reason = f"{merged} repeated rows were merged; {alike} of {rows['prepared']} prepared rows equal another one"
    numbers = [Number("merged", merged), Number("alike, not merged", alike), Number("prepared", rows["prepared"])]
    return judge("CR009", alike == 0, reason, numbers)


def enough_bads(bads: int, features: int, limit: float) -> Check:
    """CR010: there are at least `limit` bad training applicants for each feature used."""
    each = bads / features
    reason = f"{bads} bad training applicants for {features} features are {each:.1f} for each; at least {limit:g}"
    numbers = [
        Number("bad training applicants", bads),
        Number("features", features),
        Number("for each feature", each),
        Number("limit", limit),
    ]
    return judge("CR010", each >= limit, reason, numbers)
