"""The reproducibility check passes on a true state and catches a false one."""

import json

import pytest
import yaml

from ops.reproduction import compare

pytestmark = pytest.mark.graph
WITHOUT_MODELS = ("ingest", "prepare", "eda")


def verify(project, *, fails: bool) -> str:
    return project.run("python", "-m", "ops.verify_reproduction", fails=fails)


@pytest.fixture
def short(clone):
    """Give a clone of the first phases alone: what is caught there is caught in a tenth of the time."""
    for name in ("dvc.yaml", "dvc.lock"):
        path = clone.root / name
        graph = yaml.safe_load(path.read_text(encoding="utf-8"))
        graph["stages"] = {stage: graph["stages"][stage] for stage in WITHOUT_MODELS}
        path.write_text(yaml.safe_dump(graph, sort_keys=False), encoding="utf-8")
    clone.commit("the first phases alone")
    return clone


def test_a_true_state_passes(short):
    printed = verify(short, fails=False)
    assert "DIFFERS" not in printed
    assert "same bit for bit" in printed


def test_a_changed_seed_and_a_changed_row_are_caught(short):
    short.edit_params(lambda params: params.update(seed=1))
    path = short.root / "applications.csv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = first.split(",")
    cells[4] = str(int(cells[4]) + 1)
    path.write_text("".join([header, ",".join(cells), *rest]), encoding="utf-8")
    short.commit("another seed and another amount, not run")
    printed = verify(short, fails=True)
    assert "parameters: eda: seed: committed 20261123, reproduced 1" in printed
    assert "applications.csv" in printed
    assert "data/interim/ingested.parquet" in printed


@pytest.mark.parametrize("change", [0.01, 0.00005])
def test_an_edited_metric_is_caught(clone, small_project, change):
    path = clone.root / "metrics/evaluation.json"
    metrics = json.loads(path.read_text(encoding="utf-8"))
    metrics["auc"] += change
    path.write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    failed = [check for check in compare(clone.root, small_project.root) if not check.passed]
    assert any("metrics/evaluation.json" in difference for check in failed for difference in check.differences)
