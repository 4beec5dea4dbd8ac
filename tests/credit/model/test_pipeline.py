"""Tests of the model of a family: its PDs, its cutoff, and what it may see of held-out rows."""

import numpy as np
import pytest

from credit.core.errors import InputError
from credit.core.families import SEARCHED, build_estimator, family_of
from credit.core.split import repeated_folds
from credit.features.preprocessing import ENCODINGS, build_preprocessing
from credit.model.pipeline import build_pipeline, fit_pd_model, out_of_fold
from credit.model.resampling import build_resampler
from tests.credit.small_specs import PLATT, pds_of


def test_resampling_stands_between_preprocessing_and_estimator(spec_of, plan):
    resampled = build_pipeline("lr", spec_of("lr").candidate, plan, 1)
    assert list(resampled.named_steps) == ["preprocess", "lr"]
    assert list(resampled.named_steps["lr"].named_steps) == ["resample", "lr"]
    plain = build_pipeline("svc", spec_of("svc").candidate, plan, 1)
    assert list(plain.named_steps) == ["preprocess", "svc"]
    assert type(plain[-1]).__name__ == "SVC"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rows_are_resampled_as_they_are_coded_and_scored_as_they_are(encoding, spec_of, applicants):
    # By hand: what the resampler makes of the encoded rows, and the estimator fitted to that.
    spec = spec_of("lr", encoding=encoding)
    pipeline = build_pipeline("lr", spec.candidate, spec.plan, spec.seed)
    pipeline.fit(applicants.features, applicants.bad)
    encoder = build_preprocessing(spec.plan, encoding)
    encoded = encoder.fit_transform(applicants.features, applicants.bad)
    rows, outcomes = build_resampler("smote", spec.seed).fit_resample(encoded, applicants.bad)
    assert outcomes.mean() == 0.5
    by_hand = build_estimator("lr", {"C": 0.3}, spec.seed).fit(rows, outcomes)
    assert np.array_equal(pds_of(pipeline, applicants.features), pds_of(by_hand, encoded))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "method"),
    [
        *((family, "sigmoid") for family in SEARCHED),
        *((family, method) for family in ("lr", "dt", "scorecard") for method in ("isotonic", "none")),
    ],
)
def test_pds_are_probabilities_and_decisions_follow_the_cutoff(family, method, spec_of, applicants):
    model = fit_pd_model(spec_of(family)._replace(calibration=PLATT.by(method)), applicants, cutoff=0.4)
    pds = pds_of(model, applicants.features)
    assert ((pds >= 0) & (pds <= 1)).all()
    assert np.array_equal(model.predict(applicants.features), (pds >= 0.4).astype(int))
    assert 0 < model.predict(applicants.features).mean() < 1
    assert pds[applicants.bad == 1].mean() > pds[applicants.bad == 0].mean() + 0.05
    assert family_of(model) == family
    assert list(model.feature_names_in_) == list(applicants.features.columns)


@pytest.mark.slow
def test_a_pd_equal_to_the_cutoff_is_rejected(spec_of, applicants):
    spec, one = spec_of("lr"), applicants.features.head(1)
    pds = pds_of(fit_pd_model(spec, applicants, cutoff=0.5), one)[0]
    assert fit_pd_model(spec, applicants, cutoff=pds).predict(one) == [1]
    assert fit_pd_model(spec, applicants, cutoff=np.nextafter(pds, 1)).predict(one) == [0]


def test_one_applicant_is_scored_as_in_the_batch_whatever_the_columns(spec_of, applicants):
    model = fit_pd_model(spec_of("lr"), applicants, cutoff=0.5)
    batch = pds_of(model, applicants.features)
    one = applicants.features.iloc[[7]]
    assert pds_of(model, one) == pytest.approx(batch[[7]], rel=1e-12)
    assert pds_of(model, one[one.columns[::-1]].assign(name="Ada")) == pytest.approx(batch[[7]], rel=1e-12)


@pytest.mark.slow
def test_every_row_is_held_out_once_a_repeat(spec_of, applicants):
    folds = repeated_folds(applicants.groups, applicants.bad, 2, 2, 1)
    found = out_of_fold(spec_of("dt"), applicants, folds, processes=1)
    assert list(found.columns) == ["fold", "position", "bad", "pd"]
    assert sorted(found["fold"].unique()) == list(range(4))
    for repeat in (found["fold"] < 2, found["fold"] >= 2):
        assert sorted(found.loc[repeat, "position"]) == list(range(200))
    assert np.array_equal(found["bad"], applicants.bad[found["position"]])


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sigmoid", "none"])
@pytest.mark.parametrize("family", ["lr", "xgb", "scorecard"])  # two are resampled, the bins of one see outcomes
def test_held_out_outcomes_and_features_are_never_learnt_from(family, method, spec_of, applicants):
    spec = spec_of(family)._replace(calibration=PLATT.by(method))
    fold = repeated_folds(applicants.groups, applicants.bad, 4, 1, 1)[0]
    fitted, held_out = fold
    before = out_of_fold(spec, applicants, [fold], processes=1)["pd"]
    flipped = applicants.bad.copy()
    flipped[held_out] = 1 - flipped[held_out]
    assert np.array_equal(before, out_of_fold(spec, applicants._replace(bad=flipped), [fold], 1)["pd"])
    # A held-out row scored beside very different ones keeps its PD.
    features = applicants.features.copy()
    features.loc[held_out[1:], ["duration", "savings"]] = [4.0, 5.0]
    changed = out_of_fold(spec, applicants._replace(features=features), [fold], 1)["pd"]
    assert changed[0] == pytest.approx(before[0], rel=1e-12)
    assert not np.allclose(changed[1:], before[1:])
    # And the outcomes of the rows fitted to do matter.
    flipped = applicants.bad.copy()
    flipped[fitted[:20]] = 1 - flipped[fitted[:20]]
    assert not np.allclose(before, out_of_fold(spec, applicants._replace(bad=flipped), [fold], 1)["pd"])


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("xgb", {"n_estimators": 2.5}),  # a TypeError of XGBoost
        ("lr", {"C": -1}),
    ],
)
def test_settings_that_cannot_be_used_are_refused_with_one_line(family, changes, spec_of, applicants):
    with pytest.raises(InputError, match=rf"^'train.{family}' cannot be fitted with encoding=.*: ") as raised:
        fit_pd_model(spec_of(family, **changes), applicants, cutoff=0.5)
    assert "\n" not in str(raised.value)
