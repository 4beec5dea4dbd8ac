"""Check of the PDs as probabilities: right on the whole, and right for low and for high ones."""

from collections.abc import Mapping

import numpy as np

from credit.check.record import QUANTILE, Check, Number, judge, not_applicable
from credit.core.wording import decimal_text
from credit.metrics.calibration import calibration_in_the_large


def spiegelhalter(bad: np.ndarray, pds: np.ndarray) -> float:
    """Spiegelhalter's z: about standard normal if the PDs are right, whatever their spread; it needs no bins.

    sum((y - p)(1 - 2p)) / sqrt(sum((1 - 2p)^2 p (1 - p))); positive where PDs are too extreme. NaN where every PD is
    0, a half or 1. (Spiegelhalter 1986. Hosmer and Lemeshow's test is not used: its verdict hangs on its bins.)

    Parameters
    ----------
    bad : 1 for bad and 0 for good, shape (applicants,).
    pds : probability of being bad, in [0, 1], shape (applicants,).
    """
    weights = 1 - 2 * pds
    variance = np.sum(weights**2 * pds * (1 - pds))
    return float(np.sum((bad - pds) * weights) / np.sqrt(variance)) if variance > 0 else float("nan")


def calibrated(samples: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Check:
    """CR003: in every sample the interval of mean PD less bad rate holds 0, and Spiegelhalter's z is near it too.

    Each of the intervals is at 95 %: with two samples, PDs that are right fail somewhere about once in six times.

    Parameters
    ----------
    samples : name -> outcomes, shape (applicants,), and PDs, one row a repeat of the cross-validation (one row where
        there is none), shape (repeats, applicants). z is the mean over the repeats, which varies less than any of
        them, so the check is rather too lenient there.
    """
    numbers, told, passed = [], [], True
    for sample, (bad, pds) in samples.items():
        z = float(np.mean([spiegelhalter(bad, pds) for pds in pds]))
        if np.isnan(z):
            return not_applicable("CR003", f"{sample}: PDs are 0, a half or 1 only, so there is no spread to judge")
        mean, _, low, high = calibration_in_the_large(bad, pds)
        difference = Number(f"mean PD less bad rate, {sample}", mean, low, high, len(bad))
        numbers += [difference, Number(f"z, {sample}", z, n=len(bad))]
        told.append(f"{sample}: mean PD less bad rate {difference}, Spiegelhalter's z {decimal_text(z, 2)}")
        passed &= low <= 0 <= high and abs(z) <= QUANTILE
    limit = Number("limit of z", QUANTILE)
    return judge("CR003", passed, f"{'; '.join(told)} (z within {QUANTILE:.2f} of 0)", [*numbers, limit])
