"""Pictures of models that are hard to draw: one family or all, a handful of applicants, one PD for all, long words."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from credit.core.families import FAMILIES
from credit.core.intervals import wilson
from credit.cutoff.approvals import cost_on_grid, score_bands, upper_ends
from credit.cutoff.figure import draw_page
from credit.cutoff.sensitivity import by_bad_rate, by_cost_ratio
from credit.evaluate import figure as charts
from credit.evaluate.selection import compare
from credit.evaluate.selection_figure import draw_average_pds, draw_comparison, draw_violations
from credit.explain.figure import draw_importance, draw_reasons
from credit.fairness.figure import SHOWN_GROUPS, draw_groups
from credit.fairness.rates import compare_groups, rates_by_group
from credit.metrics import curves
from credit.metrics.calibration import measures, reliability_curve
from credit.metrics.decision import Cost, best_cutoff
from credit.metrics.out_of_fold import by_applicant
from credit.scorecard.figure import draw_form
from credit.scorecard.scale import Scale, bands_of_points
from credit.validate.figure import draw_validation
from credit.validate.nested_cv import CHOSEN, METRICS, differences, estimates
from tests.pictures.hard_tables import LONG

COST = Cost(accept_bad=5, reject_good=1)
LONGER = "an answer of so many words that a lender must have copied it from a law, with all its exceptions and more"


def compared(families: list[str], spread: float) -> Figure:
    random, folds = np.random.default_rng(1), {}
    for family in families:
        values = 0.5 + spread * random.normal(size=(20, 3))
        folds[family] = pd.DataFrame(values, columns=["auc", "brier", "cost"])
    table = pd.concat([compare(folds, metric, 0.1, 800) for metric in ("auc", "brier", "cost")], ignore_index=True)
    return draw_comparison(table.assign(chosen=table["family"] == families[0]))


def validation(families: list[str], spread: float) -> Figure:
    random = np.random.default_rng(4)
    tables = [
        pd.DataFrame(0.6 + spread * random.normal(size=(10, len(METRICS))), columns=METRICS).assign(family=family)
        for family in families
    ]
    folds = pd.concat([*tables, tables[0].assign(family=CHOSEN)], ignore_index=True)
    return draw_validation(estimates(folds, 0.1, 800), differences(folds, 0.1))


def on_both(n: int, curve: Callable[..., pd.DataFrame], spread: float = 0.15) -> pd.DataFrame:
    tables = []
    for seed, sample in enumerate(("test", "out of fold")):
        bad = (np.arange(n) < 0.3 * n).astype(int)
        pds = np.clip(0.25 + spread * (bad + np.random.default_rng(seed).normal(size=n)), 0, 1)
        tables.append(curve(bad, pds).assign(sample=sample))
    return pd.concat(tables, ignore_index=True)


def evaluated(n: int, spread: float = 0.15) -> Iterator[Figure]:
    """Draw every picture of one model; without spread all PDs are the same."""

    def table(curve: Callable[..., pd.DataFrame]) -> pd.DataFrame:
        return on_both(n, curve, spread)

    yield charts.roc(table(curves.roc))
    yield charts.precision_recall(table(curves.precision_recall))
    yield charts.gain(table(curves.gain))
    yield charts.cost(table(lambda bad, pds: curves.cost(bad, pds, COST)), 0.2, COST)
    of_repeats = [table(lambda bad, pds, made=made: made(bad, pds[None])) for made in (reliability_curve, measures)]
    yield charts.calibration(table(curves.calibration), *of_repeats)


def confusion(actual: list[int], predicted: list[int]) -> Figure:
    return charts.confusion(pd.DataFrame({"actual": actual, "predicted": predicted}))


def importance(attributes: int, value: float = 0.01, title: str = LONG) -> Figure:
    rows = [
        {"attribute": f"x{place}", "title": f"{title} {place}", "metric": metric, "importance": value * place}
        for place in range(attributes)
        for metric in ("auc", "brier")
    ]
    table = pd.DataFrame(rows).assign(n=200, bad=60)
    return draw_importance(table.assign(low=table["importance"] - 0.02, high=table["importance"] + 0.02))


def violations(attributes: int) -> Figure:
    rows = [
        {"attribute": f"x{place}", "title": LONG, "expected": "increasing", "family": family}
        for place in range(attributes)
        for family in FAMILIES
    ]
    return draw_violations(pd.DataFrame(rows).assign(n=200, share=1.0, low=0.98, high=1.0, average=0.034), 0.01)


def directions(levels: int, *, coded: bool) -> Figure:
    rows = [
        {"family": family, "order": order, "value": order + 1, "words": f"{order} <= ... < {order + 1} hundred DM"}
        for family in FAMILIES
        for order in range(levels)
    ]
    about = {"attribute": "x", "title": "savings", "expected": "decreasing", "coded": coded, "unit": "DM", "n": 200}
    return draw_average_pds(pd.DataFrame(rows).assign(pd=0.3, **about))


def reasons(decision: str, count: int, **changes: object) -> Figure:
    reason = {"title": LONG, "value": "critical account/other credits elsewhere", "contribution": 0.05,
              "standard_error": 0.004, "against_expectation": False}  # fmt: skip
    example = {
        "example": f"{decision}, a case", "line": 17, "pd": 0.17 + 0.05 * count, "cutoff": 0.2, "decision": decision,
        "compared_with": {"who": "approved", "n": 1373, "mean_pd": 0.1}, "reasons": [reason] * count,
        "other_attributes": 0.09, "protected_attributes": -0.02, "variants_tried": 2539, "smallest_change": None,
    }  # fmt: skip
    return draw_reasons([example | changes])


CHANGE = {
    "changes": [
        {"title": LONG, "from": "not known", "to": "all credits at this bank paid back duly"},
        {"title": "duration of the credit", "from": "48 months", "to": "24 months"},
    ],
    "pd": 0.19,
}


def cutoff_page(cost: Cost, *, bad_share: float = 0.3, bands: int = 10, ratios=(2, 5, 10), rates=(0.05, 0.3)) -> Figure:
    random = np.random.default_rng(4)
    chance = np.clip(random.beta(1.5, 1.5 / bad_share - 1.5, 500), 0.001, 0.999)
    bad = (random.random(500) < chance).astype(int)
    oof = pd.DataFrame({"line": np.arange(400), "bad": bad[:400], "pd": chance[:400]})
    scored = {"test": (bad[400:], chance[None, 400:]), "out of fold": by_applicant(oof)}
    in_use = best_cutoff(bad[:400], chance[:400], cost)
    costs = [cost_on_grid(*each, cost).assign(sample=name, n=len(each[0])) for name, each in scored.items()]
    of_oof = scored["out of fold"]
    bands_of = score_bands(of_oof[0], of_oof[1][0], upper_ends(of_oof[1][0], bands)).assign(sample="out of fold")
    tables = {
        "cost": pd.concat(costs),
        "score_bands": bands_of,
        "cost_ratios": by_cost_ratio(oof, cost, in_use, list(ratios)),
        "bad_rates": by_bad_rate(oof, cost, in_use, list(rates)),
    }
    marked = {"in use": in_use, "break-even": cost.break_even_cutoff, "cheapest out of fold": in_use}
    return draw_page(tables, marked, cost)


def groups(sizes: dict[str, tuple[int, int]]) -> Figure:
    """Draw groups of so many applicants, of whom so many are rejected; a third is bad."""
    tables = [
        pd.DataFrame({"group": name, "bad": np.arange(n) % 3 == 0, "rejected": np.arange(n) < rejected, "pd": 0.3})
        for name, (n, rejected) in sizes.items()
    ]
    table = pd.concat(tables, ignore_index=True).astype({"bad": int, "rejected": int})
    table = table.assign(line=table.index, group=pd.Categorical(table["group"], categories=list(sizes)))
    limits = {"min_group_size": 30, "min_bads": 10, "min_goods": 10}
    own = rates_by_group(table, **limits)
    everyone = rates_by_group(table.assign(group="all applicants"), **limits).assign(column="")
    rates = pd.concat([everyone, own.assign(column="x")])
    return draw_groups(rates, compare_groups(own, four_fifths=0.8).assign(column="x"), {"x": f"title, {LONG}"}, 0.8)


def form(rows: list[tuple[str, str, str, int, int, int]], cutoff: float = 0.2, notes: tuple[str, ...] = ()) -> Figure:
    start = ("", "everyone starts with", "", 388, 1200, 300)
    table = pd.DataFrame([start, *rows], columns=["feature", "title", "answer", "points", "n", "bad"])
    seen = table["n"].where(table["n"] > 0)
    table["bad_rate"] = table["bad"] / seen
    table["low"], table["high"] = wilson(table["bad"].where(table["n"] > 0), seen)
    scale, pds = Scale(points=600.0, odds=20.0, points_to_double=20.0), np.linspace(0.02, 0.9, 1200)
    bands = bands_of_points((np.arange(1200) % 100 < 100 * pds).astype(int), pds, scale, cutoff)
    return draw_form(table, bands, scale, scale.lowest_approved(cutoff), notes)


ANSWERS = [
    ("duration", LONGER, "up to 12 months", 51, 700, 100),
    ("duration", LONGER, "not known", 21, 0, 0),
    ("purpose", "purpose", LONGER, 7, 400, 60),
    ("purpose", "purpose", "car", 0, 800, 240),
]
NOTES = (f"Does not count: {LONGER}; {LONGER}; {LONGER}.", "Counts: age.")
RATIOS = [0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 10, 20]
RATES = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.333, 0.5, 0.6]

PICTURES: dict[str, Callable[[], Figure | Iterator[Figure]]] = {
    "families, two and equal": lambda: compared(["lr", "rf"], 0.0),
    "families, all": lambda: compared(list(FAMILIES), 0.05),
    "validation of one family": lambda: validation(["lr"], 0.0),
    "validation of all families": lambda: validation(list(FAMILIES), 0.05),
    "one model, ten applicants": lambda: evaluated(10),
    "one model, one PD for all": lambda: evaluated(120, spread=0.0),
    "confusion, nobody rejected": lambda: confusion([0, 1, 0], [0, 0, 0]),
    "confusion, very many": lambda: confusion([0, 1] * 60_000, [0, 1, 1] * 40_000),
    "importance of one": lambda: importance(1, title="duration of the credit"),
    "importance of many": lambda: importance(60),
    "importance without a number": lambda: importance(3, np.nan),
    "violations of one attribute": lambda: violations(1),
    "violations of five attributes": lambda: violations(5),
    "no expectation, violations": lambda: draw_violations(pd.DataFrame(), 0.01),
    "no expectation, directions": lambda: draw_average_pds(pd.DataFrame()),
    "directions of codes": lambda: directions(5, coded=True),
    "directions of numbers": lambda: directions(5, coded=False),
    "no example": lambda: draw_reasons([]),
    "reasons, none": lambda: reasons("approved", 0),
    "reasons, four, and no change": lambda: reasons("rejected", 4),
    "reasons and a change of many words": lambda: reasons("rejected", 2, smallest_change=CHANGE),
    "cutoff, rejecting is dear": lambda: cutoff_page(Cost(accept_bad=1, reject_good=5)),
    "cutoff, few bads": lambda: cutoff_page(Cost(accept_bad=20, reject_good=1), bad_share=0.05),
    "cutoff, most scenarios": lambda: cutoff_page(COST, bands=20, ratios=RATIOS, rates=RATES),
    "one group": lambda: groups({"missing": (80, 20)}),
    "groups of too few": lambda: groups({"young": (9, 3), "old": (8, 3)}),
    "groups, very many": lambda: groups({f"village {place}": (30 + place, 10) for place in range(SHOWN_GROUPS + 5)}),
    "groups of long names": lambda: groups({LONGER: (120, 60), "no": (120, 60)}),
    "a form without questions": lambda: form([]),
    "a form of long words": lambda: form(ANSWERS, notes=NOTES),
    "a form that rejects everyone": lambda: form(ANSWERS, 0.0),
    "a form that approves everyone": lambda: form(ANSWERS, 1.0),
}
