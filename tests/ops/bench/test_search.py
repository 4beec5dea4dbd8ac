"""The search of each family beside a plain one; the program that searches, on few applicants and few candidates."""

import json
import os
import subprocess
import sys

import pytest

from ops.bench.measure import ResourceUsage
from ops.bench.search import BEFORE, PROGRAM, measure_search
from tests.ops.small_validation import change, write_inputs

RESULT = {
    **{"candidates": 16, "fits": 8, "wall": 2.0, "cpu": 3.0, "plain_wall": 20.0, "plain_cpu": 39.0},
    **{"bound_cpu": 6.0, "bound_wall": 1.5, "best": 5, "plain_best": 5},
}
USED = ResourceUsage(1, 1, 1, "")


def test_table_has_ratios_of_wall_times_and_shows_where_the_best_differ(played, rows_of):
    results = {"lr": {**RESULT, "best": 3}, "xgb": {**RESULT, "plain_wall": 10.0}}
    printed = {f"{PROGRAM} {name}": USED._replace(printed=json.dumps(result)) for name, result in results.items()}
    stages = dict.fromkeys((*BEFORE, "train@lr", "train@xgb"), USED)
    rows = rows_of(measure_search(played({**stages, **printed})))
    assert "lr 16 8 2.0 3.0 20.0 39.0 6.0 10.0 1.33 3!5".split() in rows
    assert "xgb 16 8 2.0 3.0 10.0 39.0 6.0 5.0 1.33 5".split() in rows
    assert "total 32 16 4.0 6.0 30.0 78.0 12.0 7.5 1.33".split() in rows


PLAN = {
    "numeric": {"duration": {"lower": 4, "upper": 60}},
    "nominal": {"purpose": {"kept": ["car", "tv"], "rare": ["boat"]}},
    "ordinal": {},
    "dropped": {},
}
FOREST = {"encoding": ["ordinal", "one_hot"], "resampler": ["none", "smote"], "n_estimators": [2, 9], "max_depth": 2}


@pytest.mark.slow
def test_ways_of_searching_agree_and_say_what_they_cost(workspace, repository, write):
    write_inputs()
    write("data/processed/feature_plan.json", json.dumps(PLAN))
    change(train={"rf": FOREST})
    environment = {**os.environ, "PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, *PROGRAM.split()[1:], "rf"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert set(result) >= set(RESULT)
    assert result["best"] == result["plain_best"]
    assert result["score"] == pytest.approx(result["plain_score"], abs=1e-12)
    assert min(result[name] for name in ("cpu", "plain_cpu", "bound_cpu")) > 0
    assert (result["candidates"], result["fits"]) == (8, 4)
