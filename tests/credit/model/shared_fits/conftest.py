"""What the tests of shortcuts share: coded rows, and each candidate fitted for itself."""

from functools import partial

import numpy as np
import pytest

from credit.core.families import build_estimator
from credit.model.encoded_fold import Coded

SEED = 7


def draw(columns: int, decimals: int) -> Coded:
    """Draw rows of which the first columns tell the bads; the fewer the decimals, the more ties."""
    generator = np.random.default_rng(columns)
    rows = generator.normal(size=(300, columns)).round(decimals)
    if decimals < 6:
        rows[1::2] = np.where(generator.random((150, 1)) < 0.3, rows[::2], rows[1::2])  # some stand there twice
    bad = (rows[:, :3].sum(axis=1) + generator.normal(size=300) > 1).astype("int64")
    return Coded(rows[:200], bad[:200], rows[200:], bad[200:])


@pytest.fixture(params=[(30, 6), (4, 0)], ids=["distinct", "tied"])
def coded(request) -> Coded:
    return draw(*request.param)


@pytest.fixture
def check():
    """Check that a shortcut gives bit for bit what each candidate gives for itself, and not all the same."""

    def checked(family, shortcut, tried, coded):
        build = partial(build_estimator, family, seed=SEED)
        alone = [
            build(settings).fit(coded.fitted, coded.fitted_bad).predict_proba(coded.held_out) for settings in tried
        ]
        found = shortcut.scores(tried, build, coded)
        assert len({shortcut.key(settings) for settings in tried}) == 1
        assert shortcut.key(tried[0]) is not None
        assert np.array_equal(found, [pds[:, 1] for pds in alone])
        assert len({scores.tobytes() for scores in found}) > 1

    return checked
