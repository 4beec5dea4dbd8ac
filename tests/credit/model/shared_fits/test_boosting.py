import pytest

from credit.model.shared_fits.boosting import BOOSTING


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"subsample": 0.7, "colsample_bytree": 0.4, "max_depth": 3, "learning_rate": 0.05},
        {"colsample_bylevel": 0.5, "gamma": 1.0, "base_score": 0.3, "scale_pos_weight": 3.0},
        {"num_parallel_tree": 3, "subsample": 0.5, "booster": "gbtree"},
    ],
)
def test_a_shorter_boosting_is_the_first_rounds_of_a_longer_one(settings, coded, check):
    check("xgb", BOOSTING, [{**settings, "n_estimators": rounds} for rounds in (8, 1, 30)], coded)


@pytest.mark.parametrize("booster", ["dart", "gblinear"])
def test_boosters_without_such_rounds_are_fitted_each_for_itself(booster):
    assert BOOSTING.key({"booster": booster, "n_estimators": 10}) is None
