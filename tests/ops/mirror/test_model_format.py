"""A fitted model as MLflow keeps and loads it."""

import io
import json
from importlib.metadata import version

import joblib
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
import pytest
import sklearn.base
import skops.io
import yaml
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from credit.core.errors import InputError
from credit.core.families import SEARCHED
from credit.features.plan import Caps
from credit.model.resampling import RESAMPLERS
from credit.model.voting import blend
from ops.mirror.model_format import (
    PICKLE,
    SKOPS,
    checked_bytes,
    load_model,
    model_file,
    save_for_mlflow,
)
from tests.ops.mirror.small_models import PLAN, applicants, fit, saved
from tests.ops.mirror.small_repository import md5_of

SMALL = {"rf": {"n_estimators": 3}, "mlp": {"hidden_layer_sizes": [3]}, "xgb": {"n_estimators": 3}}


def fitted(family: str = "lr", encoding: str = "one_hot", **settings):
    return fit(family, **{"encoding": encoding, **SMALL.get(family, {}), **settings})


def pds(model) -> np.ndarray:
    return model.predict_proba(applicants().features)


@pytest.fixture
def layout(tmp_path):
    return tmp_path / "model"


@pytest.mark.parametrize("family", SEARCHED)
def test_every_family_is_saved_in_skops_and_says_the_same(family, layout):
    model = fitted(family)
    assert save_for_mlflow(model, applicants().features.head(3), layout) == SKOPS
    assert model_file(layout).name == "model.skops"
    assert np.array_equal(pds(mlflow.sklearn.load_model(str(layout))), pds(model))
    assert np.array_equal(mlflow.pyfunc.load_model(str(layout)).predict(applicants().features), pds(model))


def blended(**codings: str):
    """Give a blend of families, each with its coding."""
    members = {family: fit(family, encoding=encoding, **SMALL.get(family, {})) for family, encoding in codings.items()}
    return blend(members, applicants().features, applicants().bad, cutoff=0.2)


@pytest.mark.parametrize(
    "codings", [{"lr": "one_hot", "rf": "ordinal"}, {"scorecard": "woe", "xgb": "ordinal", "mlp": "one_hot"}]
)
def test_a_blend_is_saved_in_skops_and_says_the_same(codings, layout):
    model = blended(**codings)
    assert save_for_mlflow(model, applicants().features.head(3), layout) == SKOPS
    assert np.array_equal(pds(mlflow.sklearn.load_model(str(layout))), pds(model))


def test_a_blend_with_a_member_that_skops_cannot_write_is_a_pickle(layout):
    model = blended(lr="binary", rf="ordinal")
    assert save_for_mlflow(model, applicants().features.head(3), layout) == PICKLE
    assert np.array_equal(pds(mlflow.sklearn.load_model(str(layout))), pds(model))


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "none"])
def test_bins_and_every_calibration_can_be_in_skops(method, layout):
    model = fit("scorecard", calibration=method, encoding="woe", C=0.5)
    assert save_for_mlflow(model, applicants().features.head(3), layout) == SKOPS
    missing = applicants().features.assign(duration=np.nan, savings=9.0)
    loaded = mlflow.sklearn.load_model(str(layout))
    assert np.array_equal(pds(loaded), pds(model))
    assert np.array_equal(loaded.predict_proba(missing), model.predict_proba(missing))


def test_a_model_that_derives_features_is_a_pickle(layout):
    # skops would have to trust methods of data frames.
    numeric = {**PLAN.numeric, "strain": Caps(lower=0, upper=60)}
    plan = PLAN.model_copy(update={"numeric": numeric, "derived": {"strain": "duration / savings"}})
    model = fit("lr", plan=plan, encoding="one_hot")
    assert save_for_mlflow(model, applicants().features.head(3), layout) == PICKLE
    assert np.array_equal(pds(mlflow.sklearn.load_model(str(layout))), pds(model))
    assert set(Model.load(str(layout)).signature.inputs.input_names()) == {"duration", "purpose", "savings"}


@pytest.mark.parametrize("resampler", RESAMPLERS)
def test_every_resampler_can_be_in_skops(resampler, layout):
    assert save_for_mlflow(fitted("dt", resampler=resampler), applicants().features.head(3), layout) == SKOPS


@pytest.mark.parametrize("settings", [{"solver": "sgd"}, {"solver": "lbfgs"}, {"early_stopping": True}])
def test_every_way_to_learn_of_a_network_can_be_in_skops(settings, layout):
    assert save_for_mlflow(fitted("mlp", **settings), None, layout) == SKOPS


@pytest.mark.parametrize("encoding", ["binary", "count"])
def test_what_skops_cannot_write_is_a_pickle_and_says_so(encoding, layout):
    model = fitted(encoding=encoding)
    assert save_for_mlflow(model, applicants().features.head(3), layout) == PICKLE
    assert model_file(layout).name == "model.pkl"
    flavour = yaml.safe_load((layout / "MLmodel").read_text(encoding="utf-8"))["flavors"]["sklearn"]
    assert flavour["serialization_format"] == "cloudpickle"
    assert np.array_equal(pds(mlflow.sklearn.load_model(str(layout))), pds(model))


def test_a_class_that_is_not_trusted_is_a_pickle(monkeypatch, layout):
    monkeypatch.setattr("ops.mirror.model_format.TRUSTED", ())
    assert save_for_mlflow(fitted(), None, layout) == PICKLE


def test_a_model_that_says_something_else_when_read_back_is_a_pickle(monkeypatch, layout):
    monkeypatch.setattr(skops.io, "load", lambda *_, **__: fitted(C=99.0))
    assert save_for_mlflow(fitted(), applicants().features.head(3), layout) == PICKLE
    assert not (layout / "model.skops").exists()


def test_the_signature_has_the_features_and_both_probabilities(layout):
    save_for_mlflow(fitted(), applicants().features.assign(line=1, bad=0).head(5), layout)
    signature = Model.load(str(layout)).signature
    types = {column.name: column.type.name for column in signature.inputs}
    assert types == {"duration": "double", "purpose": "string", "savings": "double"}
    (output,) = signature.outputs.to_dict()
    assert output["tensor-spec"]["shape"] == (-1, 2)


def test_the_example_can_be_sent_to_a_server(layout):
    features = applicants().features.head(5)
    save_for_mlflow(fitted(), features, layout)
    example = json.loads((layout / "serving_input_example.json").read_text(encoding="utf-8"))["dataframe_split"]
    sent = pd.DataFrame(example["data"], columns=example["columns"])
    assert sent.astype(object).equals(features.astype(object))


@pytest.mark.parametrize("missing", [None, np.nan])
@pytest.mark.parametrize("column", ["duration", "purpose", "savings"])
def test_missing_values_are_scored(column, missing, scored):
    model, loaded = scored
    rows = applicants().features.head(4).astype(object)
    rows.loc[1, column] = missing
    rows = rows.astype({"duration": float, "savings": float})
    scores = loaded.predict(rows)
    assert np.array_equal(scores, model.predict_proba(rows))
    assert not np.isnan(scores).any()


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Give a model and the same as MLflow loads it."""
    folder, model = tmp_path_factory.mktemp("scored") / "model", fitted()
    save_for_mlflow(model, applicants().features.head(5), folder)
    return model, mlflow.pyfunc.load_model(str(folder))


def test_without_applicants_there_is_neither_signature_nor_example(layout):
    assert save_for_mlflow(fitted(), None, layout) == SKOPS
    assert Model.load(str(layout)).signature is None
    assert not (layout / "input_example.json").exists()


def test_the_versions_of_the_libraries_are_kept(layout):
    save_for_mlflow(fitted(), None, layout)
    needed = (layout / "requirements.txt").read_text(encoding="utf-8")
    assert f"scikit-learn=={sklearn.__version__}\n" in needed
    assert f"skops=={skops.__version__}" in needed
    assert f"optbinning=={version('optbinning')}\n" in needed


@pytest.mark.parametrize("encoding", ["one_hot", "binary"])
def test_mlflow_loads_neither_format_where_pickles_are_forbidden(encoding, layout, monkeypatch):
    """MLflow 3.17 takes the trusted list from the model's own file, so it forbids skops with pickle."""
    save_for_mlflow(fitted(encoding=encoding), None, layout)
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")
    with pytest.raises(MlflowException, match="disallowed"):
        mlflow.sklearn.load_model(str(layout))


class TestCache:
    """What is taken from DVC's cache."""

    def test_the_file_that_the_lock_names_is_read(self, tmp_path):
        (tmp_path / "model").write_bytes(b"model")
        assert checked_bytes(tmp_path / "model", md5_of(b"model")) == b"model"

    def test_another_file_is_refused(self, tmp_path):
        (tmp_path / "model").write_bytes(b"damaged")
        with pytest.raises(InputError, match=rf"expected a file with the md5 {md5_of(b'model')}, got .*; it is not lo"):
            checked_bytes(tmp_path / "model", md5_of(b"model"))

    def test_a_model_is_loaded(self):
        assert np.array_equal(pds(load_model(saved("lr", 1.0), "lr.joblib")), pds(fitted(C=1.0)))

    def test_a_model_of_another_version_of_scikit_learn_is_refused(self, monkeypatch):
        model, buffer = fitted(), io.BytesIO()
        with monkeypatch.context() as patched:
            patched.setattr(sklearn.base, "__version__", "1.5.0")
            joblib.dump(model, buffer)
        with pytest.raises(InputError, match=r"^lr\.joblib: expected a model of the installed lib[^\n]*1\.5\.0[^\n]*$"):
            load_model(buffer.getvalue(), "lr.joblib")

    @pytest.mark.parametrize("content", [b"cno_such_module\nThing\n.", b"cos\nno_such_thing\n.", b"", b"\x80\x05K"])
    def test_a_model_of_other_libraries_or_none_at_all_is_refused(self, content):
        with pytest.raises(InputError, match=r"^lr\.joblib: expected a model[^\n]*$"):
            load_model(content, "lr.joblib")
