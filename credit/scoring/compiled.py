"""A saved model as plain arrays: its answer for one applicant in a millisecond, the same in every company.

scikit-learn's pipeline spends nearly all its time on data frames and their validation, and answers differently, in the
last digits, for an applicant alone and among others: matrix products sum in another order then.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import Pipeline

from credit.core.families import BLEND, family_of
from credit.scoring.batch import Batch, Coding, Columns, Levels, NotCompilableError, columns_of
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
    levels : by feature, its levels, of those that have any.
    """

    features: tuple[str, ...]
    score: Scores
    examples: Mapping[str, Sequence[Any]]
    levels: Mapping[str, frozenset[Any]]

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


class _Compiler:
    """What the members of a blend share: codings, and the values that they tell apart."""

    def __init__(self) -> None:
        self.codings: dict[Hashable, Coding] = {}
        self.examples: dict[str, list[Any]] = {}

    @property
    def levels(self) -> dict[str, frozenset[Any]]:
        """Give the levels of each column, of all members together."""
        levels: dict[str, frozenset[Any]] = {}
        for coding in self.codings.values():
            if isinstance(coding, Levels):
                levels[coding.name] = levels.get(coding.name, frozenset()) | set(coding.levels)
        return levels

    def scores(self, model: Any) -> Scores:
        match model:
            case FixedThresholdClassifier():
                return self.scores(model.estimator_)
            case FrozenEstimator():
                return self.scores(model.estimator)
            case VotingClassifier(voting="soft", weights=None):
                return _mean([self.scores(member) for member in model.estimators_])
            case CalibratedClassifierCV():
                return _mean([self._calibrated(part) for part in model.calibrated_classifiers_])
            case Pipeline():
                return self._pipeline(model, pds=True)
        raise NotCompilableError(f"it is a {type(model).__name__}")

    def _calibrated(self, part: Any) -> Scores:
        scores, curve = self._pipeline(part.estimator, pds=False), _curve(part.calibrators[0])
        return lambda batch: curve(scores(batch))

    def _pipeline(self, model: Any, *, pds: bool) -> Scores:
        if len(model.steps) != 2:
            raise NotCompilableError(f"its part is a Pipeline of {len(model.steps)} steps")
        encoder, estimator = compile_encoder(model.steps[0][1], self.codings), model.steps[1][1]
        for name, values in encoder.examples.items():
            self.examples[name] = [*self.examples.get(name, ()), *values]
        return compile_scores(estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator, encoder, pds=pds)


def _mean(members: Sequence[Scores]) -> Scores:
    def score(batch: Batch) -> np.ndarray:
        total = np.zeros(len(batch))
        for member in members:
            total += member(batch)
        return total / len(members)

    return score


def _curve(calibrator: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Give a calibration curve, which takes every score for itself."""
    if isinstance(calibrator, IsotonicRegression):
        return lambda scores: calibrator.predict(scores).astype("float64")
    slope, intercept = calibrator.a_, calibrator.b_  # of a sigmoid, as scikit-learn has it
    return lambda scores: expit(-(slope * scores + intercept))


def compile_model(model: Any) -> Compiled:
    """Turn a saved model into plain arrays, and compare its PDs with the model's own.

    Parameters
    ----------
    model : as `fit_pd_model` and `blend` give it.

    Raises
    ------
    NotCompilableError
        It has a part or an option for which no way is known, or the PDs are not the same.
    """
    compiler = _Compiler()
    scores = compiler.scores(model)
    compiled = Compiled(tuple(model.feature_names_in_), scores, compiler.examples, compiler.levels)
    _verify(compiled, model)
    return compiled


def _verify(compiled: Compiled, model: Any) -> None:
    """Compare PDs of made-up applicants, drawn from all values that are told apart."""
    applicants = draw_applicants(compiled, CHECKED, seed=0)
    expected = model.predict_proba(applicants)[:, 1]
    received = compiled.pds(columns_of(applicants, compiled.features))
    differs = float(np.abs(received - expected).max())
    limit = tolerance(model)
    if not differs <= limit:
        raise NotCompilableError(f"its PDs differ by {differs:.1g} from those without it, which is more than {limit:g}")


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
        values = compiled.examples.get(name, [np.nan])  # columns that play no part have none
        is_text = any(isinstance(value, str) for value in values)
        chosen = [values[place] for place in generator.integers(len(values), size=rows)]
        drawn[name] = pd.Series(chosen, dtype="str" if is_text else "float64")
    return pd.DataFrame(drawn)
