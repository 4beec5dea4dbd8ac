"""A fitted model as MLflow keeps and loads it."""

import io
import json
from operator import methodcaller

import joblib
import mlflow.sklearn
import numpy as np
import pandas as pd
import pytest
import sklearn.base
import skops.io
import yaml
from mlflow.models import Model
from sklearn.preprocessing import FunctionTransformer

from credit.core.errors import InputError
from credit.core.families import SEARCHED
from credit.features.plan import Caps
from credit.model.resampling import RESAMPLERS
from credit.model.voting import blend
from ops.mirror.model_format import NEEDED, PICKLE, SKOPS, load_model, load_skops, model_file, save_for_mlflow
from tests.ops.mirror.small_models import PLAN, applicants, fit, saved

SMALL = {"rf": {"n_estimators": 3}, "mlp": {"hidden_layer_sizes": [3]}, "xgb": {"n_estimators": 3}}
STRAIN = PLAN.model_copy(  # skops would have to trust methods of data frames
    update={
        "numeric": {**PLAN.numeric, "strain": Caps(lower=0, upper=60)},
        "derived": {"strain": "duration / savings"},
    }
)

pytestmark = pytest.mark.slow


def fitted(family: str = "lr", encoding: str = "one_hot", **settings):
    return fit(family, **{"encoding": encoding, **SMALL.get(family, {}), **settings})


def blended(**codings: str):
    """Give a blend of families, each with its encoding."""
    members = {family: fit(family, encoding=encoding, **SMALL.get(family, {})) for family, encoding in codings.items()}
    return blend(members, applicants().features, applicants().bad, cutoff=0.2)


def pds(model, rows: pd.DataFrame | None = None) -> np.ndarray:
    return model.predict_proba(applicants().features if rows is None else rows)


@pytest.fixture
def layout(tmp_path):
    return tmp_path / "model"


@pytest.mark.parametrize(
    "model",
    [
        *(lambda family=family: fitted(family) for family in SEARCHED),
        *(lambda name=name: fitted("dt", resampler=name) for name in RESAMPLERS),
        *(lambda how=how: fitted("mlp", **how) for how in ({"solver": "sgd"}, {"early_stopping": True})),
        *(
            lambda method=method: fit("scorecard", calibration=method, encoding="woe", C=0.5)
            for method in ("sigmoid", "isotonic", "none")
        ),
        lambda: blended(lr="one_hot", rf="ordinal"),
        lambda: blended(scorecard="woe", xgb="ordinal", mlp="one_hot"),
    ],
)
def test_models_are_saved_in_skops_and_say_the_same_of_missing_values_too(model, layout):
    made, missing = model(), applicants().features.assign(duration=np.nan, savings=9.0)
    assert save_for_mlflow(made, applicants().features.head(3), layout) == SKOPS
    assert model_file(layout).name == "model.skops"
    loaded = mlflow.sklearn.load_model(str(layout))
    assert np.array_equal(pds(loaded), pds(made))
    assert np.array_equal(pds(loaded, missing), pds(made, missing))


@pytest.mark.parametrize(
    "model",
    [
        lambda: fitted(encoding="binary"),
        lambda: fitted(encoding="count"),
        lambda: fit("lr", plan=STRAIN, encoding="one_hot"),
        lambda: blended(lr="binary", rf="ordinal"),
    ],
)
def test_what_skops_cannot_write_is_a_pickle_and_says_so(model, layout):
    made = model()
    assert save_for_mlflow(made, applicants().features.head(3), layout) == PICKLE
    assert model_file(layout).name == "model.pkl"
    flavour = yaml.safe_load((layout / "MLmodel").read_text(encoding="utf-8"))["flavors"]["sklearn"]
    assert flavour["serialization_format"] == "cloudpickle"
    assert np.array_equal(pds(mlflow.sklearn.load_model(str(layout))), pds(made))
    assert set(Model.load(str(layout)).signature.inputs.input_names()) == {"duration", "purpose", "savings"}


@pytest.mark.parametrize("cause", ["a class is not trusted", "it says something else when it is read back"])
def test_what_skops_does_not_read_back_is_a_pickle(cause, monkeypatch, layout):
    if cause == "a class is not trusted":
        monkeypatch.setattr("ops.mirror.model_format.TRUSTED", ())
    else:
        monkeypatch.setattr(skops.io, "load", lambda *_, **__: fitted(C=99.0))
    assert save_for_mlflow(fitted(), applicants().features.head(3), layout) == PICKLE
    assert not (layout / "model.skops").exists()


def test_a_file_that_would_call_another_method_is_not_loaded(tmp_path):
    evil = FunctionTransformer(methodcaller("to_csv", str(tmp_path / "stolen.csv")))
    skops.io.dump(evil, tmp_path / "model.skops")
    with pytest.raises(InputError, match=r"^model\.skops: expected calls of fillna, to_numpy, got to_csv; it is not l"):
        load_skops(tmp_path / "model.skops")
    skops.io.dump(FunctionTransformer(methodcaller("fillna", 0.0)), tmp_path / "model.skops")
    assert load_skops(tmp_path / "model.skops").transform(pd.DataFrame({"a": [None]})).loc[0, "a"] == 0


def test_signature_example_and_versions_are_kept(layout):
    features = applicants().features.head(5)
    save_for_mlflow(fitted(), features.assign(line=1, bad=0), layout)
    signature = Model.load(str(layout)).signature
    types = {column.name: column.type.name for column in signature.inputs}
    assert types == {"duration": "double", "purpose": "string", "savings": "double"}
    (output,) = signature.outputs.to_dict()
    assert output["tensor-spec"]["shape"] == (-1, 2)
    example = json.loads((layout / "serving_input_example.json").read_text(encoding="utf-8"))["dataframe_split"]
    sent = pd.DataFrame(example["data"], columns=example["columns"])
    assert sent.astype(object).equals(features.astype(object))
    versions = dict(line.split("==") for line in (layout / "requirements.txt").read_text().splitlines())
    assert versions.keys() == {*NEEDED, "skops", "mlflow"}
    assert versions["scikit-learn"] == sklearn.__version__


def test_a_model_of_another_version_of_scikit_learn_is_refused(monkeypatch):
    assert np.array_equal(pds(load_model(saved("lr", 1.0), "lr.joblib")), pds(fitted(C=1.0)))
    model, buffer = fitted(), io.BytesIO()
    with monkeypatch.context() as patched:
        patched.setattr(sklearn.base, "__version__", "1.5.0")
        joblib.dump(model, buffer)
    with pytest.raises(InputError, match=r"^lr\.joblib: expected a model of the installed lib[^\n]*1\.5\.0[^\n]*$"):
        load_model(buffer.getvalue(), "lr.joblib")
