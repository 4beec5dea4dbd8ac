"""What the tests of `make validate` share: few applicants, two quick families and three folds."""

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from joblib import parallel_config
from threadpoolctl import threadpool_limits

from ops import validate
from tests.stages.small_training import applicants

OUTPUTS = [Path(name) for name in ("metrics/validation.json", "plots/validation.csv", "plots/validation.png")]
FAMILIES = ["lr", "dt", "blend"]
DICTIONARY = {
    "duration": {"role": "numeric"},
    "purpose": {"role": "nominal", "codes": {"car": "car", "tv": "tv", "boat": "boat"}},
    "savings": {"role": "ordinal", "codes": {1: "none", 2: "some", 3: "much"}},
    "bad": {"role": "target", "codes": {0: "good", 1: "bad"}, "bad_codes": [1]},
}
SMALL = {
    "search": {"folds": 2, "repeats": 1, "metric": "auc"},
    "out_of_fold": {"folds": 2, "repeats": 1},
    "calibration": {"method": "sigmoid", "folds": 2},
    "train": {
        "lr": {"encoding": "one_hot", "resampler": "none", "C": [0.1, 1.0]},
        "dt": {"encoding": "ordinal", "resampler": "none", "max_depth": [1, 2]},
    },
    "blend": {"members": ["lr", "dt"]},
    "select_best": {"metric": "auc", "rule": "one_standard_error", "preference": ["lr", "dt", "blend"]},
    "validation": {"applicants": "train", "folds": 3, "repeats": 1, "judged_folds": 2, "judged_repeats": 1},
}


def read_yaml(name: str) -> dict:
    """Read a file below the current directory."""
    return yaml.safe_load(Path(name).read_text(encoding="utf-8"))


def change(**sections: object) -> None:
    """Change whole sections of params.yaml, or keys of those that are mappings."""
    params = read_yaml("params.yaml")
    for name, section in sections.items():
        params[name] = params[name] | section if isinstance(section, dict) and name != "train" else section
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def write_inputs() -> None:
    """Write what the program reads, below the current directory, where params.yaml is."""
    Path("data/dictionary.yaml").write_text(yaml.safe_dump({"columns": DICTIONARY}, sort_keys=False), encoding="utf-8")
    change(**SMALL)
    for name, n in {"data/processed/train.parquet": 90, "data/interim/prepared.parquet": 120}.items():
        Path(name).parent.mkdir()
        applicants(n).to_parquet(name)


def run() -> None:
    """Run the program in this process, on one thread as its own processes do."""
    with threadpool_limits(1), parallel_config(backend="sequential"):
        validate.main()


def report() -> dict:
    """Read what was written."""
    return json.loads(OUTPUTS[0].read_text(encoding="utf-8"))


def program(root: Path, repository: Path) -> subprocess.CompletedProcess:
    """Run the program as `make validate` does."""
    environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "ops.validate"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
