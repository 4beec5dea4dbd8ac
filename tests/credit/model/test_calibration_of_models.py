"""Tests of the calibration: scores become PDs by rows that were held out, in whichever way."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from credit.core.errors import InputError
from credit.core.split import repeated_folds
from credit.model.pipeline import build_pipeline, fit_pd_model, out_of_fold
from tests.credit.small_specs import PLATT, pds_of


@pytest.mark.slow
@pytest.mark.parametrize("family", ["lr", "knn"])  # both resampled: half of what they are fitted to is bad
def test_the_mean_pd_is_the_bad_rate_in_spite_of_resampling(family, spec_of, draw_applicants):
    applicants = draw_applicants(500, 3)
    folds = repeated_folds(applicants.groups, applicants.bad, 5, 1, 1)
    found = out_of_fold(spec_of(family), applicants, folds, processes=1)
    assert found["pd"].mean() == pytest.approx(applicants.bad.mean(), abs=0.02)


@pytest.mark.slow
def test_pds_are_those_of_platt_scaling_of_out_of_fold_scores(spec_of, applicants):
    # The recipe by hand: scores of each calibration fold from a pipeline fitted to the others; a logistic curve
    # through them with Platt's targets (1999); and the scores of one pipeline fitted to all rows.
    spec = spec_of("lr")
    fresh = lambda: build_pipeline(spec.family, spec.candidate, spec.plan, spec.seed)  # noqa: E731
    scores = np.empty(len(applicants.bad))
    for fitted, held_out in repeated_folds(applicants.groups, applicants.bad, 3, 1, spec.seed):
        pipeline = fresh().fit(applicants.features.iloc[fitted], applicants.bad[fitted])
        scores[held_out] = pipeline.decision_function(applicants.features.iloc[held_out])
    bads, goods = applicants.bad.sum(), (1 - applicants.bad).sum()
    targets = np.where(applicants.bad == 1, (bads + 1) / (bads + 2), 1 / (goods + 2))
    # Each row stands for a bad of weight t and a good of weight 1 - t.
    weights = np.concatenate([targets, 1 - targets])
    kinds = np.repeat([1, 0], len(targets))
    curve = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.tile(scores, 2)[:, None], kinds, weights)
    final = fresh().fit(applicants.features, applicants.bad).decision_function(applicants.features)
    model = fit_pd_model(spec, applicants, cutoff=0.5)
    assert pds_of(model, applicants.features) == pytest.approx(curve.predict_proba(final[:, None])[:, 1], abs=1e-4)


def test_identical_applicants_share_a_calibration_fold(spec_of, applicants):
    twice = applicants.rows(np.repeat(np.arange(200), 2))
    model = fit_pd_model(spec_of("dt"), twice, cutoff=0.5)
    folds = model.estimator.cv.test_fold.reshape(200, 2)
    assert (folds[:, 0] == folds[:, 1]).all()
    assert set(folds.ravel()) == {0, 1, 2}


def test_without_calibration_pds_are_those_of_the_pipeline(spec_of, applicants):
    spec = spec_of("scorecard")._replace(calibration=PLATT.by("none"))
    pipeline = build_pipeline("scorecard", spec.candidate, spec.plan, spec.seed)
    by_hand = pds_of(pipeline.fit(applicants.features, applicants.bad), applicants.features)
    assert np.array_equal(pds_of(fit_pd_model(spec, applicants, cutoff=0.5), applicants.features), by_hand)


@pytest.mark.slow
def test_without_calibration_an_unresampled_logistic_regression_is_calibrated_and_a_resampled_is_not(
    spec_of, draw_applicants
):
    applicants = draw_applicants(500, 3)
    folds = repeated_folds(applicants.groups, applicants.bad, 5, 1, 1)
    means = {}
    for resampler in ("none", "smote"):
        spec = spec_of("lr", resampler=resampler)._replace(calibration=PLATT.by("none"))
        means[resampler] = out_of_fold(spec, applicants, folds, processes=1)["pd"].mean()
    assert means["none"] == pytest.approx(applicants.bad.mean(), abs=0.02)
    assert means["smote"] > applicants.bad.mean() + 0.1


def test_a_family_that_gives_no_pds_has_to_be_calibrated(spec_of, applicants):
    spec = spec_of("svc")._replace(calibration=PLATT.by("none"))
    with pytest.raises(InputError) as raised:
        fit_pd_model(spec, applicants, cutoff=0.5)
    assert str(raised.value) == "'train.svc' gives no PDs of its own: expected a calibration, got none"


def test_of_many_rows_one_fold_is_held_out_for_the_calibration(spec_of, draw_applicants):
    applicants = draw_applicants(301, 5)
    one_fold = PLATT.by("isotonic").model_copy(update={"max_cross_fitted": 300})
    spec = spec_of("lr")._replace(calibration=one_fold)
    model = fit_pd_model(spec, applicants, cutoff=0.5)
    (calibrated,) = model.estimator_.calibrated_classifiers_
    # By hand: a pipeline that never saw the first fold, and a curve through its scores of that.
    fitted, held_out = repeated_folds(applicants.groups, applicants.bad, 3, 1, spec.seed)[0]
    pipeline = build_pipeline("lr", spec.candidate, spec.plan, spec.seed)
    pipeline.fit(applicants.features.iloc[fitted], applicants.bad[fitted])
    scores = pipeline.decision_function(applicants.features)
    curve = IsotonicRegression(out_of_bounds="clip").fit(scores[held_out], applicants.bad[held_out])
    assert pds_of(model, applicants.features) == pytest.approx(curve.predict(scores), abs=1e-12)
    assert np.array_equal(calibrated.estimator.decision_function(applicants.features), scores)
    assert set(model.estimator.cv.test_fold) == {-1, 0}


@pytest.mark.slow
def test_as_many_rows_as_may_be_are_all_cross_fitted(spec_of, draw_applicants):
    applicants = draw_applicants(301, 5)
    spec = spec_of("lr")
    limited = spec._replace(calibration=PLATT.model_copy(update={"max_cross_fitted": 301}))
    models = [fit_pd_model(each, applicants, cutoff=0.5) for each in (spec, limited)]
    assert np.array_equal(*(pds_of(model, applicants.features) for model in models))
    assert set(models[1].estimator.cv.test_fold) == {0, 1, 2}


@pytest.mark.slow
@pytest.mark.parametrize("family", ["lr", "knn", "scorecard"])  # two are resampled
@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_with_one_fold_held_out_the_mean_pd_is_the_bad_rate_too(family, method, spec_of, draw_applicants):
    applicants, others = draw_applicants(1500, 3), draw_applicants(2000, 8)
    one_fold = PLATT.by(method).model_copy(update={"max_cross_fitted": 1000})
    model = fit_pd_model(spec_of(family)._replace(calibration=one_fold), applicants, cutoff=0.5)
    # 500 applicants calibrate; the standard error of their bad rate is 0.02.
    assert pds_of(model, others.features).mean() == pytest.approx(others.bad.mean(), abs=0.06)
