"""Check of the cutoff: that deciding by it is worth the trouble."""

import numpy as np

from credit.check.record import QUANTILE, Check, Number, judge
from credit.metrics.decision import Cost


def cutoff_cheaper(bad: np.ndarray, rejected: np.ndarray, cost: Cost) -> Check:
    """CR015: at the cutoff, test applicants cost less than if all of them were approved, or all rejected.

    The saving against the cheaper of the two is a mean of paired differences, with the interval mean +- z sd / sqrt(n).
    It must lie above 0.

    Parameters
    ----------
    bad, rejected : 1 for bad and 1 for rejected, both of shape (applicants,).
    """
    approve, reject = cost.accept_bad * bad, cost.reject_good * (1 - bad)
    own = np.where(rejected == 1, reject, approve)
    word, cheaper = min(("approving", approve), ("rejecting", reject), key=lambda choice: choice[1].mean())
    saved, reach = float(np.mean(cheaper - own)), QUANTILE * float(np.std(cheaper - own, ddof=1)) / np.sqrt(len(bad))
    saving = Number("saved per applicant", saved, float(saved - reach), float(saved + reach), n=len(bad))
    numbers = [
        Number("cost at the cutoff", float(own.mean()), n=len(bad)),
        Number("cost of approving everyone", float(approve.mean())),
        Number("cost of rejecting everyone", float(reject.mean())),
        saving,
    ]
    reason = (
        f"cost per test applicant {numbers[0].value:.3f}, of approving everyone {numbers[1].value:.3f}, of rejecting "
        f"everyone {numbers[2].value:.3f}; saved against {word} {saving}, "
        "which must lie above 0"
    )
    return judge("CR015", saving.low > 0, reason, numbers)
