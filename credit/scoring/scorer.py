"""A saved model that scores: by its compiled form, or by itself where it has none."""

from typing import Any

import numpy as np
import pandas as pd

from credit.core.dictionary import Dictionary
from credit.core.families import family_of
from credit.core.records import Record
from credit.core.scorer import scorer
from credit.scoring.application import ApplicationReader
from credit.scoring.batch import Columns, NotCompilableError, columns_of
from credit.scoring.compiled import compile_model


class ModelVersion(Record):
    """Which model decides: its family, the digest of its file, the commit that made it, and its cutoff."""

    family: str
    sha256: str
    commit: str | None
    cutoff: float


class Scorer:
    """The PDs of a saved model.

    Attributes
    ----------
    features : the columns that the model needs, in prepared values.
    dictionary : of these columns alone.
    cutoff : from which PD on an applicant is rejected.
    reader : of applications in any form.
    why_slow : why the model scores by itself and not in its compiled form; empty where it is compiled.
    """

    def __init__(self, model: Any, dictionary: Dictionary, *, sha256: str = "", commit: str | None = None) -> None:
        self.model = model
        self.features = list(model.feature_names_in_)
        self.dictionary = _only(self.features, dictionary)
        self.cutoff = float(model.threshold)
        self.version = ModelVersion(family=family_of(model), sha256=sha256, commit=commit, cutoff=self.cutoff)
        self.why_slow, levels = "", {}
        try:
            self._compiled = compile_model(model)
            levels = self._compiled.levels
        except NotCompilableError as error:
            self._compiled, self.why_slow = None, str(error)
        self.reader = ApplicationReader(self.dictionary, levels)

    def pds(self, columns: Columns, threads: int = 1) -> np.ndarray:
        """Give the PD of each applicant, by columns of prepared values, shape (rows,)."""
        if self._compiled:
            return self._compiled.pds(columns, threads)
        applicants = pd.DataFrame({name: columns[name] for name in self.features})
        return scorer(self.model)(applicants) if len(applicants) else np.empty(0)

    def pds_of(self, applicants: pd.DataFrame, threads: int = 1) -> np.ndarray:
        """Give the PD of each row of a data frame."""
        return self.pds(columns_of(applicants, self.features), threads)


def _only(features: list[str], dictionary: Dictionary) -> Dictionary:
    """Leave in a dictionary what is needed of an application: a model's columns, and those that they are about."""
    needed = {*features, *(dictionary.columns[name].why_missing for name in features)}
    columns = {name: column for name, column in dictionary.columns.items() if name in needed}
    return dictionary.model_copy(update={"columns": columns})
