"""What cannot be fitted: to any applicants, which ends the run, or to these only, which leaves a candidate out.

A failure is of these applicants if it is one of those below, known by what the library says. Anything else stands for
a wrong setting.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any

import numpy as np

from credit.core.errors import InputError, UnfittableError

TOO_FEW = re.compile(r"Expected n_neighbors <= n_samples_fit, but n_neighbors = (\d+), n_samples_fit = (\d+)")
TOO_FEW_TO_PART = re.compile(r"least populated class\w* in y ha\w+ only (\d+) member")
ONE_OUTCOME = re.compile(
    r"at least 2 classes|number of classes has to be greater|Invalid classes inferred|classifier with two classes"
)
# What a resampler draws new applicants from; it may find none.
DRAWN_FROM = {
    "All support vectors are considered as noise": "at the border that have others of their kind nearby",
    "Not any neigbours belong to the majority class": "that have some of the other kind nearby",
    "No samples will be generated": "that are clearly fewer than the others",
}
# XGBoost's place in its source, and the calls that led there.
IN_ITS_SOURCE = re.compile(r"^\[[\d:]+\] \S+: | Stack trace: .*$")


@contextmanager
def unfittable_refused(family: str, settings: Mapping[str, Any], bad: np.ndarray) -> Iterator[None]:
    """Raise an error of one line where a library cannot use settings.

    Parameters
    ----------
    settings : those that play a part, by the names that stand in params.yaml.
    bad : outcomes (1 = bad) of the applicants that are fitted to.

    Raises
    ------
    UnfittableError
        It is because of these applicants.
    InputError
        It is because of anything else; the message names the settings.
    """
    try:
        yield
    except InputError:
        raise
    # ValueError for most; TypeError for a wrong type, by XGBoost; RuntimeError for rows that ADASYN has no use for.
    except (ValueError, TypeError, RuntimeError) as error:
        if reason := reason_of(error, settings, bad):
            raise UnfittableError(reason) from None
        chosen = ", ".join(f"{name}={value}" for name, value in settings.items())
        said = IN_ITS_SOURCE.sub("", " ".join(str(error).split()))
        raise InputError(f"'train.{family}' cannot be fitted with {chosen}: {said}") from None


def reason_of(error: Exception, settings: Mapping[str, Any], bad: np.ndarray) -> str:
    """Say what it would take to fit to, and what there is, if that is why a fit failed; else nothing."""
    said, resampler = str(error), settings["resampler"]
    rarer = "bad" if 2 * bad.sum() <= len(bad) else "good"
    if found := TOO_FEW.search(said):
        least, got = found.groups()
        if _while_resampling(error):
            return f"{resampler} takes at least {least} {rarer} applicants in every fit, one has {got}"
        after = "" if resampler == "none" else f" after {resampler}"
        return f"{least} neighbours take at least {least} applicants in every fit, one has {got}{after}"
    if found := TOO_FEW_TO_PART.search(said):
        return f"early stopping takes at least 2 {rarer} applicants in every fit, one has {found[1]}"
    if resampler != "none" and ONE_OUTCOME.search(said):
        return one_outcome_left(resampler)
    for words, whom in DRAWN_FROM.items():
        if words in said:
            few = min(bad.sum(), len(bad) - bad.sum())
            return f"{resampler} takes {rarer} applicants {whom}, and of {few} in a fit none is so"
    return ""


def one_outcome_left(resampler: str) -> str:
    """Say that resampling left nothing to tell apart."""
    return f"{resampler} takes out applicants whom their neighbours contradict, in one fit all good or all bad ones"


def _while_resampling(error: Exception) -> bool:
    return any(frame.f_code.co_name == "fit_resample" for frame, _ in walk_tb(error.__traceback__))
