"""A fitted model as a folder that MLflow loads: in skops where its parts allow that, else a pickle that says so."""

import hashlib
import io
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from credit.core.errors import InputError

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
    "optbinning.binning.binning.OptimalBinning",
    "optbinning.binning.binning_process.BinningProcess",
    "optbinning.binning.binning_statistics.BinningTable",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.model_selection._split.PredefinedSplit",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
)
NEEDED = ("scikit-learn", "imbalanced-learn", "category-encoders", "optbinning", "xgboost", "pandas", "numpy", "scipy")
SKOPS, PICKLE = "skops", "pickle"


def checked_bytes(path: Path, md5: str) -> bytes:
    """Read a file of DVC's cache, and refuse it if it is not the one that dvc.lock names: loading it may run it."""
    content = path.read_bytes()
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise InputError(f"{path}: expected a file with the md5 {md5}, got {found}; it is not loaded")
    return content


def load_model(content: bytes, name: str) -> Any:
    """Load a model, given as a joblib file's content, as `checked_bytes` gives it.

    Raises
    ------
    InputError
        It was made with other libraries, with which alone it is sure to say what it said.
    """
    import joblib
    from sklearn.exceptions import InconsistentVersionWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        try:
            return joblib.load(io.BytesIO(content))
        except Exception as error:  # what a pickle raises where a class is not as it was can be anything
            told = " ".join(str(error).split())
            raise InputError(f"{name}: expected a model of the installed libraries, got: {told}") from error


def save_for_mlflow(model: Any, applicants: pd.DataFrame | None, folder: Path) -> str:
    """Save a model in MLflow's layout; returns the format.

    Parameters
    ----------
    applicants : a few prepared ones, for the signature and the example; None leaves both out.
    folder : to be made.
    """
    examples = None if applicants is None else example_of(applicants[list(model.feature_names_in_)])
    says = None if examples is None else model.predict_proba(examples)
    if is_saved_in_skops(model, examples, says, folder):
        return SKOPS
    shutil.rmtree(folder, ignore_errors=True)
    save(model, PICKLE, examples, says, folder)
    return PICKLE


def is_saved_in_skops(model: Any, examples: pd.DataFrame | None, says: np.ndarray | None, folder: Path) -> bool:
    """Save a model in skops; whether that can write it, and reads it back with what is trusted, saying the same."""
    import skops.io
    from mlflow.exceptions import MlflowException

    try:
        save(model, SKOPS, examples, says, folder)
    except MlflowException:  # whatever skops raises for what it cannot write or does not trust
        return False
    again = skops.io.load(model_file(folder), trusted=list(TRUSTED))
    return examples is None or np.array_equal(again.predict_proba(examples), says)


def save(model: Any, form: str, examples: pd.DataFrame | None, says: np.ndarray | None, folder: Path) -> None:
    """Save a model as MLflow's scikit-learn flavour; `predict` of the generic flavour gives both probabilities.

    Parameters
    ----------
    says : the probabilities of the examples, of good (column 0) and of bad (column 1).
    """
    import mlflow.sklearn
    from mlflow.models import infer_signature

    mlflow.sklearn.save_model(
        model,
        folder,
        serialization_format="cloudpickle" if form == PICKLE else form,
        skops_trusted_types=list(TRUSTED) if form == SKOPS else None,
        signature=None if examples is None else infer_signature(examples, says),
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


def example_of(applicants: pd.DataFrame) -> pd.DataFrame:
    """Make all numbers decimal ones, so that the signature allows for missing values."""
    numeric = applicants.select_dtypes("number").columns
    return applicants.astype(dict.fromkeys(numeric, "float64")).reset_index(drop=True)
