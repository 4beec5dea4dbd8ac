"""The graph on a quarter of the South German table, with few candidates: made once for all tests that need one."""

import contextlib
import importlib
import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import yaml
from fasteners import InterProcessLock
from joblib import parallel_config
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).parents[1]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
TABLE = "applications.csv"
BY_PEOPLE = ("dictionary.yaml", "about.yaml", "south_german_errata.csv")
FAMILIES = ("lr", "dt", "scorecard")
RUNS = [
    run
    for stage in STAGES
    for run in ([f"train {family}" for family in FAMILIES] if stage == "train" else [stage])
]  # fmt: skip
EXCLUDED = """
credit_history employment_duration installment_rate other_debtors present_residence property other_installment_plans
housing number_credits job people_liable telephone
""".split()
SETTINGS = {
    "ingest": {"source": TABLE},
    "features": {"exclude": EXCLUDED, "derived": {"instalment": "amount / duration"}},
    "eda.subgroup_depth": 1,
    "search": {"folds": 2, "repeats": 1, "metric": "auc"},
    "out_of_fold": {"folds": 2, "repeats": 2},
    "calibration": {"method": "sigmoid", "folds": 2},
    "train": {
        "lr": {"calibration": "none", "encoding": "one_hot", "resampler": "none", "C": [0.01, 0.1]},
        "dt": {"encoding": "ordinal", "resampler": "none", "max_depth": [1, 3], "min_samples_leaf": 5},
        "scorecard": {"calibration": "none", "encoding": "woe", "resampler": "none", "C": 0.5},
    },
    "blend": {"members": list(FAMILIES)},
    "select_best": {"metric": "auc", "rule": "one_standard_error", "preference": ["scorecard", "lr", "dt", "blend"]},
    "evaluate": {"bootstrap": 100},
    "cutoff": {"bands": 5, "cost_ratios": [2, 8], "bad_rates": [0.1, 0.5]},
    "fairness": {"cut": {"age": [25]}, "four_fifths": 0.8, "min_group_size": 20, "min_bads": 5, "min_goods": 5},
    "explain": {"max_rows": 60, "repeats": 2, "tolerance": 0.01},
}


def change(changes: dict[str, Any]) -> None:
    """Change params by their dotted names, below the current directory."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    for name, value in changes.items():
        *sections, key = name.split(".")
        place = params
        for section in sections:
            place = place[section]
        place[key] = value
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def main_of(run: str) -> Any:
    """Give what runs a stage: a function of a log."""
    stage, *family = run.split()
    module = importlib.import_module(f"stages.{stage}")
    return lambda log: module.main(log, *family)


def run(stage: str, **changes: Any) -> Any:
    """Run a stage in this process, after params were changed (a__b for a.b); give what it wrote as metrics, if any."""
    change({name.replace("__", "."): value for name, value in changes.items()})
    with without_pictures():
        run_whole(stage)
    metrics = [path for path in outputs(stage) if path.endswith(".json") and path.startswith("metrics/")]
    return json.loads(Path(metrics[0]).read_text(encoding="utf-8")) if metrics else None


@contextlib.contextmanager
def without_pictures() -> Iterator[None]:
    """Leave pictures empty: to lay them out and draw them takes longer than the rest; tests/pictures looks at them."""
    with patch.multiple(Figure, tight_layout=lambda _, **__: None, savefig=lambda _, file, **__: Path(file).touch()):
        yield


def run_whole(stage: str) -> None:
    """Run a stage in this process, pictures included."""
    with parallel_config(backend="sequential"), threadpool_limits(1):
        main_of(stage)(logging.getLogger(stage))


def inputs(run: str) -> list[str]:
    """Name the files and folders a stage declares as deps, but for code, and its params."""
    named = [_filled(dep, run) for dep in STAGES[run.split(maxsplit=1)[0]]["deps"]]
    return ["params.yaml", *(path for path in named if not path.startswith(("credit", "stages")))]


def outputs(run: str) -> list[str]:
    """Name the files and folders a stage declares as outputs."""
    stage = STAGES[run.split(maxsplit=1)[0]]
    entries = [entry for kind in ("outs", "metrics", "plots") for entry in stage.get(kind, [])]
    return [_filled(entry if isinstance(entry, str) else next(iter(entry)), run) for entry in entries]


def _filled(path: str, run: str) -> str:
    values = {"${item.model}": run.rsplit(maxsplit=1)[-1], "${model}": "best", "${ingest.source}": TABLE}
    for name, value in values.items():
        path = path.replace(name, value)
    return path


def lay_out(run: str, made: Path, target: Path) -> None:
    """Copy what a stage declares to read, as far as it is made, and nothing else."""
    for path in inputs(run):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        if (made / path).is_dir():
            shutil.copytree(made / path, target / path)
        elif (made / path).exists():
            shutil.copyfile(made / path, target / path)


def files_below(root: Path) -> dict[str, bytes]:
    """Read every file, but for logs."""
    paths = (path for path in root.rglob("*") if path.is_file() and path.name != "stages.log")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, bytes]:
    """Give the files that are new or others than before."""
    return {path: content for path, content in after.items() if before.get(path) != content}


class Graph:
    """A directory in which stages run as far as a test needs them, each once, whichever test process comes first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._record = root.with_suffix(".json")

    def until(self, last: str) -> "Graph":
        """Run the stages up to this one that have not run yet."""
        with InterProcessLock(self.root.with_suffix(".lock")):
            if not self._record.exists():
                set_up(self.root)
                self._record.write_text("{}", encoding="utf-8")
            with contextlib.chdir(self.root):
                self._run_missing(last)
        return self

    def written(self, stage: str) -> dict[str, bytes]:
        """Give what a stage that has run wrote."""
        return {path: (self.root / path).read_bytes() for path in self._names()[stage]}

    def _names(self) -> dict[str, list[str]]:
        return json.loads(self._record.read_text(encoding="utf-8"))

    def _run_missing(self, last: str) -> None:
        names = self._names()
        for stage in RUNS[len(names) : RUNS.index(last) + 1]:
            before = files_below(self.root)
            run_whole(stage)
            names[stage] = list(changed(before, files_below(self.root)))
            if stage == "source":
                cut_table()
            self._record.write_text(json.dumps(names), encoding="utf-8")


def set_up(root: Path) -> None:
    """Write what nobody makes but people."""
    (root / "data").mkdir(parents=True)
    for name in ("params.yaml", "requirements.txt", *(f"data/{name}" for name in BY_PEOPLE)):
        shutil.copyfile(ROOT / name, root / name)
    with contextlib.chdir(root):
        change(SETTINGS)


def cut_table() -> None:
    """Write what is ingested, a quarter of what `source` makes, below the current directory."""
    pd.read_csv("data/raw/south_german_credit.csv", dtype=str).iloc[::4].to_csv(TABLE, index=False)
