"""Models whose PDs are known by their formula, for the tests of explanations."""

from collections.abc import Callable

import numpy as np
import pandas as pd


class Formula:
    """Looks like a saved model: the PD is what a formula makes of a data frame's columns."""

    def __init__(self, formula: Callable[[pd.DataFrame], object], columns: list[str], threshold: float = 0.5) -> None:
        self.formula = formula
        self.feature_names_in_ = np.array(columns, dtype=object)
        self.threshold = threshold
        self.rows = 0  # scored so far

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        assert list(features.columns) == list(self.feature_names_in_)
        self.rows += len(features)
        pd_ = np.asarray(self.formula(features), dtype=float)
        return np.column_stack([1 - pd_, pd_])
