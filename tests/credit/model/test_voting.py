"""Tests of the blend: its PDs are the means of its members', and it is saved as any other model."""

import pickle
import pickletools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline

from credit.core.families import BLEND, family_of
from credit.core.split import repeated_folds
from credit.model.pipeline import ModelSpec, fit_pd_model, out_of_fold
from credit.model.voting import blend, mean_pds
from tests.credit.small_specs import PLATT, pds_of

pytestmark = pytest.mark.slow

MEMBERS = ("scorecard", "rf", "lr")  # of bins without calibration, a forest, and one that resamples


@pytest.fixture(scope="module")
def specs(spec_of) -> dict[str, ModelSpec]:
    specs = {name: spec_of(name) for name in MEMBERS}
    return {**specs, "scorecard": specs["scorecard"]._replace(calibration=PLATT.by("none"))}


@pytest.fixture(scope="module")
def members(specs, applicants) -> dict[str, Any]:
    return {name: fit_pd_model(spec, applicants, cutoff=0.5) for name, spec in specs.items()}


@pytest.fixture(scope="module")
def blended(members, applicants) -> Any:
    return blend(members, applicants.features, applicants.bad, cutoff=0.3)


def test_its_pds_are_the_means_of_those_of_its_members(blended, members, applicants):
    pds = pds_of(blended, applicants.features)
    of_members = [pds_of(model, applicants.features) for model in members.values()]
    assert pds == pytest.approx(np.mean(of_members, axis=0), abs=1e-15)
    assert all(np.abs(pds - own).max() > 0.01 for own in of_members)


def test_members_are_not_fitted_again(blended, members, applicants):
    again = blend(members, applicants.features.iloc[::7], applicants.bad[::7], cutoff=0.3)
    assert np.array_equal(*(pds_of(model, applicants.features) for model in (again, blended)))


def test_the_mean_of_out_of_fold_pds_is_what_a_blend_made_in_every_fold_gives(specs, applicants):
    folds = repeated_folds(applicants.groups, applicants.bad, 3, 1, 1)
    of_members = {name: out_of_fold(spec, applicants, folds, processes=1) for name, spec in specs.items()}
    oof = mean_pds(of_members)
    for number, (training, validation) in enumerate(folds):
        rows = applicants.rows(training)
        models = {name: fit_pd_model(spec, rows, cutoff=0.5) for name, spec in specs.items()}
        of_fold = oof[oof["fold"] == number]
        assert np.array_equal(of_fold["position"], validation)
        pds = pds_of(blend(models, rows.features, rows.bad, 0.5), applicants.features.iloc[validation])
        assert np.array_equal(of_fold["pd"], pds)
    assert oof.drop(columns="pd").equals(of_members["lr"].drop(columns="pd"))
    assert list(oof.columns) == list(of_members["lr"].columns)


def test_the_mean_of_pds_leaves_the_members_as_they_were():
    one = pd.DataFrame({"fold": [0, 1], "line": [2, 3], "bad": [0, 1], "pd": [0.1, 0.5]})
    other = one.assign(pd=[0.3, 1.0])
    assert mean_pds({"lr": one, "rf": other})["pd"].tolist() == pytest.approx([0.2, 0.75])
    assert one["pd"].tolist() == [0.1, 0.5]


def test_it_is_a_model_as_the_others_are(blended, applicants):
    pds = pds_of(blended, applicants.features)
    assert np.array_equal(blended.predict(applicants.features), (pds >= 0.3).astype(int))
    assert 0 < (pds >= 0.3).mean() < 1
    assert blended.threshold == 0.3
    assert family_of(blended) == BLEND
    assert list(blended.feature_names_in_) == list(applicants.features.columns)
    assert list(blended.classes_) == [0, 1]
    # Its members keep their own calibration, and their names.
    frozen = blended.estimator_.estimators_
    assert [type(member.estimator) for member in frozen] == [Pipeline, CalibratedClassifierCV, CalibratedClassifierCV]
    assert [family_of(member) for member in frozen] == list(blended.estimator_.named_estimators_) == list(MEMBERS)


def test_one_applicant_is_scored_as_in_the_batch_whatever_the_columns(blended, applicants):
    batch, one = pds_of(blended, applicants.features), applicants.features.iloc[[7]]
    assert pds_of(blended, one) == pytest.approx(batch[[7]], rel=1e-12)
    assert pds_of(blended, one[one.columns[::-1]].assign(name="Ada")) == pytest.approx(batch[[7]], rel=1e-12)


def test_a_blend_of_models_that_were_loaded_is_the_same_bytes(members, applicants):
    saved = pickle.dumps(members)
    blends = []
    for _ in range(3):
        loaded = pickle.loads(saved)
        junk = [np.random.default_rng(0).bytes(size) for size in range(100, 60_000, 100)]  # memory is not all zeros
        del junk
        blends.append(pickle.dumps(blend(loaded, applicants.features, applicants.bad, cutoff=0.3)))
    assert blends[0] == blends[1] == blends[2]


def test_it_holds_classes_of_libraries_only(blended):
    written = pickle.dumps(blended, protocol=2)
    named = {str(argument).split()[0] for code, argument, _ in pickletools.genops(written) if code.name == "GLOBAL"}
    known = ("sklearn", "imblearn", "optbinning", "numpy", "pandas", "ortools")
    python = ("__builtin__", "builtins", "_codecs", "collections", "copy_reg", "functools", "operator")
    assert {module.partition(".")[0] for module in named} <= {*known, *python}
