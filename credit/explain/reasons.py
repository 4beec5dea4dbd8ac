"""Why an applicant has this PD: what each attribute adds to it, so that all of them sum to the PD.

Contributions are Shapley values on the scale of the PD, where the cutoff stands and percentage points can be added.
shap 0.51 would give them too, but its explainer refuses text, draws from NumPy's global random numbers (an applicant's
reasons then depend on who was explained before), and took 20 times as long.
"""

from collections.abc import Mapping
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


def attribute(
    score: Score, applicant: pd.DataFrame, background: pd.DataFrame, *, seed: int, starts: np.ndarray | None = None
) -> Attribution:
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
    starts : the PDs of the background, if they are known.
    """
    generator = np.random.default_rng(seed)
    order = generator.permuted(np.tile(np.arange(background.shape[1]), (len(background), 1)), axis=1)
    starts = score(background) if starts is None else starts
    end = float(score(applicant)[0])
    both = pd.concat([applicant, background])
    columns = {name: both[name].array for name in both}
    there, back = (_steps(score, columns, path, starts, end) for path in (order, order[:, ::-1]))
    steps = (there + back) / 2
    errors = steps.std(axis=0, ddof=1) / np.sqrt(len(steps))
    return Attribution(float(starts.mean()), steps.mean(axis=0), errors)


def _steps(score: Score, columns: Mapping[str, Any], order: np.ndarray, starts: np.ndarray, end: float) -> np.ndarray:
    """Give the PD's step at each attribute's turn, shape (rows, attributes).

    Parameters
    ----------
    columns : the applicant's value and those of the background below it.
    starts, end : the PDs of the background's rows, and that of the applicant, whom all of them end as.
    """
    rows, attributes = order.shape
    turn = np.argsort(order, axis=1)
    same = np.column_stack([np.asarray(values[1:] == values[0], dtype=bool) for values in columns.values()])
    # Taking over an equal value changes nothing, and both ends are known: only what is new between them is scored.
    new = np.column_stack([np.zeros(rows, dtype=bool), ~np.take_along_axis(same, order, axis=1)])
    taken_over = np.cumsum(new, axis=1)
    between = new & (taken_over < taken_over[:, -1:])
    row, step = np.nonzero(between)
    taken = turn[row] < step[:, None]
    mixed = {
        name: values.take(np.where(taken[:, place], 0, row + 1)) for place, (name, values) in enumerate(columns.items())
    }
    walks = np.empty(new.shape)
    walks[:, 0], walks[new & ~between] = starts, end
    if len(row):
        walks[between] = score(pd.DataFrame(mixed))
    latest = np.maximum.accumulate(np.where(new, np.arange(attributes + 1), 0), axis=1)
    return np.take_along_axis(np.diff(np.take_along_axis(walks, latest, axis=1), axis=1), turn, axis=1)


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
    model: Any,
    applicant: pd.DataFrame,
    training: pd.DataFrame,
    dictionary: Dictionary,
    *,
    seed: int,
    score: Score | None = None,
    training_pds: np.ndarray | None = None,
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
    score : gives the model's PDs, if there is a quicker way than the model's own.
    training_pds : the PDs of `training`, if they are known.
    """
    features, score = list(model.feature_names_in_), score or scorer(model)
    cutoff, pd_hat = float(model.threshold), float(score(applicant[features])[0])
    pds = score(training[features]) if training_pds is None else training_pds
    opposite = "approved" if pd_hat >= cutoff else "rejected"
    compared_with, chosen = _decided(pds, cutoff, opposite)
    others = training.loc[chosen, features]
    base, contributions, errors = attribute(score, applicant[features], others, seed=seed, starts=pds[chosen])
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


def _decided(pds: np.ndarray, cutoff: float, decision: str) -> tuple[str, np.ndarray]:
    """Mark the training applicants decided so, or all if hardly any are, and say which."""
    chosen = (pds >= cutoff) == (decision == "rejected")
    return (decision, chosen) if chosen.sum() > 1 else ("all", np.ones(len(pds), dtype=bool))
