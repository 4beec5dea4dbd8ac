"""The check of PDs as probabilities."""

import numpy as np
import pytest

from credit.check.calibration import calibrated, spiegelhalter
from tests.credit.check.told import untold, value


def drawn(pds: np.ndarray, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(pds)) < pds).astype(int)


PDS = np.linspace(0.02, 0.9, 600)


def test_z_is_that_of_a_hand_computation():
    # y - p = 0.8, -0.4; 1 - 2p = 0.6, 0.2: (0.48 - 0.08) / sqrt(0.36 * 0.16 + 0.04 * 0.24) = 0.4 / 0.259230
    assert spiegelhalter(np.array([1, 0]), np.array([0.2, 0.4])) == pytest.approx(1.543034, abs=1e-6)


def test_z_is_about_standard_normal_for_pds_that_are_right():
    found = [spiegelhalter(drawn(PDS, seed), PDS) for seed in range(500)]
    assert abs(np.mean(found)) < 0.15
    assert 0.9 < np.std(found) < 1.1


def test_right_pds_pass_in_both_samples():
    found = calibrated({"out of fold": (drawn(PDS), np.array([PDS, PDS])), "test": (drawn(PDS, 2), PDS[None])})
    assert found.result == "passed"
    assert value(found, "z, out of fold") == pytest.approx(spiegelhalter(drawn(PDS), PDS))
    assert [number.n for number in found.numbers][:4] == [600] * 4
    assert not untold(found)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda pds: pds + 0.08,  # too high on the whole
        lambda pds: pds - 0.02 - 0.08 * pds,  # too low
        lambda pds: np.where(pds > pds.mean(), 0.97, 0.03),  # too extreme, and right on the whole
        lambda pds: pds.mean() + 0.3 * (pds - pds.mean()),  # too near to the bad rate
    ],
)
@pytest.mark.parametrize("sample", ["out of fold", "test"])
def test_wrong_pds_in_either_sample_fail(wrong, sample):
    right = {"out of fold": (drawn(PDS), PDS[None]), "test": (drawn(PDS, 2), PDS[None])}
    found = calibrated(right | {sample: (right[sample][0], wrong(PDS)[None])})
    assert found.result == "failed"
    assert not untold(found)


def test_pds_without_a_spread_to_judge_are_not_judged():
    bad = np.array([0, 1, 1, 0])
    found = calibrated({"test": (bad, np.array([[0.0, 1.0, 0.5, 0.5]]))})
    assert (found.result, found.reason[:4]) == ("not applicable", "test")
