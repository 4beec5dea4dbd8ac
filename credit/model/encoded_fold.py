"""A fold's applicants as numbers, made once for all candidates that code and resample them alike."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import TransformerMixin, clone

from credit.core.split import Fold
from credit.model.pipeline import Applicants, blamed_on


class Coding(NamedTuple):
    """How applicants are turned into numbers, by the names of the settings."""

    encoding: str
    resampler: str


class Coded(NamedTuple):
    """A fold's rows as numbers: those fitted to (resampled) and those held out."""

    fitted: np.ndarray
    fitted_bad: np.ndarray
    held_out: np.ndarray
    held_out_bad: np.ndarray


def code(
    family: str,
    encodings: Mapping[str, TransformerMixin],
    resamplers: Mapping[str, Any | None],
    codings: Sequence[Coding],
    applicants: Applicants,
    fold: Fold,
) -> dict[Coding, Coded]:
    """Turn a fold's applicants into numbers in every way: fitted once an encoding, resampled once a coding.

    Parameters
    ----------
    encodings, resamplers : unfitted, by the names that stand in `codings`.

    Raises
    ------
    InputError
        There are too few applicants for a resampler.
    """
    fitted, held_out = (applicants.rows(rows) for rows in fold)
    encoded = {}
    for encoding, unfitted in encodings.items():
        preprocessing = clone(unfitted)
        numbers = preprocessing.fit_transform(fitted.features, fitted.bad)
        encoded[encoding] = numbers, preprocessing.transform(held_out.features)
    coded = {}
    for coding in codings:
        numbers, of_held_out = encoded[coding.encoding]
        bad, sampler = fitted.bad, resamplers[coding.resampler]
        if sampler is not None:
            with blamed_on(family, coding._asdict()):
                numbers, bad = clone(sampler).fit_resample(numbers, bad)
        coded[coding] = Coded(numbers, bad, of_held_out, held_out.bad)
    return coded
