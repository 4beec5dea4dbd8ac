"""Tests of the families: their estimators, and recognising them in saved models."""

import pytest
import yaml
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline

from credit.core.errors import InputError
from credit.core.families import BLEND, FAMILIES, SEARCHED, build_estimator, family_of
from credit.model.settings import read_settings


@pytest.fixture(scope="module")
def settings(request):
    """Give the `train` section of the repository's params.yaml."""
    return yaml.safe_load((request.config.rootpath / "params.yaml").read_text(encoding="utf-8"))["train"]


@pytest.mark.parametrize("family", SEARCHED)
def test_every_family_builds_with_every_candidate_of_the_params(family, settings):
    for candidate in read_settings(family, settings[family]).candidates:
        estimator = build_estimator(family, candidate.hyperparameters, seed=5)
        assert type(estimator).__name__ == FAMILIES[family].kind
        found = estimator.get_params()
        expected = {**FAMILIES[family].fixed, **candidate.hyperparameters}
        expected.pop("monotone", None)  # becomes another setting, of the columns' directions
        for name, value in expected.items():
            assert found[name] == (tuple(value) if isinstance(value, list) else value), name
        assert found.get("random_state", 5) == 5
        assert found.get("n_jobs") in (None, 1)  # pickled, so it must not depend on the machine


def test_all_but_the_nearest_neighbours_are_seeded():
    seeded = {family for family in SEARCHED if "random_state" in build_estimator(family, {}, 5).get_params()}
    assert seeded == set(SEARCHED) - {"knn"}


def test_an_unknown_hyperparameter_is_refused_with_one_line():
    with pytest.raises(
        InputError, match=r"^'train.dt.depth' is no hyperparameter of \w+; it has .*max_depth"
    ) as raised:
        build_estimator("dt", {"depth": 3}, seed=1)
    assert "\n" not in str(raised.value)


def wrapped(name, estimator) -> list:
    """Give a pipeline that ends in a step of this name, alone and as it is saved, calibrated or not."""
    pipeline = Pipeline([("preprocess", "passthrough"), (name, estimator)])
    calibrated = CalibratedClassifierCV(pipeline)
    return [pipeline, calibrated, FixedThresholdClassifier(calibrated), FixedThresholdClassifier(pipeline)]


@pytest.mark.parametrize("family", SEARCHED)
def test_a_family_is_recognised_by_the_name_of_the_last_step_whatever_wraps_it(family):
    for model in wrapped(family, build_estimator(family, {}, seed=1)):
        assert family_of(model) == family


def test_two_families_of_one_class_are_told_apart():
    assert FAMILIES["lr"].kind == FAMILIES["scorecard"].kind
    models = {name: wrapped(name, build_estimator(name, {}, seed=1))[2] for name in ("lr", "scorecard")}
    assert [family_of(model) for model in models.values()] == list(models)


def test_a_forest_is_not_taken_for_the_tree_that_it_holds():
    forest = build_estimator("rf", {"n_estimators": 2}, seed=1)
    fitted = Pipeline([("rf", forest)]).fit([[0], [1]], [0, 1])
    assert type(fitted[-1].estimator).__name__ == FAMILIES["dt"].kind
    assert family_of(fitted) == "rf"


def test_a_vote_is_a_blend_and_none_of_its_members():
    vote = VotingClassifier([("lr", wrapped("lr", build_estimator("lr", {}, seed=1))[1])], voting="soft")
    for model in (vote, FixedThresholdClassifier(vote)):
        assert family_of(model) == BLEND


@pytest.mark.parametrize(
    ("model", "found"),
    [
        (GaussianNB(), "GaussianNB"),
        (FixedThresholdClassifier(GaussianNB()), "GaussianNB"),
        (FixedThresholdClassifier(Pipeline([("nb", GaussianNB())])), "nb"),
        (build_estimator("lr", {}, seed=1), "LogisticRegression"),  # lr or scorecard? nothing says so
        (None, "NoneType"),
    ],
)
def test_a_model_of_no_family_is_refused(model, found):
    with pytest.raises(InputError) as raised:
        family_of(model)
    assert str(raised.value) == f"expected a model of one of {', '.join(FAMILIES)}, got a {found}"
