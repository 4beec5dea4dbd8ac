"""Checks of whether test applicants are like the training applicants."""

import numpy as np
import pandas as pd

from credit.check.stability import features_stable, score_stable
from tests.credit.check.reasons import unrecorded, value

PDS = np.random.default_rng(4).random(800)


def table(n: int, seed: int, **changes: object) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    columns = {"amount": generator.normal(size=n), "purpose": generator.choice(["car", "tv"], n)}
    return pd.DataFrame(columns).assign(**changes)


def test_a_score_spread_alike_passes_and_one_that_moved_fails():
    passed, failed = score_stable(PDS, PDS[:400], 0.1), score_stable(PDS, PDS[:200] / 2, 0.1)
    assert (passed.result, failed.result) == ("passed", "failed")
    (index,) = [number for number in failed.numbers if number.name == "PSI"]
    assert index.value > index.low > 0.1
    assert not unrecorded(passed)
    assert not unrecorded(failed)


def test_of_few_applicants_a_move_is_not_decided():
    found = score_stable(PDS[:60], PDS[60:90], 0.1)
    assert value(found, "PSI") > 0.1
    assert found.result == "not decided"
    assert found.reason.endswith("; applicants are too few to tell")


def test_a_move_that_is_surely_small_passes_however_sure_it_is():
    found = score_stable(np.repeat(PDS, 20), np.repeat(PDS**1.3, 20), 0.1)
    (index,) = [number for number in found.numbers if number.name == "PSI"]
    assert 0 < index.low < index.high < 0.1
    assert found.result == "passed"


def test_features_that_moved_are_named():
    train = table(800, 1)
    assert features_stable(train, table(800, 2), ["amount"], 0.1).result == "passed"
    moved = features_stable(train, table(200, 2, amount=5.0), ["amount"], 0.1)
    assert moved.result == "failed"
    assert "amount" in moved.reason
    assert "purpose" not in moved.reason
    assert features_stable(train, table(200, 2, purpose="boat"), ["amount"], 0.1).result == "failed"
    assert not unrecorded(moved)


def test_the_chance_of_a_false_alarm_is_shared_among_the_features():
    train, test = table(800, 1), table(200, 2)
    test["amount"] += 0.45
    alone = features_stable(train[["amount"]], test[["amount"]], ["amount"], 0.06)
    (index,) = alone.numbers[:1]
    assert index.low > 0.06
    many = {f"other {number}": train["purpose"] for number in range(40)}
    more = dict.fromkeys(many, test["purpose"])
    assert alone.result == "failed"
    assert features_stable(train.assign(**many), test.assign(**more), ["amount"], 0.06).result == "not decided"


def test_levels_that_are_all_thin_are_not_decided():
    generator = np.random.default_rng(1)
    train, test = (pd.DataFrame({"area": generator.integers(0, 800, n)}) for n in (4000, 1000))
    assert features_stable(train, test, [], 0.1).result == "not decided"
