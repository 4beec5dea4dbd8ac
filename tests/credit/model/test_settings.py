"""Tests of what the params say of one family, and of the language for fixed and searched settings."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InputError
from credit.core.families import SEARCHED
from credit.features.preprocessing import ENCODINGS
from credit.model.pipeline import Calibration
from credit.model.resampling import RESAMPLERS
from credit.model.settings import Candidate, expand, read_settings, what_sets_apart

TREE = {"encoding": "ordinal", "resampler": "none", "max_depth": [2, 3]}


@pytest.mark.parametrize(
    ("settings", "combinations"),
    [
        ({}, [{}]),
        ({"depth": 3, "rate": 0.1}, [{"depth": 3, "rate": 0.1}]),
        ({"depth": [3], "rate": 0.1}, [{"depth": 3, "rate": 0.1}]),
        ({"layers": [[32, 16], [8]]}, [{"layers": [32, 16]}, {"layers": [8]}]),  # a value that is a list
        ({"depth": [None, 3], "weight": {0: 1}}, [{"depth": None, "weight": {0: 1}}, {"depth": 3, "weight": {0: 1}}]),
        (
            {"encoding": ["binary", "one_hot"], "C": 1.0, "depth": [2, 3]},
            [{"encoding": name, "C": 1.0, "depth": depth} for name in ("binary", "one_hot") for depth in (2, 3)],
        ),
    ],
)
def test_a_value_is_fixed_and_a_list_is_searched(settings, combinations):
    assert expand(settings) == combinations


def test_some_candidates_are_told_apart_by_the_settings_that_not_all_have():
    tried = [
        Candidate("ordinal", resampler, {"C": 1, "layers": [layers]})
        for resampler in ("none", "smote")
        for layers in (8, 16, 32)
    ]
    assert what_sets_apart(tried[3:], tried) == "resampler=smote"
    assert what_sets_apart(tried[1:3], tried) == "resampler=none, layers=[16] or [32]"
    assert what_sets_apart(tried, tried) == ""


@pytest.mark.parametrize("wrong", [[], [1, 2, 1], ["a", "a"], [[8], [8]]])
def test_an_empty_list_and_repeated_values_are_refused(wrong):
    with pytest.raises(InputError, match=r"^'depth' must be a value or a list of different values to search, got \["):
        expand({"C": 1, "depth": wrong})


@given(st.dictionaries(st.text(), st.lists(st.integers(), min_size=1, max_size=4, unique=True), max_size=4))
def test_every_combination_comes_once(settings):
    combinations = expand(settings)
    assert len(combinations) == math.prod(map(len, settings.values()))
    assert len({tuple(each.items()) for each in combinations}) == len(combinations)
    assert all(each[name] in values for each in combinations for name, values in settings.items())


def test_candidates_have_nothing_that_stands_apart():
    found = read_settings("dt", {"max_rows": 500, "calibration": "isotonic", **TREE})
    assert found.candidates == [Candidate("ordinal", "none", {"max_depth": depth}) for depth in (2, 3)]
    assert found.candidates[1].settings == {**TREE, "max_depth": 3}
    assert (found.max_rows, found.calibration) == (500, "isotonic")


@pytest.mark.parametrize("apart", [{}, {"max_rows": None, "calibration": None}])
def test_what_is_not_given_is_as_for_all_families(apart):
    found = read_settings("dt", {**apart, **TREE})
    assert (found.max_rows, found.calibration) == (None, None)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "none"])
def test_a_familys_calibration_takes_the_place_of_the_one_for_all(method):
    for_all = Calibration(method="sigmoid", folds=4, max_cross_fitted=700)
    own = for_all.by(read_settings("dt", {**TREE, "calibration": method}).calibration)
    assert own == Calibration(method=method, folds=4, max_cross_fitted=700)
    assert for_all.by(read_settings("dt", TREE).calibration) == for_all


@pytest.mark.parametrize("trees", [0, -5, [100, 0]])
def test_no_trees_are_refused(trees):
    with pytest.raises(InputError, match=r"^params.yaml: 'train.xgb.n_estimators' must be 1 or more, got (0|-5)$"):
        read_settings("xgb", {"encoding": "codes", "resampler": "none", "n_estimators": trees})


BY_ROWS = [{"from_rows": 300, "max_depth": 5}, {"from_rows": 900, "encoding": ["ordinal", "codes"], "max_rows": 700}]


@pytest.mark.parametrize(
    ("rows", "depths", "encodings", "most"), [(299, 2, 1, 500), (300, 1, 1, 500), (900, 1, 2, 700)]
)
def test_settings_follow_the_number_of_rows(rows, depths, encodings, most):
    found = read_settings("dt", {**TREE, "max_rows": 500, "by_rows": BY_ROWS}, rows)
    assert len({candidate.hyperparameters["max_depth"] for candidate in found.candidates}) == depths
    assert len({candidate.encoding for candidate in found.candidates}) == encodings
    assert found.max_rows == most


@pytest.mark.parametrize(
    ("by_rows", "message"),
    [
        ([{"from_rows": 300, "depth": 5}], "'train.dt.depth' is no hyperparameter of DecisionTreeClassifier"),
        ([{"from_rows": 300, "encoding": "fancy"}], "params.yaml: 'train.dt.encoding' must be of binary, "),
        ([{"max_depth": 5}], "params.yaml, train.dt: 'by_rows.0.from_rows' is missing"),
        ([{"from_rows": 9}, {"from_rows": 8}], "params.yaml, train.dt: 'by_rows' must be a list with rising from_rows"),
    ],
)
def test_wrong_settings_for_other_sizes_are_refused_too(by_rows, message):
    with pytest.raises(InputError) as raised:
        read_settings("dt", {**TREE, "by_rows": by_rows}, rows=1)
    assert str(raised.value).startswith(message)


def test_a_scorecard_has_bins():
    assert read_settings("scorecard", {"encoding": "woe", "resampler": "none"}).candidates
    for encoding in ("one_hot", ["woe", "one_hot"]):
        with pytest.raises(
            InputError, match=r"^params.yaml: 'train.scorecard.encoding' must be woe, .* got 'one_hot'$"
        ):
            read_settings("scorecard", {"encoding": encoding, "resampler": "none"})


@pytest.mark.parametrize("family", [family for family in SEARCHED if family != "scorecard"])
def test_any_family_may_be_coded_and_resampled_in_any_way(family):
    scaled = [encoding for encoding in ENCODINGS if encoding != "codes"]
    found = read_settings(family, {"encoding": scaled, "resampler": list(RESAMPLERS)})
    assert len(found.candidates) == len(scaled) * len(RESAMPLERS)
    assert read_settings(family, {"encoding": "codes", "resampler": "none"}).candidates


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"calibration": ["sigmoid", "none"]}, "params.yaml, train.dt: 'calibration' must be "),  # it is not searched
        ({"max_rows": 99}, "params.yaml, train.dt: 'max_rows' must be greater than or equal to 100, got 99"),
        (
            {"encoding": ["ordinal", "codes"], "resampler": ["none", "smote"]},
            "params.yaml: 'train.dt.encoding' must be scaled for a resampler, which goes by distances "
            "(ordinal instead of codes), got codes and smote",
        ),
        ({"encoding": []}, "params.yaml, train.dt: 'encoding' must be a value or a list of different values"),
    ],
)
def test_wrong_settings_are_refused_with_one_line(settings, message):
    with pytest.raises(InputError) as raised:
        read_settings("dt", {**TREE, **settings})
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("missing", ["encoding", "resampler"])
def test_how_columns_are_coded_and_rows_resampled_has_to_be_said(missing):
    settings = {name: value for name, value in TREE.items() if name != missing}
    with pytest.raises(InputError, match=rf"^params.yaml: 'train.dt.{missing}' must be of .*, got None$"):
        read_settings("dt", settings)
