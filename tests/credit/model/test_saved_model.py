"""Tests of saved models: equal fits are equal bytes, and they score where this repository is not."""

import os
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from credit.core.families import SEARCHED, family_of
from credit.features.plan import Caps
from tests.credit.small_specs import PLATT, pds_of, small_spec

pytestmark = pytest.mark.slow

FIT_ALL = """
import sys, joblib
applicants, specs = joblib.load(sys.argv[1])
from credit.model.voting import blend
from credit.model.pipeline import fit_pd_model
for name, spec in specs.items():
    joblib.dump(fit_pd_model(spec, applicants, cutoff=0.25), f"{sys.argv[2]}/{name}.joblib")
members = {name: joblib.load(f"{sys.argv[2]}/{name}.joblib") for name in ("rf", "dt", "xgb", "derived", "derived_bins")}
joblib.dump(blend(members, applicants.features, applicants.bad, 0.25), f"{sys.argv[2]}/blend.joblib")
"""
SCORE_ALL = """
import sys, pathlib, joblib
try:
    import credit
except ModuleNotFoundError:
    features = joblib.load(sys.argv[1])
    models = {path.stem: joblib.load(path) for path in pathlib.Path(sys.argv[2]).glob("*.joblib")}
    joblib.dump({name: model.predict_proba(features)[:, 1] for name, model in models.items()}, sys.argv[3])
else:
    sys.exit("this process must not see the repository")
"""
MODELS = {*SEARCHED, "derived", "derived_bins", "blend"}


@pytest.fixture(scope="module")
def models(applicants, plan, tmp_path_factory, request) -> list[Path]:
    """Fit `MODELS` in two processes of different hash seeds; give their directories."""
    numeric = {**plan.numeric, "instalment": Caps(lower=0, upper=2000)}
    derived = plan.model_copy(update={"numeric": numeric, "derived": {"instalment": "amount / duration"}})
    specs = {name: small_spec(name, plan) for name in SEARCHED}
    specs |= {
        "derived": specs["lr"]._replace(plan=derived),
        "derived_bins": specs["scorecard"]._replace(plan=derived, calibration=PLATT.by("none")),
    }
    everything = tmp_path_factory.mktemp("given") / "everything.joblib"
    joblib.dump((applicants, specs), everything)
    directories = [tmp_path_factory.mktemp(f"models{seed}") for seed in (1, 2)]
    for seed, directory in enumerate(directories, start=1):
        environment = {"PYTHONPATH": str(request.config.rootpath), "PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1"}
        subprocess.run(
            [sys.executable, "-c", FIT_ALL, everything, directory],
            cwd=directory,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )
    return directories


def test_two_fits_in_two_processes_are_byte_identical(models):
    one, other = models
    for name in MODELS:
        assert (one / f"{name}.joblib").read_bytes() == (other / f"{name}.joblib").read_bytes(), name


def test_a_saved_model_gives_the_same_pds_where_this_repository_is_not(models, applicants, tmp_path):
    joblib.dump(applicants.features, tmp_path / "features.joblib")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(
        [sys.executable, "-I", "-c", SCORE_ALL, "features.joblib", models[0], "pds.joblib"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
    )
    found = joblib.load(tmp_path / "pds.joblib")
    assert set(found) == MODELS
    for name, pds in found.items():
        here = pds_of(joblib.load(models[0] / f"{name}.joblib"), applicants.features)
        assert np.array_equal(pds, here), name
    assert np.ptp(found["derived"]) > 0.1
    assert not np.allclose(found["derived"], found["lr"])


def test_a_saved_model_needs_what_features_are_derived_from_and_not_the_derived(models, applicants):
    for name in ("derived", "derived_bins", "blend"):
        model = joblib.load(models[0] / f"{name}.joblib")
        assert list(model.feature_names_in_) == list(applicants.features.columns)
        assert family_of(model) == {"derived": "lr", "derived_bins": "scorecard"}.get(name, name)
