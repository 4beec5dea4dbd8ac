"""The smallest change against a search by hand, its order, and that the work is bounded."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from credit.core.dictionary import Dictionary
from credit.core.records import check
from credit.explain import counterfactual as counterfactuals
from credit.explain.counterfactual import Change, smallest_change
from tests.credit.models import Formula

COLUMNS = {
    "duration": {"role": "numeric", "actionable": True, "monotonicity": "increasing"},
    "amount": {"role": "numeric", "actionable": True},
    "savings": {"role": "ordinal", "codes": {"low": "", "some": "", "high": ""}, "actionable": True},
    "debtor": {"role": "nominal", "codes": {1: "none", 2: "guarantor"}, "actionable": True},
    "history": {"role": "numeric"},
    "age": {"role": "numeric", "protected": True},
    "y": {"role": "target", "codes": {0: "repaid", 1: "not"}, "bad_codes": [1]},
}
PLACES = {"low": 0, "some": 1, "high": 2}


def dictionary(**changes: dict) -> Dictionary:
    return check(Dictionary, {"columns": {name: {**own, **changes.get(name, {})} for name, own in COLUMNS.items()}}, "")


def table(**values) -> pd.DataFrame:
    n = max(len(column) for column in values.values())
    own = {"duration": 24.0, "amount": 1000.0, "savings": "low", "debtor": 1.0, "history": 1.0, "age": 40.0}
    return pd.DataFrame({name: values.get(name, [value] * n) for name, value in own.items()})


TRAINING = table(
    duration=[6.0, 12, 18, 24, 36, 48] * 10,
    amount=[500.0, 1000, 2000] * 20,
    savings=["low", "low", "some", "high"] * 15,
    debtor=[1.0, 1, 1, 2] * 15,
    history=[0.0, 1] * 30,
    age=[20.0, 40, 60] * 20,
)


def search(formula, applicant=None, training=TRAINING, **changes):
    applicant = table(amount=[1000.0]) if applicant is None else applicant
    return smallest_change(Formula(formula, list(TRAINING)), applicant, training, dictionary(**changes))


def test_one_attribute_comes_before_two_and_the_nearest_value_first():
    found = search(lambda rows: 0.3 + 0.01 * rows["duration"] - 0.2 * (rows["debtor"] == 2))
    # 24 months give 0.54; 18 are the next value below a PD of 0.5.
    assert found.counterfactual.changes == (Change("duration", 24.0, 18.0),)
    assert found.counterfactual.pd == pytest.approx(0.48)
    assert found.counterfactual.distance == pytest.approx(1 / 6)  # half of those at 18, and half of those at 24


@pytest.mark.parametrize("enough", [237, 700, 811])
def test_of_one_number_every_value_that_was_seen_is_tried(enough):
    training = table(amount=np.arange(1000.0))
    found = search(lambda rows: 0.6 - 0.2 * (rows["amount"] <= enough), table(amount=[900.0]), training)
    assert found.counterfactual.changes == (Change("amount", 900.0, enough),)


def test_of_several_numbers_all_nearer_values_are_tried():
    generator = np.random.default_rng(3)
    training = table(amount=np.arange(300.0), duration=generator.permutation(np.arange(300.0)))
    found = search(
        lambda rows: 0.9 - 0.25 * (rows["amount"] <= 137) - 0.25 * (rows["duration"] <= 61),
        table(amount=[290.0], duration=[200.0]),
        training,
    )
    assert found.counterfactual.changes == (Change("duration", 200.0, 61.0), Change("amount", 290.0, 137.0))


def test_a_pd_at_the_cutoff_is_still_a_rejection():
    found = search(lambda rows: np.select([rows["duration"] == 18, rows["duration"] == 12], [0.5, 0.4], 0.6))
    assert found.counterfactual.changes == (Change("duration", 24.0, 12.0),)


def test_distance_is_the_share_of_applicants_between_half_of_those_at_the_ends():
    training = table(duration=[6.0] * 10 + [12.0] * 20 + [24.0] * 30 + [48.0] * 40)
    found = search(lambda rows: 0.6 - 0.2 * (rows["duration"] == 6), training=training)
    assert found.counterfactual.distance == pytest.approx((10 / 2 + 20 + 30 / 2) / 100)


def test_what_is_not_actionable_or_protected_stays():
    assert search(lambda rows: rows["history"] * 0.9).counterfactual is None
    assert search(lambda rows: (rows["age"] < 50) * 0.9).counterfactual is None
    assert search(lambda rows: rows["history"] * 0.9, history={"actionable": True}).counterfactual.changes[0].after == 0


def test_no_change_is_proposed_towards_what_should_be_riskier():
    def longer_is_safer(rows):
        return 0.9 - 0.01 * rows["duration"]

    assert search(longer_is_safer).counterfactual is None
    assert search(longer_is_safer, duration={"monotonicity": None}).counterfactual.changes[0].after == 48
    assert search(longer_is_safer, duration={"monotonicity": "decreasing"}).counterfactual.changes[0].after == 48


def test_direction_goes_by_the_order_of_the_codes_not_by_the_alphabet():
    def safer_at(place):
        return lambda rows: 0.9 - 0.5 * (rows["savings"].map(PLACES) == place)

    some = table(savings=["some"])
    assert search(safer_at(0), some, savings={"monotonicity": "decreasing"}).counterfactual is None
    assert search(safer_at(2), some, savings={"monotonicity": "decreasing"}).counterfactual.changes[0].after == "high"
    assert search(safer_at(0), some, savings={"monotonicity": "increasing"}).counterfactual.changes[0].after == "low"


def test_of_equal_distances_the_lower_pd_is_taken():
    found = search(lambda rows: 0.55 - 0.1 * (rows["amount"] == 500) - 0.2 * (rows["amount"] == 2000))
    assert found.counterfactual.changes == (Change("amount", 1000.0, 2000.0),)


def test_a_missing_value_may_be_given():
    found = search(lambda rows: 0.9 * rows["amount"].isna(), table(amount=[np.nan]))
    (change,) = found.counterfactual.changes
    assert (change.attribute, np.isnan(change.before), change.after) == ("amount", True, 500.0)
    assert found.counterfactual.distance == 1


def test_it_agrees_with_a_search_over_everything():
    generator = np.random.default_rng(5)
    for _ in range(15):
        weights = generator.uniform(0, 0.25, 4)

        def formula(rows, weights=weights):
            parts = [
                rows["duration"] / 48,
                rows["amount"] / 2000,
                1 - rows["savings"].map(PLACES) / 2,
                rows["debtor"] == 1,
            ]
            return 0.2 + sum(weight * part for weight, part in zip(weights, parts, strict=True))

        applicant = table(duration=[36.0], amount=[2000.0])
        values = [[6.0, 12, 18, 24, 36], [500.0, 1000, 2000], ["low", "some", "high"], [1.0, 2.0]]
        every = pd.DataFrame(list(product(*values)), columns=["duration", "amount", "savings", "debtor"])
        flipped = every[formula(every) < 0.5]
        changed = (flipped != applicant[list(every)].iloc[0]).sum(axis=1)
        found = search(formula, applicant)
        if formula(applicant).iloc[0] < 0.5 or changed.empty or changed.min() > 3:
            continue
        assert len(found.counterfactual.changes) == changed.min()
        assert found.counterfactual.pd < 0.5


def test_nothing_to_change_and_nothing_seen_give_nothing():
    fixed = {name: {"actionable": False} for name in ("duration", "amount", "savings", "debtor")}
    assert search(lambda rows: rows["history"], **fixed) == (None, 0)
    nothing_seen = TRAINING.assign(duration=np.nan, amount=np.nan, savings="low", debtor=1.0)
    assert search(lambda rows: rows["history"], training=nothing_seen) == (None, 0)


def test_the_count_of_variants_is_that_of_those_scored():
    model = Formula(lambda rows: rows["history"], list(TRAINING))
    found = smallest_change(model, table(amount=[1000.0]), TRAINING, dictionary())
    # Alternatives: three shorter durations, two amounts, two savings, one debtor.
    lengths = (3, 2, 2, 1)
    assert found.variants == model.rows == sum(lengths) + 23 + 3 * 2 * 2 + 3 * 2 + 3 * 2 + 2 * 2


def test_many_actionable_attributes_are_thinned_to_a_bounded_number_of_variants(monkeypatch):
    monkeypatch.setattr(counterfactuals, "MOST_VARIANTS", 300)
    names = [f"x{number}" for number in range(8)]
    columns = {name: {"role": "numeric", "actionable": True} for name in names} | {"y": COLUMNS["y"]}
    many = check(Dictionary, {"columns": columns}, "")
    training = pd.DataFrame(np.random.default_rng(1).uniform(size=(100, 8)), columns=names)
    model = Formula(lambda rows: 0.9 + 0 * rows["x0"], names)
    found = smallest_change(model, training.iloc[[0]], training, many)
    assert found.counterfactual is None
    assert 8 * 19 < found.variants <= 8 * 20 + 2 * 300
    # What is kept reaches as far as before.
    pair, lowest = ["x0", "x1"], training.iloc[[0]] * 0
    reaching = Formula(lambda rows: 0.9 - 0.5 * (rows[pair] == training[pair].max()).all(axis=1), names)
    found = smallest_change(reaching, lowest, training, many)
    assert [change.attribute for change in found.counterfactual.changes] == pair


def test_combinations_beyond_the_bound_are_left_out(monkeypatch):
    monkeypatch.setattr(counterfactuals, "MOST_VARIANTS", 5)
    model = Formula(lambda rows: rows["history"], list(TRAINING))
    found = smallest_change(model, table(amount=[1000.0]), TRAINING, dictionary())
    assert found == (None, 4)  # one value of each of four attributes; there are six pairs
