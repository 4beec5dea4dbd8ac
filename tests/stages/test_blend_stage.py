"""The stage in a directory of its own, after few applicants and few candidates of its members."""

import contextlib
import json
import logging
import shutil
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from joblib import parallel_config
from threadpoolctl import threadpool_limits

from credit.core.errors import InputError
from credit.core.families import SEARCHED, family_of
from credit.model.voting import mean_pds
from stages import blend, train

LOG = logging.getLogger("blend")
PLAN = {
    "numeric": {"duration": {"lower": 4, "upper": 60}, "strain": {"lower": 0, "upper": 40}},
    "nominal": {"purpose": {"kept": ["car", "tv"], "rare": ["boat"]}},
    "ordinal": {"savings": {"kept": [1, 2, 3]}},
    "dropped": {"telephone": "constant", "age": "excluded by features.exclude"},
    "derived": {"strain": "duration / savings"},
}
SETTINGS = {
    # With six digits the smallest C is 0, which the library refuses.
    "lr": {"encoding": "one_hot", "resampler": "none", "C": [1e-7, 0.5], "tol": 1e-7},
    "dt": {"encoding": "ordinal", "resampler": "none", "max_depth": [1, 2], "max_rows": 150},
    "mlp": {"encoding": "ordinal", "resampler": "none", "hidden_layer_sizes": [[2], [3, 2]], "max_iter": 5},
    "scorecard": {"encoding": "woe", "resampler": "none", "C": 0.5, "calibration": "none"},
}
OUTPUTS = ["models/blend.joblib", "data/processed/oof/blend.parquet", "metrics/train/blend.json"]
MEMBERS = ["lr", "dt"]


def applicants(n: int = 200) -> pd.DataFrame:
    generator = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "line": np.arange(2, n + 2),
            "applicant_group": np.arange(n),
            "duration": generator.integers(4, 72, n).astype(float),
            "purpose": generator.choice(["car", "tv", "boat"], n),
            "savings": generator.integers(1, 4, n).astype(float),
            "telephone": 1.0,
            "age": generator.integers(19, 75, n).astype(float),
        }
    )
    risk = 0.05 * table["duration"] - table["savings"] + generator.logistic(size=n)
    return table.assign(bad=(risk > 0.8).astype("int64"))


def change(**sections) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")) | sections
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


@pytest.fixture(scope="module")
def once(tmp_path_factory, request) -> Path:
    """Train all members, once; give the directory."""
    directory = tmp_path_factory.mktemp("trained")
    shutil.copyfile(request.config.rootpath / "params.yaml", directory / "params.yaml")
    with contextlib.chdir(directory), parallel_config(backend="sequential"), threadpool_limits(1):
        Path("data/processed").mkdir(parents=True)
        applicants().to_parquet("data/processed/train.parquet")
        Path("data/processed/feature_plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
        change(
            search={"folds": 2, "repeats": 1, "metric": "auc"},
            out_of_fold={"folds": 3, "repeats": 2},
            calibration={"method": "sigmoid", "folds": 2},
            train=SETTINGS,
            blend={"members": MEMBERS},
        )
        for member in SETTINGS:
            train.main(LOG, member)
    return directory


@pytest.fixture
def trained(once, workspace) -> None:
    """Work where all members are trained; lr and dt are to be blended."""
    shutil.copytree(once, workspace, dirs_exist_ok=True)


def report(family: str = "blend") -> dict:
    return json.loads(Path(f"metrics/train/{family}.json").read_text(encoding="utf-8"))


def test_the_outputs_agree_with_one_another_and_with_the_members(trained):
    change(blend={"members": ["lr", "dt", "scorecard"]})
    blend.main(LOG)
    oof, members = (
        pd.read_parquet("data/processed/oof/blend.parquet"),
        {name: pd.read_parquet(f"data/processed/oof/{name}.parquet") for name in ("lr", "dt", "scorecard")},
    )
    pd.testing.assert_frame_equal(oof, mean_pds(members))
    found = report()
    assert found["picked"] == [{"setting": "members", "value": ["lr", "dt", "scorecard"]}]
    assert {estimate["n"] for estimate in found["estimates"]} == {200}
    assert set(report("lr")) - set(found) == {"rows", "search"}
    model = joblib.load("models/blend.joblib")
    assert model.threshold == found["cutoff"]
    assert family_of(model) == "blend"
    assert list(model.feature_names_in_) == ["duration", "purpose", "savings"]


def test_it_is_made_of_the_saved_models_as_they_are(trained):
    change(blend={"members": ["scorecard", "mlp", "dt"]})
    blend.main(LOG)
    saved = {name: joblib.load(f"models/{name}.joblib") for name in ("scorecard", "mlp", "dt")}
    inside = dict(joblib.load("models/blend.joblib").estimator_.named_estimators_)
    table = applicants()
    for name, model in saved.items():
        assert np.array_equal(model.predict_proba(table), inside[name].predict_proba(table))
    mean = np.mean([model.predict_proba(table)[:, 1] for model in saved.values()], axis=0)
    assert joblib.load("models/blend.joblib").predict_proba(table)[:, 1] == pytest.approx(mean, abs=1e-15)


@pytest.mark.slow
def test_a_second_run_writes_the_same_bytes(trained, run_stage):
    change(blend={"members": ["scorecard", "dt"]})
    written = []
    for seed in ("1", "2"):
        found = run_stage("blend", PYTHONHASHSEED=seed)
        assert found.returncode == 0, found.stderr
        written.append({path: Path(path).read_bytes() for path in OUTPUTS})
    assert written[0] == written[1]


def refused(message: str) -> None:
    with pytest.raises(InputError) as raised:
        blend.main(LOG)
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)
    assert not any(Path(path).exists() for path in OUTPUTS)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (["lr"], "params.yaml: 'blend.members' must be a list of at least 2 values, got ['lr']"),
        ([], "params.yaml: 'blend.members' must be a list of at least 2 values, got []"),
        ("lr", "params.yaml: 'blend.members' must be a list, got 'lr'"),
        (["lr", "lr"], f"params.yaml: 'blend.members' must be different ones of {', '.join(SEARCHED)}, got lr, lr"),
        (["lr", "blend"], f"params.yaml: 'blend.members' must be different ones of {', '.join(SEARCHED)}, got lr, bl"),
        (["gbm", "lr"], f"params.yaml: 'blend.members' must be different ones of {', '.join(SEARCHED)}, got gbm, lr"),
    ],
)
def test_wrong_members_are_refused_with_one_line(trained, members, message):
    change(blend={"members": members})
    refused(message)


def test_a_member_that_was_not_trained_is_refused(trained):
    Path("data/processed/oof/dt.parquet").unlink()
    refused("data/processed/oof/dt.parquet: expected the file that an earlier stage writes, got no such file")


def test_a_member_without_a_model_is_refused(trained):
    Path("models/dt.joblib").unlink()
    refused("models/dt.joblib: expected the model that an earlier stage writes, got no such file")


def test_members_judged_on_different_folds_are_refused(trained):
    table = pd.read_parquet("data/processed/oof/dt.parquet")
    table.assign(line=table["line"] + 1).to_parquet("data/processed/oof/dt.parquet")
    refused("data/processed/oof/dt.parquet: expected the folds of lr, got others; train it anew")


def test_wrong_members_end_the_process_with_one_line(trained, run_stage):
    change(blend={"members": ["lr", "lr"]})
    found = run_stage("blend")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert line.startswith("blend: params.yaml: 'blend.members' must be different ones of")
