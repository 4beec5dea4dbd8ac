import pytest

from credit.model.shared_fits.forest import FOREST


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"max_features": 0.4, "min_samples_leaf": 5},
        {"bootstrap": False},
        {"max_samples": 0.5, "class_weight": "balanced_subsample", "criterion": "entropy"},
    ],
)
def test_a_smaller_forest_is_the_first_trees_of_a_larger_one(settings, coded, check):
    check("rf", FOREST, [{**settings, "n_estimators": trees} for trees in (5, 1, 12)], coded)
