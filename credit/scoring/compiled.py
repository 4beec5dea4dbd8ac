"""A saved model as plain arrays: its answer for one applicant in a millisecond, the same in every company.

scikit-learn's pipeline spends nearly all its time on data frames and their validation, and answers differently, in the
last digits, for an applicant alone and among others: matrix products sum in another order then.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import Pipeline

from credit.core.families import BLEND, family_of
from credit.scoring.batch import Batch, Columns, NotCompilable, columns_of
from credit.scoring.encoder import compile_encoder
from credit.scoring.estimator import Scores, compile_scores

AT_ONCE = 2048  # applicants: what is made of them stays in the processor's cache
TOLERANCE = {"knn": 1e-6}  # the library's squared distances are differences of large numbers
EXACT = 1e-12
CHECKED = 64  # applicants


class Compiled(NamedTuple):
    """The PDs of a saved model, by columns of prepared values.

    Attributes
    ----------
    features : the columns it needs.
    examples : by feature, values that it tells apart.
    """

    features: tuple[str, ...]
    score: Scores
    examples: Mapping[str, Sequence[Any]]

    def pds(self, columns: Columns, threads: int = 1) -> np.ndarray:
        """Give the PDs, shape (applicants,), the same bits whoever is in the same batch, on any number of threads."""
        rows = len(columns[self.features[0]])
        parts = [
            {name: columns[name][start : start + AT_ONCE] for name in self.features}
            for start in range(0, rows, AT_ONCE)
        ]
        if threads == 1 or len(parts) < 2:
            pds = list(map(self._pds_at_once, parts))
        else:
            with ThreadPoolExecutor(threads) as pool:
                pds = list(pool.map(self._pds_at_once, parts))
        return np.concatenate(pds) if pds else np.empty(0)

    def _pds_at_once(self, columns: Columns) -> np.ndarray:
        return self.score(Batch(columns))


def compile_model(model: Any) -> Compiled:
    """Turn a saved model into plain arrays, and compare its PDs with the model's own.

    Parameters
    ----------
    model : as `fit_pd_model` and `blend` give it.

    Raises
    ------
    NotCompilable
        It has a part or an option for which no way is known, or the PDs are not the same.
    """
    features, examples = tuple(model.feature_names_in_), {}
    compiled = Compiled(features, _compile(model, examples), examples)
    _verify(compiled, model)
    return compiled


def _compile(model: Any, examples: dict[str, list[Any]]) -> Scores:
    match model:
        case FixedThresholdClassifier():
            return _compile(model.estimator_, examples)
        case FrozenEstimator():
            return _compile(model.estimator, examples)
        case VotingClassifier(voting="soft", weights=None):
            return _mean([_compile(member, examples) for member in model.estimators_])
        case CalibratedClassifierCV():
            return _mean([_calibrated(part, examples) for part in model.calibrated_classifiers_])
        case Pipeline():
            return _pipeline(model, examples, pds=True)
    raise NotCompilable(f"it is a {type(model).__name__}")


def _mean(members: Sequence[Scores]) -> Scores:
    def score(batch: Batch) -> np.ndarray:
        total = np.zeros(len(batch))
        for member in members:
            total += member(batch)
        return total / len(members)

    return score


def _calibrated(part: Any, examples: dict[str, list[Any]]) -> Scores:
    """Give a curve over scores: the fitted one, which takes each score for itself."""
    scores, (curve,) = _pipeline(part.estimator, examples, pds=False), part.calibrators
    return lambda batch: np.clip(curve.predict(scores(batch)).astype("float64"), 0.0, 1.0)


def _pipeline(model: Any, examples: dict[str, list[Any]], *, pds: bool) -> Scores:
    if not isinstance(model, Pipeline) or len(model.steps) != 2:
        raise NotCompilable(f"its part is a {type(model).__name__}")
    encoder, estimator = compile_encoder(model.steps[0][1]), model.steps[1][1]
    for name, values in encoder.examples.items():
        examples[name] = [*examples.get(name, ()), *values]
    return compile_scores(estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator, encoder, pds=pds)


def _verify(compiled: Compiled, model: Any) -> None:
    """Compare PDs of made-up applicants, drawn from all values that are told apart."""
    applicants = draw_applicants(compiled, CHECKED, seed=0)
    expected = model.predict_proba(applicants)[:, 1]
    received = compiled.pds(columns_of(applicants, compiled.features))
    differs = float(np.abs(received - expected).max())
    limit = tolerance(model)
    if not differs <= limit:
        raise NotCompilable(f"its PDs differ by {differs:.1g} from those without it, which is more than {limit:g}")


def tolerance(model: Any) -> float:
    """Give how far the PDs of a model may differ from those that it has compiled; a blend's as of its worst member."""
    if family_of(model) != BLEND:
        return TOLERANCE.get(family_of(model), EXACT)
    return max(tolerance(member.estimator) for member in model.estimator_.estimators_)


def draw_applicants(compiled: Compiled, rows: int, seed: int) -> pd.DataFrame:
    """Draw applicants from the values that a model tells apart: known and unknown levels, in and out of range, none."""
    generator = np.random.default_rng(seed)
    drawn = {}
    for name in compiled.features:
        values = np.array(compiled.examples[name], dtype=object)[generator.integers(len(compiled.examples[name]), size=rows)]
        is_text = any(isinstance(value, str) for value in compiled.examples[name])
        drawn[name] = pd.Series(values, dtype="str" if is_text else "float64")
    return pd.DataFrame(drawn)


Score = Callable[[pd.DataFrame], np.ndarray]
