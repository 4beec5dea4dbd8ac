"""Why an applicant has this PD: what each attribute adds to it, so that all of them sum to the PD.

Contributions are Shapley values on the scale of the PD, where the cutoff stands and percentage points can be added.
shap 0.51 would give them too, but its explainer refuses text, draws from NumPy's global random numbers (an applicant's
reasons then depend on who was explained before), and took 20 times as long.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from credit.core.column import DIRECTIONS, Column
from credit.core.dictionary import Dictionary
from credit.core.scorer import Score, scorer
from credit.core.value_grid import places_of

# Of more reasons than four, Regulation B says, applicants hardly have a use (12 CFR 1002, Supplement I, 9(b)(2)-1).
TOP = 4
NOISE = 1.96  # standard errors


class Attribution(NamedTuple):
    """Contributions to one PD.

    `base` is the mean PD of the background; `contributions`, shape (attributes,), sum to the applicant's PD less
    `base`; `errors`, of the same shape, are their standard errors, for the paths and the background are samples.
    """

    base: float
    contributions: np.ndarray
    errors: np.ndarray


def attribute(score: Score, applicant: pd.DataFrame, background: pd.DataFrame, *, seed: int) -> Attribution:
    """Share out the difference between an applicant's PD and the mean of a background among the attributes.

    Each row of the background is turned into the applicant an attribute at a time, in a random order and in the
    reverse of it; an attribute's contribution is the mean of the PD's steps at its turn. They are additive whatever
    the orders, and without error from the orders where no more than two attributes interact. (Shapley values by
    permutations: Castro, Gomez and Tejada 2009; Strumbelj and Kononenko 2014.)

    Parameters
    ----------
    score : gives the PDs of a data frame's rows.
    applicant : one row.
    background : at least two rows with the same columns, of the same types.
    """
    generator = np.random.default_rng(seed)
    order = generator.permuted(np.tile(np.arange(background.shape[1]), (len(background), 1)), axis=1)
    there, back = (_steps(score, applicant, background, path) for path in (order, order[:, ::-1]))
    steps = (there[0] + back[0]) / 2
    errors = steps.std(axis=0, ddof=1) / np.sqrt(len(steps))
    return Attribution(float(there[1].mean()), steps.mean(axis=0), errors)


def _steps(
    score: Score, applicant: pd.DataFrame, background: pd.DataFrame, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the PD's step at each attribute's turn, shape (rows, attributes), and the PD each row started with."""
    rows, attributes = order.shape
    turn = np.argsort(order, axis=1)
    same = np.column_stack([(background[name] == applicant[name].iloc[0]).to_numpy(dtype=bool) for name in background])
    # Taking over an equal value changes nothing: only what is new is scored.
    new = np.column_stack([np.ones(rows, dtype=bool), ~np.take_along_axis(same, order, axis=1)])
    row, step = np.nonzero(new)
    taken = turn[row] < step[:, None]
    both = pd.concat([applicant, background])
    mixed = {
        name: both[name].array.take(np.where(taken[:, place], 0, row + 1)) for place, name in enumerate(background)
    }
    walks = score(pd.DataFrame(mixed))[np.cumsum(new) - 1].reshape(rows, attributes + 1)
    return np.take_along_axis(np.diff(walks, axis=1), turn, axis=1), walks[:, 0]


class Reasons(NamedTuple):
    """Why one applicant has this PD: `base` plus all contributions is the PD, and one at or above `cutoff` is rejected.

    `base` is the mean PD of `n` training applicants who are `compared_with` (approved, rejected, all). `contributions`
    has a row an attribute: attribute, contribution, error (standard), protected, against (`against_expectation`).
    """

    pd: float
    cutoff: float
    compared_with: str
    n: int
    base: float
    contributions: pd.DataFrame

    @property
    def rejected(self) -> bool:
        """Whether the applicant is rejected."""
        return self.pd >= self.cutoff

    @property
    def top(self) -> pd.DataFrame:
        """Rows of at most four attributes that speak most for the decision, none of them protected, the first most."""
        towards = self.contributions["contribution"] * (1 if self.rejected else -1)
        speaks = self.contributions[~self.contributions["protected"] & (towards > 0)]
        return speaks.loc[towards[speaks.index].sort_values(ascending=False, kind="stable").index[:TOP]]

    @property
    def protected(self) -> float:
        """The sum of the contributions of protected attributes."""
        return float(self.contributions.query("protected")["contribution"].sum())

    @property
    def others(self) -> float:
        """The sum of the contributions of attributes that are neither among the top ones nor protected."""
        rest = self.contributions.query("not protected").drop(self.top.index)
        return float(rest["contribution"].sum())


def reasons(
    model: Any, applicant: pd.DataFrame, training: pd.DataFrame, dictionary: Dictionary, *, seed: int
) -> Reasons:
    """Find why a model gives an applicant this PD.

    Who is rejected is compared with training applicants whom the model approves, and the other way round, so that
    the contributions together always speak for the decision, also where it is a close one: the mean PD of all may
    be above the cutoff. (Regulation B names both as ways to select reasons: 12 CFR 1002, Supplement I, 9(b)(2)-5.)
    Where the model decides alike for all of them, the comparison is with all.

    Parameters
    ----------
    model : a saved one: `predict_proba`, `threshold`, `feature_names_in_`.
    applicant : one row with the model's columns.
    training : applicants to compare with, two or more; a thousand are plenty.
    """
    features, score = list(model.feature_names_in_), scorer(model)
    cutoff, pd_hat = float(model.threshold), float(score(applicant)[0])
    opposite = "approved" if pd_hat >= cutoff else "rejected"
    compared_with, others = _decided(score, training[features], cutoff, opposite)
    base, contributions, errors = attribute(score, applicant[features], others, seed=seed)
    protected = [dictionary.columns[name].protected for name in features]
    table = {"attribute": features, "contribution": contributions, "error": errors, "protected": protected}
    against = [
        against_expectation(applicant[name], others[name], dictionary.columns[name], contribution, error)
        for name, contribution, error in zip(features, contributions, errors, strict=True)
    ]
    return Reasons(pd_hat, cutoff, compared_with, len(others), base, pd.DataFrame({**table, "against": against}))


def against_expectation(now: pd.Series, others: pd.Series, column: Column, contribution: float, error: float) -> bool:
    """Tell whether a value moves the PD, by more than noise, the other way than the dictionary expects it to.

    Expected is the way for which the value stands above or below the middle of the values of those compared with.

    Parameters
    ----------
    now, others : the applicant's value (one row), and those of whom he is compared with.
    contribution, error : to the PD, and its standard error.
    """
    if column.monotonicity is None:
        return False
    place, places = places_of(now, column)[0], places_of(others.dropna(), column)
    above = np.sum(places < place) - np.sum(places > place)  # more of them below it than above; 0 if it is missing
    expected = np.sign(above) * DIRECTIONS[column.monotonicity]
    return bool(expected * contribution < 0 and abs(contribution) > NOISE * error)


def _decided(score: Score, training: pd.DataFrame, cutoff: float, decision: str) -> tuple[str, pd.DataFrame]:
    """Give the training applicants decided so, or all if hardly any are, and say which."""
    chosen = (score(training) >= cutoff) == (decision == "rejected")
    return (decision, training[chosen]) if chosen.sum() > 1 else ("all", training)
