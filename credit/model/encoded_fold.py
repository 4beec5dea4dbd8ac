"""A fold's applicants as numbers, made once for all candidates that encode and resample them alike."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import TransformerMixin, clone

from credit.core.split import Fold
from credit.model.pipeline import Applicants, unfittable_refused


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
) -> dict[Encoding, EncodedFold]:
    """Turn a fold's applicants into numbers in every way: fitted once a transformer, resampled once an encoding.

    Parameters
    ----------
    transformers, resamplers : unfitted, by the names that stand in `encodings`.

    Raises
    ------
    InputError
        There are too few applicants for a resampler.
    """
    training, validation = (applicants.rows(rows) for rows in fold)
    transformed = {}
    for name, unfitted in transformers.items():
        transformer = clone(unfitted)
        numbers = transformer.fit_transform(training.features, training.bad)
        transformed[name] = numbers, transformer.transform(validation.features)
    encoded = {}
    for encoding in encodings:
        numbers, of_validation = transformed[encoding.encoding]
        bad, sampler = training.bad, resamplers[encoding.resampler]
        if sampler is not None:
            with unfittable_refused(family, encoding._asdict()):
                numbers, bad = clone(sampler).fit_resample(numbers, bad)
        encoded[encoding] = EncodedFold(numbers, bad, of_validation, validation.bad)
    return encoded
