"""Tests of bins in words: the words tell the truth, and every answer there can be has a line."""

import re

import numpy as np
import pytest

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.features.plan import FeaturePlan, Levels
from credit.features.woe import UNSEEN, bin_numbers, build_binning
from credit.model.pipeline import Calibration, ModelSpec, fit_pd_model
from credit.scorecard import bins
from credit.scorecard.bins import bins_of, intervals, title_of
from tests.credit.small_specs import candidate

CODES = {"housing": {1: "free", 2: "rent", 3: "own"}, "savings": {code: f"savings {code}" for code in range(1, 6)}}


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary(
        columns={
            "duration": Column(role="numeric", label="how long", unit="months"),
            "amount": Column(role="numeric"),
            "purpose": Column(role="nominal"),
            "housing": Column(role="nominal", codes=CODES["housing"]),
            "savings": Column(role="ordinal", codes=CODES["savings"]),
            "job": Column(role="ordinal", codes={1: "none", 2: "some", 3: "good"}),
            "telephone": Column(role="ignored"),
            "bad": Column(role="target", codes={0: "good", 1: "bad"}, bad_codes=(1,)),
        }
    )


@pytest.fixture(scope="module")
def many(draw_applicants):
    return draw_applicants(600, 5)


@pytest.fixture
def lines_of(plan, dictionary):
    def list_lines(applicants, name, plan=plan, dictionary=dictionary, **options):
        fitted = build_binning(plan).fit(applicants.features, applicants.bad).named_steps["bins"]
        return bins_of(name, fitted.get_binned_variable(name), plan, dictionary, **{"whole": True, **options})

    return list_lines


def by_words(lines) -> dict[str, float]:
    return {line.words: line.woe for line in lines}


@pytest.mark.parametrize(
    ("splits", "whole", "unit", "expected"),
    [
        ([7.5, 12.5], True, "months", ["up to 7 months", "8 to 12 months", "13 months or more"]),
        ([7.0, 12.0], True, "", ["up to 6", "7 to 11", "12 or more"]),
        ([7.5, 8.5], True, "DM", ["up to 7 DM", "8 DM", "9 DM or more"]),
        ([1999.5], True, "DM", ["up to 1,999 DM", "2,000 DM or more"]),
        ([-0.5], True, "DM", ["up to -1 DM", "0 DM or more"]),
        ([7.5, 12.25], False, "%", ["< 7.5 %", "7.5 to < 12.25 %", ">= 12.25 %"]),
        ([0.5], False, "", ["< 0.5", ">= 0.5"]),
        ([], True, "DM", ["any number"]),
        ([], False, "", ["any number"]),
    ],
)
def test_intervals_in_words(splits, whole, unit, expected):
    assert intervals(np.array(splits), unit, whole) == expected


def test_where_codes_say_why_there_is_no_value_the_line_says_what_they_mean(many, lines_of, dictionary):
    coded = dictionary.columns["amount"].model_copy(update={"missing": {-9999: "no bureau record", ".": ""}})
    told = dictionary.model_copy(update={"columns": {**dictionary.columns, "amount": coded}})
    assert lines_of(many, "amount", dictionary=told)[-1].words == "not known (no bureau record)"


@pytest.mark.slow
def test_numbers_are_intervals_that_hold_those_who_are_in_them(many, lines_of, plan):
    lines = lines_of(many, "duration")
    assert lines[-1].words == "not known"
    binning = build_binning(plan).fit(many.features, many.bad)
    weights = binning.transform(many.features)[:, plan.all_features.index("duration")]
    seen = many.features["duration"].to_numpy()
    for words, woe in by_words(lines[:-1]).items():
        ends = [int(part) for part in words.split() if part.isdigit()]
        low = -np.inf if words.startswith("up to ") else ends[0]
        high = np.inf if words.endswith(" or more") else ends[-1]
        own = (seen >= low) & (seen <= high)
        assert own.any()
        assert weights[own] == pytest.approx(np.full(own.sum(), woe))


def test_ordered_levels_are_lines_in_their_order_each_level_once(many, lines_of):
    lines = lines_of(many, "savings")
    named = "; ".join(line.words for line in lines[:-1]).split("; ")
    assert named == list(CODES["savings"].values())
    assert lines[-1].words == "not known"


def test_every_nominal_level_is_in_one_line_and_the_rare_ones_with_any_other(many, lines_of, plan):
    lines = lines_of(many, "purpose")
    named = [name for line in lines for name in line.words.split("; ")]
    assert sorted(named) == sorted(["car", "house", "tv", "boat", "any other", "not known"])
    (with_rare,) = (line for line in lines if "boat" in line.words.split("; "))
    assert with_rare.words.endswith("boat; any other")
    assert UNSEEN not in [line.number for line in lines]


def test_of_very_many_rare_levels_a_few_are_named(many, lines_of, plan):
    rare = ("boat", *(f"craft {number}" for number in range(4000)))
    wider = plan.model_copy(
        update={"nominal": {**plan.nominal, "purpose": Levels(kept=("car", "house", "tv"), rare=rare)}}
    )
    (line,) = (line for line in lines_of(many, "purpose", wider) if "boat" in line.words)
    assert line.words.endswith("craft 9; craft 10; and 3,989 more; any other")


def test_of_very_many_ordered_levels_in_a_line_the_ends_are_named(many, lines_of, plan, monkeypatch):
    monkeypatch.setattr(bins, "NAMED", 1)
    by_chance = many._replace(bad=np.random.default_rng(1).permutation(many.bad))  # few bins
    lines = [line.words for line in lines_of(by_chance, "savings")[:-1]]
    levels = [int(re.search(r" \((\d) levels\)$", words)[1]) if " to " in words else 1 for words in lines]
    assert sum(levels) == len(CODES["savings"])
    assert max(levels) > 1
    assert lines[0].startswith("savings 1")
    assert lines[-1].split(" (")[0].endswith("savings 5")


def test_where_no_level_is_rare_any_other_answer_counts_as_one_that_is_not_known(many, lines_of):
    lines = lines_of(many, "housing")
    assert lines[-1].words == "not known, or any other"
    assert lines[-1].woe == pytest.approx(0, abs=1e-12)


def test_where_rare_ones_were_not_among_those_fitted_to_any_other_answer_is_a_line_of_its_own(many, lines_of, plan):
    features = many.features.replace({"purpose": {"boat": np.nan}})
    lines = by_words(lines_of(many._replace(features=features), "purpose"))
    assert list(lines)[-2:] == ["not known", "any other"]
    assert lines["any other"] == pytest.approx(0, abs=1e-12)
    assert abs(lines["not known"]) > 1e-6


def test_a_bad_rate_of_many_levels_is_in_percent(many, lines_of, plan):
    without = {name: levels for name, levels in plan.nominal.items() if name != "purpose"}
    wide = plan.model_copy(update={"nominal": without, "many_levels": {"purpose": 4}})
    words = [line.words for line in lines_of(many, "purpose", wide)]
    assert words[0].startswith("< ")
    assert words[-2].startswith(">= ")
    assert words[-2].endswith(" % bad at that level")
    assert words[-1] == "not known"
    shares = [float(text) for text in re.findall(r"\d+\.?\d*", " ".join(words))]
    assert 10 < min(shares) <= max(shares) < 90
    assert shares == [round(share, 1) for share in shares]


def test_a_level_of_the_plan_that_nobody_had_is_any_other(many, lines_of, plan):
    wider = plan.model_copy(update={"nominal": {**plan.nominal, "housing": Levels(kept=(1, 2, 3, 4))}})
    named = "; ".join(line.words for line in lines_of(many, "housing", wider)).replace(", or", ";")
    assert sorted(named.split("; ")) == sorted([*CODES["housing"].values(), "not known", "any other"])


@pytest.mark.parametrize("gone", [False, True])
def test_every_number_of_a_bin_has_one_line_with_its_weight(many, plan, dictionary, gone):
    features = many.features.copy()
    if gone:
        for place, name in enumerate(plan.features):
            features[name] = features[name].mask((np.arange(600) + place) % 6 == 0)
    spec = ModelSpec("scorecard", candidate("woe"), plan, Calibration(method="none", folds=2), 1)
    model = fit_pd_model(spec, many._replace(features=features), cutoff=0.5).estimator_
    asked = features.copy()
    asked.loc[0, plan.features] = [np.nan, np.nan, "rocket", 9.0, 9.0, 9.0]
    asked.loc[1, plan.features] = [np.nan, np.nan, None, np.nan, np.nan, np.nan]
    numbers = bin_numbers(model, asked)
    binning = model.named_steps["preprocess"]
    weights = binning.transform(asked)
    for place, name in enumerate(plan.all_features):
        binned = binning.named_steps["bins"].get_binned_variable(name)
        lines = bins_of(name, binned, plan, dictionary, whole=True)
        woe = {line.number: line.woe for line in lines}
        assert len(woe) == len(lines)
        assert numbers[name].map(woe).to_numpy() == pytest.approx(weights[:, place], abs=1e-12)


def test_titles(dictionary, plan):
    assert title_of("duration", plan, dictionary) == "how long"
    assert title_of("amount", plan, dictionary) == "amount"
    derived = FeaturePlan(numeric={}, nominal={}, ordinal={}, dropped={}, derived={"per_month": "amount / duration"})
    assert title_of("per_month", derived, dictionary) == "per month (amount / duration)"
