"""What the tests of training share: few applicants, a plan and few candidates of a tree."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from joblib import parallel_config

from stages import train

PLAN = {
    "numeric": {"duration": {"lower": 4, "upper": 60}},
    "nominal": {"purpose": {"kept": ["car", "tv"], "rare": ["boat"]}},
    "ordinal": {"savings": {"kept": [1, 2, 3]}},
    "dropped": {"telephone": "constant"},
}
SMALL = {
    "search": {"folds": 2, "repeats": 1, "metric": "auc"},
    "out_of_fold": {"folds": 3, "repeats": 2},
    "calibration": {"method": "sigmoid", "folds": 2},
}
TREE = {"encoding": ["one_hot", "ordinal"], "resampler": "none", "max_depth": [1, 3], "min_samples_leaf": 5}
OUTPUTS = ["models/dt.joblib", "data/processed/oof/dt.parquet", "metrics/train/dt.json", "plots/search/dt.csv"]


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


def write_inputs() -> None:
    """Write what the stage reads, below the current directory, where params.yaml is."""
    Path("data/processed").mkdir()
    applicants().to_parquet("data/processed/train.parquet")
    Path("data/processed/feature_plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    change()


def change(dt: dict[str, Any] | None = None, **sections: Any) -> None:
    """Change settings of the tree, and whole sections, of the params."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params |= {**SMALL, **sections}
    params["train"]["dt"] = {**TREE, **(dt or {})}
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


def run(family: str = "dt") -> None:
    """Train a family in this process."""
    with parallel_config(backend="sequential"):
        train.main(logging.getLogger("train"), family)


def report() -> dict[str, Any]:
    """Read what was written of the tree."""
    return json.loads(Path("metrics/train/dt.json").read_text(encoding="utf-8"))
