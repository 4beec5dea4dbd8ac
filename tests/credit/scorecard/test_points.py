"""Tests of the table of points: its sums are the model's log-odds, and its lines hold every applicant once."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.intervals import wilson
from credit.features.woe import bin_numbers
from credit.model.pipeline import Calibration, ModelSpec, fit_pd_model
from credit.scorecard.points import (
    START,
    add_up,
    against_their_evidence,
    left_out,
    lines_of,
    log_odds_of,
    points_table,
    rounding,
    worked_by_hand,
)
from credit.scorecard.scale import Scale
from tests.credit.small_specs import candidate

SCALE = Scale(points=600.0, odds=20.0, points_to_double=20.0)
WITHOUT_L1 = {"encoding": "woe", "C": 1.0}
DICTIONARY = Dictionary(
    columns={
        "savings": Column(role="ordinal", codes={code: f"savings {code}" for code in range(1, 6)}),
        "duration": Column(role="numeric", label="how long", unit="months"),
        "amount": Column(role="numeric", unit="DM"),
        "purpose": Column(role="nominal"),
        "housing": Column(role="nominal", codes={1: "free", 2: "rent", 3: "own"}),
        "job": Column(role="ordinal", codes={1: "none", 2: "some", 3: "good"}),
        "telephone": Column(role="ignored"),
        "bad": Column(role="target", codes={0: "good", 1: "bad"}, bad_codes=(1,)),
    }
)


@pytest.fixture(scope="module")
def applicants(draw_applicants):
    """Give 600 applicants; a sixth of the values of each feature is missing."""
    drawn = draw_applicants(600, 5)
    features = drawn.features.copy()
    for place, name in enumerate(features.columns):
        features[name] = features[name].mask((np.arange(600) + place) % 6 == 0)
    return drawn._replace(features=features)


@pytest.fixture(scope="module")
def make(plan, applicants):
    """Fit a model and make its table: plan, model, table."""

    def make_table(method="none", applicants=applicants, derived=None, scale=SCALE, **settings):
        numeric = dict(plan.numeric) | dict.fromkeys(derived or {}, plan.numeric["amount"])
        own = plan.model_copy(update={"numeric": numeric, "derived": derived or {}})
        spec = ModelSpec(
            "scorecard", candidate(**{**WITHOUT_L1, **settings}), own, Calibration(method=method, folds=3), 1
        )
        model = fit_pd_model(spec, applicants, cutoff=0.3).estimator_
        return SimpleNamespace(
            plan=own,
            model=model,
            table=points_table(model, scale, own, DICTIONARY, applicants.features, applicants.bad),
            numbers=bin_numbers(model, applicants.features),
            pds=model.predict_proba(applicants.features)[:, 1],
        )

    return make_table


@pytest.fixture(scope="module")
def made(make):
    return make()


def strange(applicants) -> pd.DataFrame:
    """Give applicants with levels and numbers that nobody had, and with nothing known."""
    asked = applicants.features.head(5).copy()
    asked.loc[0, ["purpose", "housing", "savings", "job"]] = ["rocket", 9.0, 0.0, 7.0]
    asked.loc[1, ["duration", "amount"]] = [1e6, -5.0]
    asked.loc[2] = [np.nan, np.nan, None, np.nan, np.nan, np.nan, np.nan]
    return asked


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("none", {}),
        ("sigmoid", {}),
        ("none", {"resampler": "smote"}),
        ("none", {"solver": "saga", "l1_ratio": 1.0, "C": 0.05}),
        ("sigmoid", {"derived": {"instalment": "amount / duration"}}),
        ("none", {"scale": Scale(points=-3.0, odds=0.1, points_to_double=1.7)}),
    ],
)
def test_the_sum_of_points_before_rounding_is_the_score_of_the_models_pd(make, applicants, method, changes):
    made, scale = make(method, **changes), changes.get("scale", SCALE)
    for asked in (applicants.features, strange(applicants)):
        pds = made.model.predict_proba(asked)[:, 1]
        expected = scale.offset + scale.factor * np.log((1 - pds) / pds)
        assert add_up(made.table, bin_numbers(made.model, asked), "exact") == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("resampler", ["none", "smote"])
@pytest.mark.slow
def test_isotonic_calibration_is_refused(make, resampler):
    message = r"^points add up for a scorecard whose calibration is none or sigmoid, got .* set 'train.scorecard.cali"
    with pytest.raises(InputError, match=message):
        make("isotonic", resampler=resampler)


def test_another_encoding_is_refused(make):
    with pytest.raises(InputError, match=r"^expected a model whose encoding is woe"):
        make(encoding="one_hot")


def test_every_applicant_is_in_one_line_a_question(made, applicants):
    table = made.table
    assert (table[table["feature"] != ""].groupby("feature")["n"].sum() == 600).all()
    assert (table[table["feature"] != ""].groupby("feature")["bad"].sum() == applicants.bad.sum()).all()
    lines = lines_of(table, made.numbers)
    for name in lines.columns:
        assert set(table.loc[lines[name], "feature"]) == {name}
        counts = lines[name].value_counts().reindex(table.loc[table["feature"] == name, "order"], fill_value=0)
        assert np.array_equal(counts, table.loc[table["feature"] == name, "n"])


def test_lines_count_those_whose_answer_they_name(made, applicants):
    table = made.table.set_index(["feature", "answer"])
    assert table.loc[("purpose", "not known"), "n"] == applicants.features["purpose"].isna().sum()
    for (name, words), row in table.loc[["savings"]].iterrows():
        codes = [int(word.removeprefix("savings ")) for word in words.split("; ")] if words != "not known" else []
        own = applicants.features[name].isin(codes) if codes else applicants.features[name].isna()
        assert (row["n"], row["bad"]) == (own.sum(), applicants.bad[own].sum())
        assert row["bad_rate"] == pytest.approx(applicants.bad[own].mean())
        assert [row["low"], row["high"]] == pytest.approx([float(end) for end in wilson(row["bad"], row["n"])])


def test_a_line_that_nobody_is_in_has_points_but_no_bad_rate(make, draw_applicants):
    table = make(applicants=draw_applicants(600, 5)).table
    unseen = table[table["n"] == 0]
    assert {"not known", "not known, or any other"} == set(unseen["answer"])
    assert unseen[["bad_rate", "low", "high"]].isna().all(axis=None)
    assert unseen["points"].notna().all()


@pytest.mark.parametrize("name", ["duration", "savings"])
def test_points_rise_or_fall_along_ordered_answers(made, name):
    rows = made.table[(made.table["feature"] == name) & (made.table["answer"] != "not known")]
    steps = np.diff(rows["exact"])
    assert len(steps) >= 1
    assert (steps > 0).all() or (steps < 0).all()
    assert (np.sign(steps) == -np.sign(np.diff(rows["bad_rate"]))).all()
    assert (np.sign(np.diff(rows["points"])) * np.sign(steps) >= 0).all()


def test_the_worst_answer_gets_nothing_and_nothing_is_subtracted(made):
    answers = made.table[made.table["feature"] != ""]
    assert (answers.groupby("feature")["points"].min() == 0).all()
    assert made.table["points"].dtype.kind == "i"
    assert (answers["points"] == answers["exact"].round()).all()


@pytest.mark.parametrize("points_to_double", [0.6, 1.3, 13.3, 20.0])
def test_everyone_starts_with_the_rest_so_that_sums_are_right_on_average(make, points_to_double):
    scale = Scale(points=600.0, odds=20.0, points_to_double=points_to_double)
    made = make(scale=scale)
    first = made.table.iloc[0]
    assert (first["feature"], first["title"], first["answer"]) == ("", START, "")
    assert first["n"] == 600
    off = add_up(made.table, made.numbers) - scale.score(made.pds)
    assert abs(off.mean()) <= 0.5


def test_features_without_weight_are_left_out_of_the_table(make, applicants):
    made = make(solver="saga", l1_ratio=1.0, C=0.02)
    log_odds = log_odds_of(made.model)
    ignored = left_out(log_odds)
    assert 0 < len(ignored) < 6
    assert set(ignored) == set(made.plan.all_features) - set(made.table["feature"])
    changed = applicants.features.assign(**applicants.features.loc[7, ignored])
    assert np.array_equal(made.model.predict_proba(changed)[:, 1], made.pds)


def test_where_nothing_counts_everyone_has_what_they_start_with(make):
    made = make(solver="saga", l1_ratio=1.0, C=1e-6)
    assert len(made.table) == 1
    assert add_up(made.table, made.numbers) == pytest.approx(np.full(600, np.round(SCALE.score(made.pds[0]))))


def test_a_feature_whose_points_run_against_its_bad_rates_is_named(made):
    assert against_their_evidence(log_odds_of(made.model)) == []
    turned = clone(made.model)
    turned.steps = [made.model.steps[0], ("scorecard", SimpleNamespace(**vars(made.model[-1])))]
    turned[-1].coef_ = made.model[-1].coef_ * np.where(np.arange(6) == 2, -1, 1)
    assert against_their_evidence(log_odds_of(turned)) == [made.plan.all_features[2]]


def test_rounding_is_told_by_difference_and_decision():
    pds = SCALE.pd_at(np.array([500.0, 561.4, 561.6, 640.5]))
    # Cutoff 561.5: approved from 562 on. The second was to be rejected and is approved, the third the other way.
    found = rounding(np.array([500, 562, 561, 640]), pds, SCALE, float(SCALE.pd_at(561.5)))
    assert found["n"] == 4
    assert found["mean_difference"] == pytest.approx((0 + 0.6 + 0.6 + 0.5) / 4)
    assert found["largest_difference"] == pytest.approx(0.6)
    assert found["largest_pd_difference"] == pytest.approx(SCALE.pd_at(561) - SCALE.pd_at(561.6))
    assert (found["decisions_that_differ"], found["share"]) == (2, 0.5)
    assert [found["low"], found["high"]] == pytest.approx([float(end) for end in wilson(2, 4)])


def test_an_example_is_added_up_line_by_line(made, applicants):
    place = 9
    lines = lines_of(made.table, made.numbers).iloc[place]
    own = applicants.features.iloc[place]
    found = worked_by_hand(made.table, own, lines, DICTIONARY)
    assert found["sum"].iloc[-1] == add_up(made.table, made.numbers)[place]
    assert found["sum"].to_numpy() == pytest.approx(np.cumsum(found["points"]))
    assert len(found) == 1 + made.table["feature"].nunique() - 1
    given = found.set_index("title")["given"]
    assert given[START] == ""
    assert given["how long"] == f"{own['duration']:.0f} months"
    assert given["savings"] == f"savings {own['savings']:.0f}"
    assert given["housing"] == "not known"


def test_a_derived_feature_is_asked_last_and_its_value_is_not_given(make, applicants):
    made = make(derived={"instalment": "amount / duration"})
    table = made.table
    asked = [name for name in DICTIONARY.columns if name in set(table["feature"])] + ["instalment"]
    assert list(table["feature"].unique()) == ["", *asked]
    assert table["order"].tolist() == list(range(len(table)))
    found = worked_by_hand(table, applicants.features.iloc[1], lines_of(table, made.numbers).iloc[1], DICTIONARY)
    assert found.set_index("title").loc["instalment (amount / duration)", "given"] == ""


def test_the_weight_of_evidence_is_that_of_the_rows_own_counts(made):
    table = made.table[(made.table["bad"] > 0) & (made.table["n"] > made.table["bad"])]
    goods, bads = table["n"] - table["bad"], table["bad"]
    by_hand = np.log((goods / goods.iloc[0]) / (bads / bads.iloc[0]))  # the first row holds all applicants
    assert len(table) > 10
    assert table["woe"].to_numpy() == pytest.approx(by_hand.to_numpy(), abs=1e-9)
