"""How well PDs tell bad applicants from good ones, and what deciding by them costs.

Everywhere `bad` is 1 for a bad applicant and 0 for a good one, and `pd` is the probability that it is 1,
both of shape (applicants,). An applicant is rejected when the PD is at or above the cutoff.
"""

import numpy as np
import pandas as pd

from credit.metrics.decision import Cost, Decision, cross_fitted_cutoffs, expected_cost

HEADLINE = ("auc", "gini", "ks", "accuracy", "precision", "recall", "f1", "brier", "cost")


def auc(bad: np.ndarray, pds: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a bad applicant has a higher PD than a good one, ties half.

    NaN where all applicants are of one kind. (Mann-Whitney; Hanley and McNeil 1982.)
    """
    rejected_bad, rejected_good = rejection_rates(bad, pds)
    return float(np.trapezoid(rejected_bad, rejected_good))


def brier(bad: np.ndarray, pds: np.ndarray) -> float:
    """Mean squared error of the PDs, in [0, 1]; lower is better. (Brier 1950.)"""
    return float(np.mean((pds - bad) ** 2))


def rejection_rates(bad: np.ndarray, pds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the bads (TPR) and of the goods (FPR) rejected as the cutoff falls past each distinct PD.

    Returns
    -------
    Two arrays of shape (distinct PDs + 1,), from rejecting nobody, 0, to rejecting everyone, 1.
    """
    order = np.argsort(-pds, kind="stable")
    ranked, outcome = pds[order], bad[order]
    last_of_its_pd = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    bads = np.append(0, np.cumsum(outcome)[last_of_its_pd])
    everyone = np.append(0, last_of_its_pd + 1)
    with np.errstate(invalid="ignore"):
        return bads / bads[-1], (everyone - bads) / (everyone[-1] - bads[-1])


def headline(bad: np.ndarray, pds: np.ndarray, cutoff: float, cost: Cost) -> dict[str, float]:
    """All headline metrics, by the names of `HEADLINE`; 1 = bad is the positive class.

    Gini is the accuracy ratio, 2 AUC - 1; KS, of Kolmogorov and Smirnov, the largest TPR - FPR over the distinct PDs.
    Precision and F1 are 0 where nobody is rejected.
    """
    rejected_bad, rejected_good = rejection_rates(bad, pds)
    rejected = pds >= cutoff
    hits, bads, rejections = np.sum(rejected & (bad == 1)), np.sum(bad), np.sum(rejected)
    area = float(np.trapezoid(rejected_bad, rejected_good))
    return {
        "auc": area,
        "gini": 2 * area - 1,
        "ks": float(np.max(rejected_bad - rejected_good)),
        "accuracy": float(np.mean(rejected == bad)),
        "precision": float(hits / max(rejections, 1)),
        "recall": float(hits / max(bads, 1)),
        "f1": float(2 * hits / max(bads + rejections, 1)),
        "brier": brier(bad, pds),
        "cost": expected_cost(bad, pds, cutoff, cost),
    }


def by_fold(oof: pd.DataFrame, decision: Decision) -> pd.DataFrame:
    """Headline metrics of each fold of out-of-fold PDs, at a cutoff chosen on the other applicants; a row a fold.

    Parameters
    ----------
    oof : columns fold, line, bad, pd.
    """
    cutoffs = cross_fitted_cutoffs(oof, decision)
    rows = [
        headline(rows["bad"].to_numpy(), rows["pd"].to_numpy(), cutoffs[fold], decision.cost)
        for fold, rows in oof.groupby("fold")
    ]
    return pd.DataFrame(rows)


def classification_report(bad: np.ndarray, rejected: np.ndarray) -> pd.DataFrame:
    """Precision, recall, F1 and support of both outcomes, as scikit-learn's report; a row an outcome or average."""
    from sklearn.metrics import classification_report as report

    rows = report(bad, rejected, labels=[0, 1], target_names=["good", "bad"], output_dict=True, zero_division=0)
    rows.pop("accuracy", None)
    table = pd.DataFrame(rows).T.rename(columns={"f1-score": "f1", "support": "n"})
    return table.rename_axis("outcome").reset_index()
