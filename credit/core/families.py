"""The model families: for each a library class and the settings that are never searched."""

import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Literal, NamedTuple

from credit.core.errors import InputError

# A network that stops at max_iter has done what it was told to; scikit-learn warns of it at every fit.
warnings.filterwarnings("ignore", message="Stochastic Optimizer: Maximum iterations")


class Family(NamedTuple):
    """Where a family's class is found, and what is fixed in it; `n_jobs` is pickled, so it is a constant.

    `constraint` is its hyperparameter for the directions in which the PD may move, one a column; None if it has none.
    """

    title: str
    module: str
    kind: str
    fixed: Mapping[str, Any]
    constraint: str | None = None


FAMILIES = {
    "lr": Family("logistic regression", "sklearn.linear_model", "LogisticRegression", {"max_iter": 2000}),
    "rf": Family("random forest", "sklearn.ensemble", "RandomForestClassifier", {"n_jobs": 1}, "monotonic_cst"),
    "mlp": Family("multilayer perceptron", "sklearn.neural_network", "MLPClassifier", {}),
    "svc": Family("support vector classifier", "sklearn.svm", "SVC", {}),
    "dt": Family("decision tree", "sklearn.tree", "DecisionTreeClassifier", {}, "monotonic_cst"),
    "xgb": Family(
        "gradient boosting (XGBoost)",
        "xgboost",
        "XGBClassifier",
        {"n_jobs": 1, "tree_method": "hist"},
        "monotone_constraints",
    ),
    "knn": Family("k-nearest neighbours", "sklearn.neighbors", "KNeighborsClassifier", {"n_jobs": 1}),
    "scorecard": Family("scorecard", "sklearn.linear_model", "LogisticRegression", {"max_iter": 2000}),
    "blend": Family("blend (soft vote)", "sklearn.ensemble", "VotingClassifier", {"voting": "soft"}),
}
SCORECARD = "scorecard"
MONOTONE = "monotone"
BLEND = "blend"  # is made of the others, and has nothing to search
SEARCHED = tuple(name for name in FAMILIES if name != BLEND)
FamilyName = Literal[SEARCHED]


def build_estimator(family: str, hyperparameters: Mapping[str, Any], seed: int, directions: Sequence[int] = ()) -> Any:
    """Build an unfitted estimator of a family, one of `SEARCHED`.

    Parameters
    ----------
    hyperparameters : by their names in the library; a list is turned into a tuple. Families with a `constraint` have
        `monotone` too: whether the PD may move along each column in its direction alone.
    seed : of its random numbers, where it draws any.
    directions : of the columns, in their order: 1 where the PD may rise alone, -1 where it may fall alone, else 0.

    Raises
    ------
    InputError
        The family's class has no such hyperparameter, or `monotone` is neither true nor false.
    """
    _, module, kind, fixed, constraint = FAMILIES[family]
    estimator = getattr(import_module(module), kind)(**fixed)
    settings = estimator.get_params()
    named = {name: value for name, value in hyperparameters.items() if not constraint or name != MONOTONE}
    monotone = hyperparameters.get(MONOTONE, False)
    if not isinstance(monotone, bool):
        raise InputError(f"'train.{family}.{MONOTONE}' must be true or false, got {monotone!r}")
    for name in named:
        if name in ("random_state", "n_jobs"):
            raise InputError(
                f"'train.{family}.{name}' is not for params.yaml: 'seed' and constants set it, for equal bytes"
            )
        if name not in settings:
            raise InputError(
                f"'train.{family}.{name}' is no hyperparameter of {kind}; it has {', '.join(sorted(settings))}"
            )
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in named.items()}
    if monotone and directions:
        values[constraint] = tuple(directions)
    seeded = {"random_state": seed} if "random_state" in settings else {}
    return estimator.set_params(**seeded, **values)


def family_of(model: Any) -> str:
    """Name the family of a saved model, whatever wraps it: a pipeline's last step is called after its family.

    Raises
    ------
    InputError
        It is of no family.
    """
    inner = model
    while not hasattr(inner, "steps") and hasattr(inner, "estimator"):
        inner = inner.estimator
    if type(inner).__name__ == FAMILIES[BLEND].kind:
        return BLEND
    name = inner.steps[-1][0] if hasattr(inner, "steps") else ""
    if name not in FAMILIES:
        raise InputError(f"expected a model of one of {', '.join(FAMILIES)}, got a {name or type(inner).__name__}")
    return name
