"""How much worse a model does when it no longer knows an attribute: permutation importance."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from credit.core.intervals import wald
from credit.core.scorer import Score

METRICS = ("auc", "brier")
TOO_FEW = "of fewer than two good or two bad applicants it cannot be told"


def permutation_importance(
    score: Score, features: pd.DataFrame, bad: np.ndarray, *, repeats: int, seed: int
) -> pd.DataFrame:
    """Find the loss in AUC and in Brier score when an attribute's values are shuffled among the applicants.

    (Breiman 2001; Fisher, Rudin and Dominici 2019.) Where attributes tell the same, shuffling one of them costs
    little. scikit-learn's function gives the mean over shuffles, but nothing of the error that comes from having so
    few applicants, which is the larger one. The standard error here covers both: the applicants' influences on
    the difference, within goods and within bads as in the bootstrap (of AUC: DeLong, DeLong and
    Clarke-Pearson 1988), and the spread of the shuffles. It does not cover fitting the model anew.

    Parameters
    ----------
    score : gives the PDs of a data frame's rows.
    features : one row an applicant, none that the model was fitted to.
    bad : 1 for bad and 0 for good, shape (applicants,).
    repeats : shuffles of each attribute, two or more.

    Returns
    -------
    A row an attribute and metric: attribute, metric, importance (loss: above 0, the attribute is of use), se, low,
    high (95 %), n, bad. NaN where there are fewer than two bads, or goods.
    """
    generator = np.random.default_rng(seed)
    before = _influences(bad, score(features)[None])
    rows = []
    for name in features:
        after = _influences(bad, _shuffled(score, features, name, repeats, generator))
        for metric in METRICS:
            # A better AUC is higher, a better Brier score is lower.
            sign = 1 if metric == "auc" else -1
            losses = {kind: sign * (before[metric][kind] - after[metric][kind]) for kind in (0, 1)}
            rows.append({"attribute": name, "metric": metric, **_estimate(losses, _weights(metric, bad))})
    return pd.DataFrame(rows).assign(n=len(bad), bad=int(bad.sum()))


def _shuffled(
    score: Score, features: pd.DataFrame, name: str, repeats: int, generator: np.random.Generator
) -> np.ndarray:
    """Give PDs with one attribute shuffled, shape (repeats, applicants)."""
    applicants = np.arange(len(features))
    orders = generator.permuted(np.tile(applicants, (repeats, 1)), axis=1)
    table = features.iloc[np.tile(applicants, repeats)].reset_index(drop=True)
    table[name] = features[name].array.take(orders.ravel())
    return score(table).reshape(repeats, len(features))


def _influences(bad: np.ndarray, pds: np.ndarray) -> dict[str, dict[int, np.ndarray]]:
    """Give each good's (0) and each bad's (1) part in AUC and in Brier score, each of shape (repeats, applicants).

    An applicant's part in AUC is the share of the other kind that is ranked on the right side of him, ties half.
    """
    ranked = rankdata(pds, axis=1)
    below, errors = {}, {}
    for kind in (0, 1):
        of_kind = pds[:, bad == kind]
        others = max(np.sum(bad != kind), 1)
        below[kind] = (ranked[:, bad == kind] - rankdata(of_kind, axis=1)) / others
        errors[kind] = (of_kind - kind) ** 2
    return {"auc": {0: 1 - below[0], 1: below[1]}, "brier": errors}


def _weights(metric: str, bad: np.ndarray) -> dict[int, float]:
    """Say what the mean over the goods and over the bads count in the variance of a metric.

    AUC is the mean over the goods and over the bads alike; the Brier score is made of both, by their shares.
    """
    return {kind: 1.0 if metric == "auc" else float(np.mean(bad == kind)) for kind in (0, 1)}


def _estimate(losses: dict[int, np.ndarray], weights: dict[int, float]) -> dict[str, float]:
    """Give the mean loss with its interval; `losses` are applicants' parts, by kind, shape (repeats, applicants)."""
    if min(kind.shape[1] for kind in losses.values()) < 2:
        return dict.fromkeys(("importance", "se", "low", "high"), np.nan)
    of_repeats = sum(weights[kind] * losses[kind].mean(axis=1) for kind in losses) / sum(weights.values())
    sampling = sum(
        weights[kind] ** 2 * losses[kind].mean(axis=0).var(ddof=1) / losses[kind].shape[1] for kind in losses
    )
    se = float(np.sqrt(sampling + of_repeats.var(ddof=1) / len(of_repeats)))
    estimate = wald(float(of_repeats.mean()), se)._asdict()
    return {"importance": estimate.pop("mean"), **estimate}
