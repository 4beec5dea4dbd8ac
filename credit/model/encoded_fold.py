"""A fold's applicants as numbers, made once for all candidates that encode and resample them alike."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import TransformerMixin, clone

from credit.core.errors import UnfittableError
from credit.core.split import Fold
from credit.model.pipeline import Applicants
from credit.model.unfittable import one_outcome_left, unfittable_refused


class Encoding(NamedTuple):
    """How applicants are turned into numbers and resampled, by the names of the settings."""

    encoding: str
    resampler: str


class EncodedFold(NamedTuple):
    """A fold's rows as numbers, and their outcomes: training rows (resampled) and validation rows."""

    training: np.ndarray
    training_bad: np.ndarray
    validation: np.ndarray
    validation_bad: np.ndarray


def encode(
    family: str,
    transformers: Mapping[str, TransformerMixin],
    resamplers: Mapping[str, Any | None],
    encodings: Sequence[Encoding],
    applicants: Applicants,
    fold: Fold,
) -> dict[Encoding, EncodedFold | str]:
    """Turn a fold's applicants into numbers in every way: fitted once a transformer, resampled once an encoding.

    Where they cannot be resampled, the reason stands in place of their numbers.

    Parameters
    ----------
    transformers, resamplers : unfitted, by the names that stand in `encodings`.
    """
    training, validation = (applicants.rows(rows) for rows in fold)
    transformed = {}
    for name, unfitted in transformers.items():
        transformer = clone(unfitted)
        numbers = transformer.fit_transform(training.features, training.bad)
        transformed[name] = numbers, transformer.transform(validation.features)
    encoded: dict[Encoding, EncodedFold | str] = {}
    for encoding in encodings:
        numbers, of_validation = transformed[encoding.encoding]
        try:
            resampled = _resample(family, encoding, resamplers[encoding.resampler], numbers, training.bad)
        except UnfittableError as error:
            encoded[encoding] = str(error)
        else:
            encoded[encoding] = EncodedFold(*resampled, of_validation, validation.bad)
    return encoded


def _resample(
    family: str, encoding: Encoding, sampler: Any | None, numbers: np.ndarray, bad: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if sampler is None:
        return numbers, bad
    with unfittable_refused(family, encoding._asdict(), bad):
        resampled = clone(sampler).fit_resample(numbers, bad)
    if len(np.unique(resampled[1])) < 2:
        raise UnfittableError(one_outcome_left(encoding.resampler))
    return resampled
