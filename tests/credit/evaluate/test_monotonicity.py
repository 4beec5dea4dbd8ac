"""Curves against scikit-learn's partial dependence, violations by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import partial_dependence

from credit.core.intervals import wilson
from credit.evaluate.monotonicity import check_direction, conditional_pds

RISING = np.array([[0.1, 0.2, 0.3], [0.1, 0.1, 0.4]])


def test_curves_are_scikit_learns():
    generator = np.random.default_rng(1)
    features = pd.DataFrame(generator.integers(0, 5, (80, 3)).astype(float), columns=["a", "b", "c"])
    bad = (features.sum(axis=1) + generator.normal(size=80) > 6).astype(int)
    forest = RandomForestClassifier(20, random_state=1).fit(features, bad)
    found = conditional_pds(lambda rows: forest.predict_proba(rows)[:, 1], features, "b", [0.0, 1.0, 2.0, 3.0, 4.0])
    expected = partial_dependence(forest, features, ["b"], kind="individual", response_method="predict_proba")
    assert expected["grid_values"][0].tolist() == [0, 1, 2, 3, 4]
    assert found == pytest.approx(expected["individual"][0], abs=1e-12)


def test_text_codes_are_tried_in_the_order_given():
    features = pd.DataFrame({"grade": ["A", None, "B"], "x": [1.0, 2, 3]})

    def score(rows):
        return (rows["x"] / 10 + (rows["grade"] == "C") * 0.5).to_numpy()

    found = conditional_pds(score, features, "grade", ["C", "A"])
    assert found == pytest.approx(np.array([[0.6, 0.1], [0.7, 0.2], [0.8, 0.3]]))


@pytest.mark.parametrize(
    ("pds", "expected"), [(RISING, "increasing"), (RISING[:, ::-1], "decreasing"), (0 * RISING, "increasing")]
)
def test_what_moves_as_expected_has_no_violation(pds, expected):
    found = check_direction(pds, expected, 0.0)
    assert {found[name] for name in ("share", "median", "largest", "average", "average_low", "average_high")} == {0}
    assert (found["n"], found["low"]) == (2, 0)
    assert found["start"] == found["end"]


def test_violations_by_hand():
    pds = np.array([[0.1, 0.3, 0.2, 0.25], [0.1, 0.2, 0.3, 0.4], [0.5, 0.4, 0.45, 0.1], [0.1, 0.105, 0.1, 0.2]])
    # Falls from the highest before: 0.1 (0.3 to 0.2), none, 0.4 (0.5 to 0.1), 0.005.
    found = check_direction(pds, "increasing", 0.01)
    assert (found["share"], found["n"]) == (0.5, 4)
    assert (found["low"], found["high"]) == tuple(wilson(2, 4))
    assert found["largest"] == pytest.approx(0.4)
    assert found["median"] == pytest.approx(0.0525)
    # The average curve is 0.2, 0.25125, 0.2625, 0.2375: it falls from the third value to the fourth.
    assert (found["start"], found["end"]) == (2, 3)
    falls = np.array([-0.05, -0.1, 0.35, -0.1])
    assert found["average"] == pytest.approx(falls.mean())
    assert found["average_high"] - found["average"] == pytest.approx(1.959964 * falls.std(ddof=1) / 2)
    assert found["average_low"] + found["average_high"] == pytest.approx(2 * found["average"])


def test_a_violation_need_not_be_of_neighbours():
    found = check_direction(np.array([[0.4, 0.39, 0.38, 0.37, 0.36]]), "increasing", 0.03)
    assert found["largest"] == pytest.approx(0.04)
    assert (found["share"], found["start"], found["end"]) == (1, 0, 4)


def test_up_to_the_tolerance_is_let_pass():
    pds = np.array([[0.5, 0.25]])
    assert check_direction(pds, "increasing", 0.25)["share"] == 0
    assert check_direction(pds, "increasing", 0.24)["share"] == 1
    assert check_direction(pds, "decreasing", 0.0)["share"] == 0


def test_one_applicant_has_no_interval_of_the_average():
    found = check_direction(np.array([[0.5, 0.25]]), "increasing", 0.1)
    assert found["average"] == 0.25
    assert np.isnan([found["average_low"], found["average_high"]]).all()
