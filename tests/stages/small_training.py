"""A few applicants to train on, drawn."""

import numpy as np
import pandas as pd


def applicants(n: int = 90) -> pd.DataFrame:
    """Draw applicants, bad where duration is long and savings are low."""
    generator = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "line": np.arange(2, n + 2),
            "applicant_group": np.arange(n),
            "duration": generator.integers(4, 72, n).astype(float),
            "purpose": generator.choice(["car", "tv", "boat"], n),
            "savings": generator.integers(1, 4, n).astype(float),
            "telephone": 1.0,
        }
    )
    return table.assign(
        bad=(0.05 * table["duration"] - table["savings"] + generator.logistic(size=n) > 0.8).astype("int64")
    )
