"""Checks of whether test applicants are like the training applicants."""

import numpy as np
import pandas as pd
import pytest

from credit.check.psi import psi_by_chance
from credit.check.stability import features_stable, score_stable
from tests.credit.check.reasons import unrecorded, value

PDS = np.random.default_rng(4).random(800)


def table(n: int, seed: int, **changes: object) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    columns = {"amount": generator.normal(size=n), "purpose": generator.choice(["car", "tv"], n)}
    return pd.DataFrame(columns).assign(**changes)


def test_a_score_spread_alike_passes_and_one_that_moved_fails():
    passed = score_stable(PDS, PDS[:200], 0.1)
    failed = score_stable(PDS, PDS[:200] / 2, 0.1)
    assert (passed.result, failed.result) == ("passed", "failed")
    assert value(failed, "PSI") > value(failed, "by chance") > 0.1
    assert not unrecorded(passed)
    assert not unrecorded(failed)


def test_an_index_above_the_limit_but_not_above_chance_passes():
    found = score_stable(PDS[:60], PDS[60:90], 0.1)
    assert 0.1 < value(found, "PSI") < value(found, "by chance")
    assert found.result == "passed"
    assert score_stable(PDS, PDS[:200] ** 1.1, 0.0).result == "passed"


def test_an_index_above_chance_but_not_above_the_limit_passes():
    shifted = PDS**1.3
    found = score_stable(np.repeat(PDS, 20), np.repeat(shifted, 20), 0.1)
    assert value(found, "by chance") < value(found, "PSI") < 0.1
    assert found.result == "passed"


def test_features_that_moved_are_named():
    train = table(800, 1)
    assert features_stable(train, table(200, 2), ["amount"], 0.1).result == "passed"
    moved = features_stable(train, table(200, 2, amount=5.0), ["amount"], 0.1)
    assert moved.result == "failed"
    assert "amount" in moved.reason
    assert "purpose" not in moved.reason
    assert features_stable(train, table(200, 2, purpose="boat"), ["amount"], 0.1).result == "failed"
    assert not unrecorded(moved)


def test_the_chance_of_a_false_alarm_is_shared_among_the_features():
    found = features_stable(table(800, 1), table(200, 2, amount=5.0), ["amount"], 0.1)
    bins = 11  # tenths of the training applicants; the one value of the test applicants lies above them
    assert value(found, "by chance, amount") in [
        pytest.approx(psi_by_chance(count, 800, 200, chance=0.975)) for count in (bins - 1, bins)
    ]
