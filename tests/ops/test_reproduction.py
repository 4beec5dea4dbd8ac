import hashlib
import json
from pathlib import Path

import pytest
import yaml

from ops.reproduction import COMPUTED_FROM_DATA, STABLE_FAMILIES, TOLERANCE, compare, identical_outputs

METRICS = {
    "metrics/data_quality.json": {"rows": {"ingested": 3, "prepared": 3}},
    "metrics/train/dt.json": {"oof_auc": 0.78, "estimates": [{"metric": "auc", "mean": 0.78, "n": 800}]},
    "metrics/train/et.json": {"oof_auc": 0.79},
    "metrics/selection.json": {"chosen": "dt", "lead": 0.01},
    "metrics/fairness.json": {"largest_gap": 0.1},
    "metrics/eda.json": {"train_bad_rate": 0.3},
    "metrics/evaluation.json": {"estimator": "dt", "auc": 0.8},
}
PDS = {"2": 0.25, "3": 0.5}


class State:
    """A small state of the project: what stands in dvc.lock, and the files that Git keeps."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.code, self.model = "print()", "bytes of a model"
        self.params = {"seed": 1}
        self.data = "a table"
        self.metrics = json.loads(json.dumps(METRICS))
        self.pds = dict(PDS)

    def write(self) -> Path:
        rows = "".join(f"{line},0,{int(pd > 0.4)},{pd}\n" for line, pd in self.pds.items())
        files = {name: json.dumps(values) for name, values in self.metrics.items()}
        files |= {"stages/eda.py": self.code, "plots/confusion.csv": f"line,actual,predicted,pd\n{rows}"}
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        outs = {"models/dt.joblib": self.model, **{name: text for name, text in files.items() if "stages/" not in name}}
        stages = {
            "eda": {
                "cmd": "python -m stages.eda",
                "deps": entries({"stages/eda.py": self.code}),
                "params": {"params.yaml": self.params},
                "outs": entries({"data/processed/train.parquet": self.data}),
            },
            "evaluate": {"cmd": "python -m stages.evaluate", "deps": entries({}), "outs": entries(outs)},
        }
        (self.root / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}), encoding="utf-8")
        return self.root


def entries(files: dict[str, str]) -> list[dict[str, str]]:
    return [{"path": name, "md5": hashlib.md5(text.encode()).hexdigest()} for name, text in files.items()]


@pytest.fixture
def states(tmp_path):
    return State(tmp_path / "committed"), State(tmp_path / "reproduced")


def failed(states) -> dict[str, tuple[str, ...]]:
    return {
        check.what: check.differences for check in compare(*(state.write() for state in states)) if not check.passed
    }


def test_equal_states_pass_and_another_model_file_alone_does_too_but_is_counted(states):
    for model, others in ((states[0].model, 0), ("other bytes", 1)):
        states[1].model = model
        assert failed(states) == {}
        assert identical_outputs(*(state.root for state in states)) == (len(METRICS) + 3 - others, len(METRICS) + 3)


@pytest.mark.parametrize(
    ("what", "value", "check", "said"),
    [
        ("params", {"seed": 2}, "parameters", "eda: seed: committed 1, reproduced 2"),
        ("params", {}, "parameters", "eda: seed: only committed"),
        ("code", "print(1)", "code and other sources", "stages/eda.py: committed"),
        ("data", "another table", "data", "data/processed/train.parquet: committed"),
    ],
)
def test_what_must_be_exact_is_caught(states, what, value, check, said):
    setattr(states[1], what, value)
    (difference,) = failed(states)[check]
    assert difference.startswith(said)


@pytest.mark.parametrize(
    ("file", "key", "tolerance"),
    [
        ("metrics/train/dt.json", "oof_auc", STABLE_FAMILIES["dt"]),
        ("metrics/train/et.json", "oof_auc", TOLERANCE),
        ("metrics/evaluation.json", "auc", STABLE_FAMILIES["dt"]),
        ("metrics/fairness.json", "largest_gap", TOLERANCE),
        ("metrics/selection.json", "lead", TOLERANCE),
        ("metrics/eda.json", "train_bad_rate", COMPUTED_FROM_DATA),  # no model has a part in it
    ],
)
def test_metrics_may_differ_by_their_tolerance_and_no_more(states, file, key, tolerance):
    states[1].metrics[file][key] += 0.5 * tolerance
    assert failed(states) == {}
    states[1].metrics[file][key] += tolerance
    assert list(failed(states)) == ["metrics and the chosen family"]


@pytest.mark.parametrize(
    ("family", "tolerance"), [("dt", 1e-6), ("lr", 1e-4), ("svc", 1e-3), ("blend", 1e-3), ("a new one", 1e-3)]
)
def test_pds_of_test_applicants_are_compared_one_by_one_within_the_tolerance_of_their_family(states, family, tolerance):
    for state in states:
        state.metrics["metrics/evaluation.json"]["estimator"] = family
    states[1].metrics["metrics/evaluation.json"]["auc"] += 0.5 * tolerance
    states[1].pds["3"] += 0.5 * tolerance
    assert failed(states) == {}
    states[1].pds["3"] += tolerance
    ((check, (difference,)),) = failed(states).items()
    assert check == "PDs of the test applicants"
    assert difference.startswith("line 3: committed 0.5")
    del states[1].pds["2"]
    assert failed(states)[check][0] == "line 2: only committed"


def test_numbers_within_lists_have_the_tolerance_too(states):
    states[1].metrics["metrics/train/dt.json"]["estimates"][0]["mean"] += 0.5 * STABLE_FAMILIES["dt"]
    assert failed(states) == {}
    states[1].metrics["metrics/train/dt.json"]["estimates"][0]["mean"] += 0.01
    (difference,) = failed(states)["metrics and the chosen family"]
    assert "estimates.0.mean" in difference


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [("metrics/selection.json", "chosen", "rf"), ("metrics/data_quality.json", "rows", {"ingested": 4, "prepared": 3})],
)
def test_names_and_counts_have_none(states, file, key, value):
    states[1].metrics[file][key] = value
    assert list(failed(states)) == ["metrics and the chosen family"]


def test_pds_of_test_applicants_are_compared_one_by_one(states):
    states[1].pds["3"] += 0.5 * STABLE_FAMILIES["dt"]
    assert failed(states) == {}
    states[1].pds["3"] += 0.01
    (difference,) = failed(states)["PDs of the test applicants"]
    assert difference.startswith("line 3: committed 0.5")


def test_a_missing_test_applicant_is_caught(states):
    del states[1].pds["2"]
    assert failed(states)["PDs of the test applicants"] == ["line 2: only committed"]


def test_an_edit_of_a_committed_metric_is_caught_however_small(states):
    committed, _ = states
    root = committed.write()
    states[1].write()
    path = root / "metrics/train/et.json"
    path.write_text(json.dumps({"oof_auc": 0.79 + 1e-7}), encoding="utf-8")
    (check,) = [check for check in compare(root, states[1].root) if not check.passed]
    assert check.what == "committed files are those in dvc.lock"
