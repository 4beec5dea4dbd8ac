"""Tests of the families: their estimators, and recognising them in saved models."""

import pytest
import yaml
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from credit.errors import InputError
from credit.families import FAMILIES, build_estimator, family_of
from credit.grid import expand
from credit.pd_model import hyperparameters


@pytest.fixture(scope="module")
def settings(request):
    """Give the `train` section of the repository's params.yaml."""
    return yaml.safe_load((request.config.rootpath / "params.yaml").read_text(encoding="utf-8"))["train"]


def test_params_have_a_section_for_every_family(settings):
    assert set(settings) == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_builds_with_every_candidate_of_the_params(family, settings):
    for candidate in expand({name: value for name, value in settings[family].items() if name != "max_rows"}):
        estimator = build_estimator(family, hyperparameters(candidate), seed=5)
        assert type(estimator).__name__ == FAMILIES[family].kind
        found = estimator.get_params()
        expected = {**FAMILIES[family].fixed, **hyperparameters(candidate)}
        for name, value in expected.items():
            assert found[name] == (tuple(value) if isinstance(value, list) else value), name
        assert found.get("random_state", 5) == 5
        assert found.get("n_jobs") in (None, 1)  # pickled, so it must not depend on the machine


def test_all_but_the_nearest_neighbours_are_seeded():
    seeded = {family for family in FAMILIES if "random_state" in build_estimator(family, {}, 5).get_params()}
    assert seeded == set(FAMILIES) - {"knn"}


def test_an_unknown_hyperparameter_is_refused_with_one_line():
    with pytest.raises(
        InputError, match=r"^'train.dt.depth' is no hyperparameter of \w+; it has .*max_depth"
    ) as raised:
        build_estimator("dt", {"depth": 3}, seed=1)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_recognised_whatever_wraps_it(family):
    estimator = build_estimator(family, {}, seed=1)
    pipeline = Pipeline([("preprocess", "passthrough"), ("model", estimator)])
    calibrated = CalibratedClassifierCV(pipeline)
    for model in (estimator, pipeline, calibrated, FixedThresholdClassifier(calibrated)):
        assert family_of(model) == family


def test_a_forest_is_not_taken_for_the_tree_that_it_holds():
    forest = build_estimator("rf", {"n_estimators": 2}, seed=1).fit([[0], [1]], [0, 1])
    assert type(forest.estimator).__name__ == FAMILIES["dt"].kind
    assert family_of(forest) == "rf"


@pytest.mark.parametrize("model", [GaussianNB(), FixedThresholdClassifier(GaussianNB()), None])
def test_a_model_of_no_family_is_refused(model):
    with pytest.raises(
        InputError, match=r"^expected a model of one of LogisticRegression, .*, got a (GaussianNB|NoneT)"
    ):
        family_of(model)
