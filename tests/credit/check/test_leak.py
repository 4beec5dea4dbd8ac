"""Whether a feature knows the outcome."""

import numpy as np
import pytest

from credit.check.leak import no_feature_knows_the_outcome
from tests.credit.check.reasons import unrecorded

BAD = np.repeat([1, 0], [300, 700])
PLAIN = np.tile([0, 1, 2, 3], 250)
LIMITS = (1.5, 0.95)


def checked(model_auc: float = 0.9, bad: np.ndarray = BAD, **levels: np.ndarray):
    return no_feature_knows_the_outcome(levels, bad, model_auc, LIMITS)


def flipped(every: int) -> np.ndarray:
    """Give the outcome as a level, wrong for one applicant in so many."""
    return np.where(np.arange(1000) % every == 0, 1 - BAD, BAD)


def test_good_predictors_pass():
    found = checked(plain=PLAIN, good=flipped(4))  # an information value of 1.1
    assert found.result == "passed"
    assert found.reason.startswith("good: information value 1.099 [")
    assert not unrecorded(found)


def test_a_feature_that_is_almost_the_outcome_fails_and_is_named_with_what_to_do():
    found = checked(plain=PLAIN, days_late=flipped(20))
    assert found.result == "failed"
    assert "days_late: information value" in found.reason
    assert ", and a name of what is known later" in found.reason
    assert "name it in features.exclude" in found.reason
    assert "plain" not in found.reason
    assert not unrecorded(found)


@pytest.mark.parametrize(("share", "result"), [(0.12, "failed"), (0.05, "passed")])
def test_values_that_only_bads_have_fail_where_many_have_them(share, result):
    charged_off = np.zeros(1000, dtype=int)
    charged_off[: round(share * 300)] = 1  # of bads alone
    assert checked(plain=PLAIN, amount=charged_off).result == result


@pytest.mark.parametrize(("levels", "result"), [(60, "passed"), (800, "not decided")])
def test_levels_too_small_to_have_both_kinds_convict_nobody(levels, result):
    generator = np.random.default_rng(levels)
    bad = (generator.random(5000) < 0.08).astype(int)
    found = checked(0.7, bad, area=generator.integers(0, levels, 5000), plain=generator.integers(0, 4, 5000))
    assert found.result == result


def test_a_good_predictor_of_few_bads_passes():
    generator = np.random.default_rng(2)
    bad = (generator.random(12_000) < 0.03).astype(int)
    score = generator.normal(size=12_000) + bad
    deciles = np.searchsorted(np.quantile(score, np.linspace(0.1, 0.9, 9)), score)
    assert checked(0.85, bad, score=deciles, plain=np.tile([0, 1, 2], 4000)).result == "passed"


def test_a_feature_that_makes_the_model_alone_fails_and_the_only_one_does_not():
    plain, strong, bad = (np.tile(values, 20) for values in (PLAIN, flipped(4), BAD))  # it has an AUC of 0.75
    assert checked(0.75, bad, plain=plain, strong=strong).result == "failed"
    assert checked(0.76, bad, plain=plain, strong=strong).result == "not decided"
    assert checked(0.85, bad, plain=plain, strong=strong).result == "passed"
    assert checked(0.75, bad, strong=strong).result == "passed"
    assert checked(0.76, plain=PLAIN, strong=flipped(4)).result == "passed"  # of a thousand it could be a weaker one


def test_of_few_applicants_an_information_value_near_the_limit_is_not_decided():
    few = np.arange(0, 1000, 21)
    found = checked(bad=BAD[few], plain=PLAIN[few], good=flipped(5)[few])
    assert found.result == "not decided"
