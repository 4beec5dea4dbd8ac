"""Tests of the blend: its PDs are the means of its members', and it is saved as any other model."""

import pickle
import pickletools

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline

from credit.core.errors import InputError
from credit.core.families import BLEND, family_of
from credit.core.split import repeated_folds
from credit.model.pipeline import Calibration, ModelSpec, fit_pd_model, out_of_fold
from credit.model.voting import fit_blend, mean_pds

CANDIDATES = {
    "scorecard": {"encoding": "woe", "resampler": "none", "C": 0.5},
    "rf": {"encoding": "ordinal", "resampler": "none", "n_estimators": 10, "min_samples_leaf": 5},
    "lr": {"encoding": "one_hot", "resampler": "smote", "C": 0.3},
}
PLATT = Calibration(method="sigmoid", folds=3)


@pytest.fixture
def specs(plan) -> dict[str, ModelSpec]:
    """Give a recipe of each kind: of bins without calibration, of a forest, and one that resamples."""
    found = {name: ModelSpec(name, candidate, plan, PLATT, 11) for name, candidate in CANDIDATES.items()}
    return {**found, "scorecard": found["scorecard"]._replace(calibration=PLATT.by("none"))}


def pds_of(model, features) -> np.ndarray:
    return model.predict_proba(features)[:, 1]


def test_its_pds_are_the_means_of_those_of_its_members_fitted_alone(specs, applicants):
    features = applicants.features
    alone = [pds_of(fit_pd_model(spec, applicants, cutoff=0.5), features) for spec in specs.values()]
    blend = fit_blend(list(specs.values()), applicants, cutoff=0.5)
    assert pds_of(blend, features) == pytest.approx(np.mean(alone, axis=0), abs=1e-15)
    assert all(np.abs(pds_of(blend, features) - pds).max() > 0.01 for pds in alone)


def test_the_mean_of_out_of_fold_pds_is_what_refitting_the_blend_in_every_fold_gives(specs, applicants):
    folds = repeated_folds(applicants.groups, applicants.bad, 3, 1, 1)
    members = {name: out_of_fold(spec, applicants, folds, processes=1) for name, spec in specs.items()}
    found = mean_pds(members)
    for number, (fitted, held_out) in enumerate(folds):
        blend = fit_blend(list(specs.values()), applicants.rows(fitted), cutoff=0.5)
        rows = found[found["fold"] == number]
        assert np.array_equal(rows["position"], held_out)
        assert np.array_equal(rows["pd"], pds_of(blend, applicants.features.iloc[held_out]))
    lr = members["lr"]
    assert found.drop(columns="pd").equals(lr.drop(columns="pd"))
    assert list(found.columns) == list(lr.columns)


def test_the_mean_of_pds_leaves_the_members_as_they_were():
    one = pd.DataFrame({"fold": [0, 1], "line": [2, 3], "bad": [0, 1], "pd": [0.1, 0.5]})
    other = one.assign(pd=[0.3, 1.0])
    assert mean_pds({"lr": one, "rf": other})["pd"].tolist() == pytest.approx([0.2, 0.75])
    assert one["pd"].tolist() == [0.1, 0.5]


def test_it_is_a_model_as_the_others_are(specs, applicants):
    blend = fit_blend(list(specs.values()), applicants, cutoff=0.3)
    pds = pds_of(blend, applicants.features)
    assert np.array_equal(blend.predict(applicants.features), (pds >= 0.3).astype(int))
    assert 0 < (pds >= 0.3).mean() < 1
    assert blend.threshold == 0.3
    assert family_of(blend) == BLEND
    assert list(blend.feature_names_in_) == list(applicants.features.columns)
    assert list(blend.classes_) == [0, 1]
    # Its members keep their own calibration, and their names.
    kinds = [type(member) for member in blend.estimator_.estimators_]
    assert kinds == [Pipeline, CalibratedClassifierCV, CalibratedClassifierCV]
    assert [family_of(member) for member in blend.estimator_.estimators_] == list(specs)
    assert list(blend.estimator_.named_estimators_) == list(specs)


def test_one_applicant_is_scored_as_in_the_batch_whatever_the_columns(specs, applicants):
    blend = fit_blend(list(specs.values()), applicants, cutoff=0.3)
    batch, one = pds_of(blend, applicants.features), applicants.features.iloc[[7]]
    assert pds_of(blend, one) == pytest.approx(batch[[7]], rel=1e-12)
    assert pds_of(blend, one[one.columns[::-1]].assign(name="Ada")) == pytest.approx(batch[[7]], rel=1e-12)


def test_it_is_fitted_to_as_many_rows_as_the_member_that_takes_the_fewest(specs, draw_applicants):
    applicants = draw_applicants(400, 5)
    scorecard, forest = specs["scorecard"]._replace(calibration=PLATT), specs["rf"]
    limited = fit_blend([scorecard._replace(max_rows=300), forest._replace(max_rows=150)], applicants, cutoff=0.3)
    sample = applicants.rows(applicants.sample(150, scorecard.seed))
    by_hand = fit_blend([scorecard, forest], sample, cutoff=0.3)
    assert np.array_equal(*(pds_of(model, applicants.features) for model in (limited, by_hand)))
    assert [len(member.cv.test_fold) for member in limited.estimator_.estimators_] == [150, 150]


@pytest.mark.parametrize("limits", [(None, None), (400, None), (None, 5000)])
def test_limits_that_are_not_reached_change_nothing(specs, draw_applicants, limits):
    applicants = draw_applicants(400, 5)
    members = [specs["scorecard"], specs["lr"]]
    limited = [spec._replace(max_rows=most) for spec, most in zip(members, limits, strict=True)]
    found = [pds_of(fit_blend(some, applicants, cutoff=0.3), applicants.features) for some in (members, limited)]
    assert np.array_equal(*found)


def test_a_blend_of_two_fits_is_the_same_bytes(specs, applicants):
    one, other = (pickle.dumps(fit_blend(list(specs.values()), applicants, cutoff=0.3)) for _ in range(2))
    assert one == other


def test_it_holds_classes_of_libraries_only(specs, applicants):
    written = pickle.dumps(fit_blend(list(specs.values()), applicants, cutoff=0.3), protocol=2)
    named = {str(argument).split()[0] for code, argument, _ in pickletools.genops(written) if code.name == "GLOBAL"}
    known = ("sklearn", "imblearn", "optbinning", "numpy", "pandas", "_codecs", "functools", "copy_reg", "__builtin__")
    assert {module.partition(".")[0] for module in named} <= {*known, "builtins", "collections", "ortools"}


def test_members_that_cannot_be_fitted_are_refused_with_one_line(specs, applicants):
    wrong = specs["lr"]._replace(candidate={**CANDIDATES["lr"], "C": -1})
    with pytest.raises(InputError, match=r"^'train.blend' cannot be fitted with members=\['rf', 'lr'\]: .*") as raised:
        fit_blend([specs["rf"], wrong], applicants, cutoff=0.3)
    assert "\n" not in str(raised.value)
