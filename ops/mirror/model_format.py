"""A fitted model of DVC's cache as a folder that MLflow loads: in skops where its parts allow that, else a pickle."""

import hashlib
import io
import json
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import numpy as np
import pandas as pd

from credit.core.errors import InputError
from ops.history.lock import md5_of
from ops.history.results import FamilyResult, model_path

# Beyond what skops trusts by itself: the classes and functions of libraries of which our models are made.
TRUSTED = (
    "functools.partial",  # of a function that has to be trusted itself
    "imblearn.combine._smote_enn.SMOTEENN",
    "imblearn.combine._smote_tomek.SMOTETomek",
    "imblearn.over_sampling._adasyn.ADASYN",
    "imblearn.over_sampling._smote.base.SMOTE",
    "imblearn.over_sampling._smote.filter.BorderlineSMOTE",
    "imblearn.over_sampling._smote.filter.SVMSMOTE",
    "imblearn.pipeline.Pipeline",
    "imblearn.under_sampling._prototype_selection._edited_nearest_neighbours.EditedNearestNeighbours",
    "imblearn.under_sampling._prototype_selection._nearmiss.NearMiss",
    "imblearn.under_sampling._prototype_selection._tomek_links.TomekLinks",
    "numpy.asarray",
    "numpy.clip",
    "numpy.dtype",
    "numpy.einsum",
    "numpy.nan_to_num",
    "operator.methodcaller",  # of METHODS only
    "optbinning.binning.binning.OptimalBinning",
    "optbinning.binning.binning_process.BinningProcess",
    "optbinning.binning.binning_statistics.BinningTable",
    "pandas.isna",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.model_selection._split.KFold",
    "sklearn.model_selection._split.PredefinedSplit",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)
METHODS = {"fillna", "to_numpy"}  # of the applicants' data frame, by which models make missing values one thing
NEEDED = ("scikit-learn", "imbalanced-learn", "category-encoders", "optbinning", "xgboost", "pandas", "numpy", "scipy")
SKOPS, PICKLE = "skops", "pickle"
EXAMPLES = 5  # applicants in the input example


class Packed(NamedTuple):
    """A model in MLflow's layout: its folder, skops or pickle, the SHA-256 of DVC's file and of the one loaded."""

    layout: Path
    form: str
    sha256: str
    file_sha256: str


def pack(cache: Path, family: FamilyResult, applicants_md5: str | None, layout: Path) -> Packed:
    """Pack a family's model into a new folder, with a few test applicants as the example, if the cache has them.

    Raises
    ------
    InputError
        The cache has another file in its place, or the installed libraries cannot load it.
    """
    content, applicants = checked_bytes(cached(cache, family.md5), family.md5), None
    if applicants_md5 and (table := cached(cache, applicants_md5)).is_file():
        applicants = pd.read_parquet(io.BytesIO(checked_bytes(table, applicants_md5))).head(EXAMPLES)
    form = save_for_mlflow(load_model(content, model_path(family.family)), applicants, layout)
    sha256, file_sha256 = (hashlib.sha256(file).hexdigest() for file in (content, model_file(layout).read_bytes()))
    return Packed(layout, form, sha256, file_sha256)


def cached(cache: Path, md5: str) -> Path:
    """Say where DVC's cache has a file."""
    return cache / "files/md5" / md5[:2] / md5[2:]


def checked_bytes(path: Path, md5: str) -> bytes:
    """Read a file of DVC's cache, and refuse it if it is not the one that dvc.lock names: loading it may run it."""
    content = path.read_bytes()
    if md5_of(content) != md5:
        raise InputError(f"{path}: expected a file with the md5 {md5}, got {md5_of(content)}; it is not loaded")
    return content


def load_model(content: bytes, name: str) -> Any:
    """Load a joblib file's content; refused is what was made with other libraries, which might say something else."""
    import joblib
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        try:
            return joblib.load(io.BytesIO(content))
        except Exception as error:  # what a pickle raises where a class is not as it was can be anything
            reason = " ".join(str(error).split())
            raise InputError(f"{name}: expected a model of the installed libraries, got: {reason}") from error


def save_for_mlflow(model: Any, applicants: pd.DataFrame | None, folder: Path) -> str:
    """Save a model in MLflow's layout; returns the format.

    That is skops if it can write the model, and reads it back with what is trusted, saying the same; else a pickle.

    Parameters
    ----------
    applicants : a few prepared ones, for the signature and the example; None leaves both out.
    folder : to be made.
    """
    from mlflow.exceptions import MlflowException

    examples, pds = None, None
    if applicants is not None:
        examples = applicants[list(model.feature_names_in_)].reset_index(drop=True)
        # Decimal numbers, so that the signature allows for missing values.
        examples = examples.astype(dict.fromkeys(examples.select_dtypes("number").columns, "float64"))
        pds = model.predict_proba(examples)
    try:
        save(model, SKOPS, examples, pds, folder)
    except MlflowException:  # whatever skops raises for what it cannot write or does not trust
        pass
    else:
        again = load_skops(model_file(folder))
        if examples is None or np.array_equal(again.predict_proba(examples), pds):
            return SKOPS
    shutil.rmtree(folder, ignore_errors=True)
    save(model, PICKLE, examples, pds, folder)
    return PICKLE


def load_skops(file: Path) -> Any:
    """Load a model from a skops file, if it is made of nothing but what is trusted.

    Raises
    ------
    InputError
        It would call a method that no model of ours calls.
    skops.exceptions.UntrustedTypesFoundException
        It has a class or function that is not among `TRUSTED`.
    """
    import skops.io

    called: set[str] = set()

    def gather(part: dict[str, Any]) -> dict[str, Any]:
        if part.get("__class__") == "methodcaller":
            called.add(json.loads(part["attrs"]["content"][0]["content"]))
        return part

    with ZipFile(file) as archive:
        json.loads(archive.read("schema.json"), object_hook=gather)
    if strange := sorted(called - METHODS):
        expected = ", ".join(sorted(METHODS))
        raise InputError(f"{file.name}: expected calls of {expected}, got {', '.join(strange)}; it is not loaded")
    return skops.io.load(file, trusted=list(TRUSTED))


def save(model: Any, form: str, examples: pd.DataFrame | None, pds: np.ndarray | None, folder: Path) -> None:
    """Save a model as MLflow's scikit-learn flavour; `predict` of the generic flavour gives both probabilities.

    Parameters
    ----------
    pds : the probabilities of the examples, of good (column 0) and of bad (column 1).
    """
    import mlflow.sklearn
    from mlflow.models import infer_signature

    mlflow.sklearn.save_model(
        model,
        folder,
        serialization_format="cloudpickle" if form == PICKLE else form,
        skops_trusted_types=list(TRUSTED) if form == SKOPS else None,
        signature=None if examples is None else infer_signature(examples, pds),
        input_example=examples,
        pip_requirements=[f"{name}=={version(name)}" for name in NEEDED] + [f"skops=={version('skops')}"],
        pyfunc_predict_fn="predict_proba",
        metadata={"probabilities": "of good (column 0) and of bad (column 1)"},
    )


def model_file(folder: Path) -> Path:
    """Find the file of a saved model that is loaded. Raises InputError where there is none."""
    for path in (folder / "model.skops", folder / "model.pkl"):
        if path.is_file():
            return path
    raise InputError("expected a model.skops or model.pkl, found neither")
