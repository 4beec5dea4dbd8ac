"""Tests of calibration: against scikit-learn, a root finder and a bootstrap; and that PDs stay calibrated by SMOTE."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from credit.core.split import stratified_sample
from credit.metrics.calibration import (
    calibration_in_the_large,
    measures,
    recalibration,
    recalibration_intercept,
    reliability_curve,
)
from credit.model.pipeline import Calibration, ModelSpec, build_pipeline, fit_pd_model
from tests.credit.small_specs import candidate


def scored(n: int, seed: int, repeats: int = 1, shift: float = 0, slope: float = 1) -> tuple[np.ndarray, np.ndarray]:
    """Draw outcomes whose log-odds are `shift + slope *` those of the PDs, but for noise in each repeat."""
    generator = np.random.default_rng(seed)
    pds = generator.beta(1.5, 3.5, n)
    bad = (generator.random(n) < expit(shift + slope * logit(pds))).astype(int)
    return bad, expit(logit(pds) + generator.normal(scale=0.1, size=(repeats, n)))


def test_the_curve_is_that_of_a_logistic_regression_on_log_odds():
    bad, pds = scored(300, 1, shift=0.4, slope=0.6)
    library = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit(pds[0])[:, None], bad)
    found = recalibration(bad, pds)
    assert (found.intercept, found.slope) == pytest.approx((library.intercept_[0], library.coef_[0, 0]), abs=1e-4)


def test_the_intercept_makes_the_mean_pd_the_bad_rate():
    bad, pds = scored(300, 2, shift=-0.8)
    expected = brentq(lambda shift: expit(shift + logit(pds[0])).mean() - bad.mean(), -5, 5)
    assert recalibration_intercept(bad, pds).mean == pytest.approx(expected, abs=1e-9)
    # Newton's first step from 0 would lead far beyond, where nothing can be told.
    far = np.full((1, 1000), 0.001)
    half = np.arange(1000) % 2
    assert recalibration_intercept(half, far).mean == pytest.approx(-logit(0.001))


def test_in_the_large_by_hand():
    found = calibration_in_the_large(np.array([1, 0, 0, 0]), np.array([[0.5, 0.5, 0.1, 0.1], [0.7, 0.3, 0.1, 0.1]]))
    # Excesses of the mean PDs: -0.4, 0.4, 0.1, 0.1.
    excess = np.array([-0.4, 0.4, 0.1, 0.1])
    assert (found.mean, found.se) == pytest.approx((0.05, excess.std(ddof=1) / 2))
    assert (found.high - found.mean) / found.se == pytest.approx(1.959964)


def test_repeats_are_averaged_and_are_no_new_evidence():
    bad, pds = scored(200, 3, repeats=2)
    both, one, other = recalibration(bad, pds), recalibration(bad, pds[:1]), recalibration(bad, pds[1:])
    assert both.slope == pytest.approx((one.slope + other.slope) / 2)
    assert both.intercept == pytest.approx((one.intercept + other.intercept) / 2)
    once, often = measures(bad, pds[:1]), measures(bad, np.repeat(pds[:1], 20, axis=0))
    for column in ("mean", "se", "low", "high", "n", "bad"):
        assert once[column].to_list() == pytest.approx(often[column].to_list())


@pytest.mark.slow
def test_standard_errors_are_those_of_a_bootstrap_by_applicant():
    bad, pds = scored(500, 4, repeats=2, shift=0.2, slope=0.8)
    generator, drawn = np.random.default_rng(1), []
    for _ in range(400):
        rows = generator.integers(0, 500, 500)
        fit = recalibration(bad[rows], pds[:, rows])
        drawn.append(
            [
                (pds[:, rows].mean(axis=0) - bad[rows]).mean(),
                recalibration_intercept(bad[rows], pds[:, rows]).mean,
                fit.slope,
                fit.intercept,
            ]
        )
    spread = np.std(drawn, axis=0, ddof=1)
    assert measures(bad, pds)["se"].to_list() == pytest.approx(spread[:3].tolist(), rel=0.12)
    assert np.sqrt(recalibration(bad, pds).covariance[0, 0]) == pytest.approx(spread[3], rel=0.12)


@pytest.mark.slow
def test_intervals_of_calibrated_pds_hold_the_target_about_95_times_in_100():
    held = []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        pds = generator.beta(1.5, 3.5, 300)
        found = measures((generator.random(300) < pds).astype(int), pds[None])
        held.append(((found["low"] <= found["target"]) & (found["target"] <= found["high"])).to_numpy())
    assert (np.abs(np.mean(held, axis=0) - 0.95) < 0.04).all()


@pytest.mark.parametrize(
    ("shift", "slope", "off"),
    [(0, 1, []), (-1, 1, [0, 1]), (0, 0.5, [2]), (0, 2, [2])],
)
def test_what_is_wrong_with_pds_is_told(shift, slope, off):
    generator = np.random.default_rng(6)
    # Symmetric about 1/2, so that another slope leaves the mean as it is.
    pds = generator.beta(2, 2, 3000)
    bad = (generator.random(3000) < expit(shift + slope * logit(pds))).astype(int)
    found = measures(bad, pds[None])
    outside = (found["target"] < found["low"]) | (found["target"] > found["high"])
    assert list(np.flatnonzero(outside)) == off
    assert found["mean"].to_list() == pytest.approx(
        [(pds - expit(shift + slope * logit(pds))).mean(), found["mean"][1], slope], abs=0.15
    )
    assert found["measure"].to_list() == ["mean PD minus bad rate", "intercept, slope held at 1", "slope"]
    assert set(found["n"]) == {3000}
    assert set(found["bad"]) == {bad.sum()}


@pytest.mark.parametrize(
    "pds",
    [np.full(6, 0.3), np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8]), np.array([0.6, 0.7, 0.8, 0.1, 0.2, 0.3])],
    ids=["all equal", "bads above goods", "goods above bads"],
)
def test_there_is_no_slope_where_no_curve_is_the_best(pds):
    bad = np.array([0, 0, 0, 1, 1, 1])
    found = measures(bad, pds[None]).set_index("measure")
    assert np.isnan(found.loc["slope", ["mean", "se", "low", "high"]].to_numpy(dtype=float)).all()
    assert np.isfinite(found.loc["intercept, slope held at 1", "mean"])
    assert np.isnan(reliability_curve(bad, pds[None])["observed"]).all()
    # In a later repeat it is the same.
    assert np.isnan(recalibration(bad, np.array([[0.1, 0.5, 0.3, 0.2, 0.4, 0.6], pds])).slope)


def test_ties_between_the_lowest_bad_and_the_highest_good_do_not_make_a_curve():
    assert np.isnan(recalibration(np.array([0, 0, 1, 1]), np.array([[0.1, 0.4, 0.4, 0.9]])).slope)


@pytest.mark.parametrize("kind", [0, 1])
def test_one_kind_of_applicants_has_neither_intercept_nor_slope(kind):
    found = measures(np.full(4, kind), np.array([[0.1, 0.2, 0.4, 0.3]])).set_index("measure")["mean"]
    assert found["mean PD minus bad rate"] == pytest.approx(0.25 - kind)
    assert np.isnan(found[["intercept, slope held at 1", "slope"]]).all()


def test_pds_of_nought_and_one_count_as_half_an_applicant_from_it():
    bad, pds = scored(200, 8)
    extreme, nearest = pds.copy(), pds.copy()
    extreme[0, :2], nearest[0, :2] = (0, 1), (0.5 / 200, 1 - 0.5 / 200)
    assert measures(bad, extreme)["mean"][1:].to_list() == pytest.approx(measures(bad, nearest)["mean"][1:].to_list())
    ends, fit = reliability_curve(bad, extreme).iloc[[0, -1]], recalibration(bad, extreme)
    assert ends["predicted"].to_list() == [0, 1]
    reach = fit.slope * logit(1 - 0.5 / 200)
    assert logit(ends["observed"]).to_list() == pytest.approx([fit.intercept - reach, fit.intercept + reach])


def test_the_curve_of_calibrated_pds_is_the_diagonal_within_its_band():
    bad, pds = scored(5000, 9)
    found = reliability_curve(bad, pds)
    assert found["predicted"].iloc[[0, -1]].to_list() == [pds.min(), pds.max()]
    assert list(found["order"]) == list(range(101))
    assert ((found["low"] < found["observed"]) & (found["observed"] < found["high"])).all()
    assert found["observed"].to_numpy() == pytest.approx(found["predicted"].to_numpy(), abs=0.03)
    fit = recalibration(bad, pds)
    at = logit(found["predicted"][50])
    terms = np.array([1, at])
    reach = 1.959964 * np.sqrt(terms @ fit.covariance @ terms)
    assert logit(found[["observed", "low", "high"]].iloc[50].to_numpy()) == pytest.approx(
        fit.intercept + fit.slope * at + np.array([0, -reach, reach]), abs=1e-5
    )


@pytest.mark.slow
@pytest.mark.parametrize("family", ["lr", "dt"])
def test_smote_leaves_the_saved_pds_calibrated_in_the_large_and_not_those_of_the_bare_pipeline(
    family, plan, draw_applicants
):
    settings = candidate("one_hot", "smote", **({"max_depth": 4} if family == "dt" else {}))
    spec = ModelSpec(family, settings, plan, Calibration(method="sigmoid", folds=5), 11)
    everyone = draw_applicants(3000, 21)
    sample = stratified_sample(everyone.bad, 1000, seed=1)  # as many bads on both sides: what differs is the model's
    fitted, oof = everyone.rows(sample), everyone.rows(np.setdiff1d(np.arange(3000), sample))
    saved = fit_pd_model(spec, fitted, cutoff=0.5).predict_proba(oof.features)[:, 1]
    bare = build_pipeline(family, settings, plan, 11).fit(fitted.features, fitted.bad)
    found = measures(oof.bad, saved[None]).set_index("measure")
    for name in ("mean PD minus bad rate", "intercept, slope held at 1"):
        assert found.loc[name, "low"] < 0 < found.loc[name, "high"], name
    # SMOTE makes as many bads as goods, and the pipeline's scores are of such a population.
    of_bare = calibration_in_the_large(oof.bad, bare.predict_proba(oof.features)[:, 1][None])
    assert of_bare.low > 0.05
