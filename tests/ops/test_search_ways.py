"""The program on few applicants and few candidates."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

PLAN = {
    "numeric": {"duration": {"lower": 4, "upper": 60}},
    "nominal": {"purpose": {"kept": ["car", "tv"], "rare": ["boat"]}},
    "ordinal": {},
    "dropped": {},
}
FOREST = {"encoding": ["ordinal", "one_hot"], "resampler": ["none", "smote"], "n_estimators": [2, 9], "max_depth": 2}


@pytest.fixture
def run(workspace, repository, write):
    """Run the program for a family where eda has run."""
    generator = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "duration": generator.integers(4, 72, 90).astype(float),
            "purpose": generator.choice(["car", "tv", "boat"], 90),
        }
    )
    table["bad"] = (0.05 * table["duration"] + generator.logistic(size=90) > 2.5).astype("int64")
    write("data/processed/feature_plan.json", json.dumps(PLAN))
    table.to_parquet("data/processed/train.parquet")
    params = yaml.safe_load((workspace / "params.yaml").read_text(encoding="utf-8"))
    params["search"] |= {"folds": 2, "repeats": 1}
    params["train"] = {"rf": FOREST}
    write("params.yaml", yaml.safe_dump(params))

    def ran(*families: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "ops.search_ways", *families],
            env={**os.environ, "PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return ran


@pytest.mark.slow
def test_ways_agree_and_say_what_they_cost(run):
    done = run("rf")
    assert done.returncode == 0, done.stderr
    search, plain, fits = map(json.loads, done.stdout.splitlines())
    assert [search["way"], plain["way"], fits["way"]] == ["search", "plain", "fits"]
    assert search["pick"] == plain["pick"]
    assert search["score"] == pytest.approx(plain["score"], abs=1e-12)
    assert all(way["cpu"] > 0 for way in (search, plain, fits))
    assert (fits["candidates"], fits["fits"]) == (8, 4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("families", "complaint"),
    [((), "usage: "), (("ols",), "got ols"), (("lr",), "params.yaml: expected 'train.lr', found rf")],
)
def test_what_cannot_be_searched_is_refused_in_one_line(run, families, complaint):
    done = run(*families)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1
