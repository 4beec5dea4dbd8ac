"""Compare a reproduced run with the committed one: what must be the same exactly, and what within a tolerance.

Commands, code, parameters and data must be the same bit for bit on every machine. Models and what is computed
with them may differ in the last digits on another CPU or BLAS, so metrics and PDs have a tolerance.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

from ops.history.folders import changed_files, read_sources
from ops.history.lock import outputs, read_yaml, sources
from ops.history.revisions import LOCK

DATA_STAGES = ("source", "ingest", "prepare", "eda")
TEST_PDS = "plots/confusion.csv"  # a clone has no data of DVC to compare

# Largest absolute difference of a metric or PD on another kind of CPU or BLAS. Forests, boosting and networks choose
# between near ties (splits, early stopping), solvers stop near the optimum (lr with a weak penalty, svc), which can
# turn the order of two PDs and so move an AUC by a step; a blend may have them in it. The others do neither.
# Measured between the kernels for AVX2 and for AVX-512: lr 6e-5, svc 7e-4, those of 1e-6 the same to the last digit.
TOLERANCE = 1e-3
STABLE_FAMILIES = dict.fromkeys(("dt", "knn", "scorecard"), 1e-6) | {"lr": 1e-4}
COMPUTED_FROM_DATA = 1e-6
OF_DATA = ("data_quality", "eda")  # metrics that no model has a part in


class Comparison(NamedTuple):
    """One comparison: what was compared, how much of it, and what differs (nothing if it passed)."""

    what: str
    compared: str
    differences: Sequence[str]

    @property
    def passed(self) -> bool:
        return not self.differences


def compare(committed: Path, reproduced: Path) -> list[Comparison]:
    """Compare two checkouts of the project, one as committed and one after `dvc repro -f`."""
    locks = _lock(committed), _lock(reproduced)
    return [
        check_evidence(committed, locks[0]),
        _check("commands", *map(_commands, locks)),
        check_code(committed, *locks),
        _check("parameters", *map(_params, locks)),
        _check("data", *map(_data, locks)),
        check_metrics(committed, reproduced),
        check_test_pds(committed, reproduced),
    ]


def identical_outputs(committed: Path, reproduced: Path) -> tuple[int, int]:
    """Count the outputs of all stages that are the same bit for bit, and all outputs."""
    before, after = (outputs(_lock(root)) for root in (committed, reproduced))
    return sum(after.get(path) == digest for path, digest in before.items()), len(before)


def check_evidence(root: Path, lock: Mapping[str, Any]) -> Comparison:
    """Check that committed metrics, plots and sources are those that dvc.lock speaks of."""
    recorded = {**outputs(lock), **sources(lock)}
    here = read_sources(root, recorded)
    differences = []
    for path, digest in here.items():
        if recorded.get(path, digest) != digest:
            names = changed_files(root, path) if (root / path).is_dir() else [path]
            differences.append(f"{', '.join(names)}: {LOCK} has {recorded[path]}, the file {digest}")
    return Comparison(f"committed files are those in {LOCK}", f"{len(here)} files", differences)


def check_code(root: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare what stages read and no stage wrote; every file of a folder counts."""
    recorded = sources(before)
    absent = sum(not (root / path).exists() for path in recorded)
    count = len(read_sources(root, recorded)) + absent
    return Comparison("code and other sources", f"{count} entries", _differing(recorded, sources(after)))


def check_metrics(committed: Path, reproduced: Path) -> Comparison:
    """Compare every number of metrics/ within its tolerance, and every name exactly."""
    paths = sorted(path.relative_to(committed) for path in (committed / "metrics").rglob("*.json"))
    differences, count = [], 0
    for path in paths:
        before = dict(_leaves(_json(committed / path)))
        after = dict(_leaves(_json(reproduced / path)))
        tolerance = metric_tolerance(path, before)
        count += len(before)
        differences += [f"{path}: {difference}" for difference in _differing(before, after, tolerance)]
    return Comparison("metrics and the chosen family", f"{count} values in {len(paths)} files", differences)


def metric_tolerance(path: Path, values: Mapping[str, Any]) -> float:
    """Tolerance of a metrics file, by the family that it is about; the loosest where it is about several."""
    if path.parts[1] == "train":
        return STABLE_FAMILIES.get(path.stem, TOLERANCE)
    if path.stem == "evaluation":
        return STABLE_FAMILIES.get(str(values.get("estimator")), TOLERANCE)
    return COMPUTED_FROM_DATA if path.stem in OF_DATA else TOLERANCE


def check_test_pds(committed: Path, reproduced: Path) -> Comparison:
    """Compare the PD of every test applicant within the tolerance of the evaluated family."""
    estimator = _json(committed / "metrics/evaluation.json").get("estimator")
    before, after = (_pds(root / TEST_PDS) for root in (committed, reproduced))
    differences = _differing(before, after, STABLE_FAMILIES.get(estimator, TOLERANCE))
    return Comparison("PDs of the test applicants", f"{len(before)} applicants", [f"line {one}" for one in differences])


def _check(what: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    return Comparison(what, f"{len(before)} entries", _differing(before, after))


def _differing(before: Mapping[str, Any], after: Mapping[str, Any], tolerance: float = 0.0) -> list[str]:
    differences = []
    for key in sorted({*before, *after}):
        if key not in before or key not in after:
            differences.append(f"{key}: only {'reproduced' if key in after else 'committed'}")
        elif not _same(before[key], after[key], tolerance):
            differences.append(f"{key}: committed {before[key]}, reproduced {after[key]}")
    return differences


def _same(before: Any, after: Any, tolerance: float) -> bool:
    if isinstance(before, float) and isinstance(after, int | float):
        return isclose(before, after, rel_tol=0, abs_tol=tolerance)
    return type(before) is type(after) and before == after


def _lock(root: Path) -> dict[str, Any]:
    return read_yaml((root / LOCK).read_bytes(), LOCK)


def _commands(lock: Mapping[str, Any]) -> dict[str, str]:
    return {name: stage["cmd"] for name, stage in lock["stages"].items()}


def _params(lock: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{name}: {key}": value
        for name, stage in lock["stages"].items()
        for values in stage.get("params", {}).values()
        for key, value in values.items()
    }


def _data(lock: Mapping[str, Any]) -> dict[str, str]:
    """Hashes of the tables and plans that models are made from."""
    of_data = {name: lock["stages"][name] for name in DATA_STAGES if name in lock["stages"]}
    return {path: digest for path, digest in outputs({"stages": of_data}).items() if path.startswith("data/")}


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping | list):
        for name, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _leaves(item, f"{key}.{name}" if key else str(name))
    else:
        yield key, value


def _pds(path: Path) -> dict[str, float]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["line"]: float(row["pd"]) for row in csv.DictReader(file)}
