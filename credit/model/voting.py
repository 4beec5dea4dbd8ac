"""A blend: the mean of the PDs that the models of several families give (a soft vote)."""

from collections.abc import Mapping, Sequence

import pandas as pd
from sklearn.model_selection import FixedThresholdClassifier

from credit.core.families import BLEND, FAMILIES
from credit.model.pipeline import Applicants, Recipe, blamed_on, build_calibrated, forget_times, with_cutoff


def mean_pds(held_out: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the out-of-fold PDs of a blend: the means of its members' on the same folds.

    They are what refitting the whole blend in every fold gives, for its members are fitted apart from each other;
    unless a fold has more rows than one of them takes, for then `fit_blend` fits all of them to no more.

    Parameters
    ----------
    held_out : by member, columns fold, line, bad, pd; the same rows in all.
    """
    tables = list(held_out.values())
    return tables[0].assign(pd=sum(table["pd"] for table in tables) / len(tables))


def fit_blend(recipes: Sequence[Recipe], applicants: Applicants, cutoff: float) -> FixedThresholdClassifier:
    """Fit the recipes to the same applicants: as many as the one takes that takes the fewest.

    Returns
    -------
    A classifier as `fit_pd_model` gives it, whose PD is the mean of those of the recipes.
    """
    from sklearn.ensemble import VotingClassifier

    limits = [recipe.max_rows for recipe in recipes if recipe.max_rows]
    applicants = applicants.rows(applicants.sample(min(limits, default=None), recipes[0].seed))
    members = [(recipe.family, build_calibrated(recipe, applicants)) for recipe in recipes]
    model = with_cutoff(VotingClassifier(members, **FAMILIES[BLEND].fixed), cutoff)
    with blamed_on(BLEND, {"members": [recipe.family for recipe in recipes]}):
        model.fit(applicants.features, applicants.bad)
    for recipe, member in zip(recipes, model.estimator_.estimators_, strict=True):
        forget_times(recipe, member)
    return model
