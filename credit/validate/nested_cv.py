"""An honest estimate of the whole procedure: everything, search and choice of the family too, anew in every fold."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import FixedThresholdClassifier

from credit.core.dictionary import Dictionary
from credit.core.errors import UnfittableError
from credit.core.families import BLEND
from credit.core.intervals import cross_validated
from credit.core.split import Fold, Folds, fewest, repeated_folds
from credit.evaluate.selection import SelectBest, choose, compare, other_than
from credit.features.plan import FeaturePlan, make_plan
from credit.metrics.decision import Decision, choose_cutoff, expected_cost
from credit.metrics.metrics import by_fold, headline
from credit.model.pipeline import Applicants, Calibration, ModelSpec, fit_pd_model, out_of_fold
from credit.model.search import search
from credit.model.settings import FamilySettings
from credit.model.voting import blend, mean_pds

CHOSEN = "chosen"  # stands among the families for what the procedure chooses in each fold
METRICS = ("auc", "gini", "ks", "brier", "log_loss", "f1", "cost", "cost_neutral")
LEAST_PD = 1e-15  # to which log-loss clips, as scikit-learn does for doubles


class Procedure(NamedTuple):
    """All that decides how models are made, but for the rows.

    Attributes
    ----------
    planned : what `make_plan` takes beside applicants and dictionary.
    searched, judged : folds by which settings are picked, and by which families are compared and cutoffs chosen, inside
        the rows fitted to; of more than their `max_rows`, inside a sample of so many.
    members : families of the blend.
    selection : the rule by which a family is chosen.
    """

    dictionary: Dictionary
    planned: Mapping[str, Any]
    families: Mapping[str, FamilySettings]
    searched: Folds
    search_metric: str
    judged: Folds
    calibration: Calibration
    decision: Decision
    members: Sequence[str]
    selection: SelectBest
    seed: int


def judge_fold(procedure: Procedure, applicants: Applicants, fold: Fold) -> pd.DataFrame:
    """Carry the whole procedure out on the training rows of a fold, and judge every family on its validation rows.

    Parameters
    ----------
    applicants : with the dictionary's features, as prepared.

    Returns
    -------
    A row a family that can be fitted, one for what the procedure chose, and one by the name of the rule that is not in
    use for what that would have chosen: family, picked (the family that stands behind it), cutoff and the metrics.
    """
    training, validation = (applicants.rows(rows) for rows in fold)
    plan, seed = make_plan(training.features, procedure.dictionary, **procedure.planned), procedure.seed
    training = training._replace(features=training.features[plan.features])
    unseen = validation.features[plan.features]
    shown = training.rows(training.sample(procedure.judged.max_rows, seed))
    inner = repeated_folds(shown.groups, shown.bad, procedure.judged.folds, procedure.judged.repeats, seed)
    oof, models = _fit_families(procedure, plan, training, shown, inner)
    scored = {family: model.predict_proba(unseen)[:, 1] for family, model in models.items()}
    cutoffs = {family: choose_cutoff(table, procedure.decision) for family, table in oof.items()}
    ranking = _rank(procedure, oof, procedure.judged.repeats / len(inner), len(shown.bad))
    rule = procedure.selection.rule
    rules = {CHOSEN: rule, other_than(rule): other_than(rule)}
    choices = {name: choose(ranking, by, procedure.selection.preference) for name, by in rules.items()}
    return pd.DataFrame(
        [
            {
                "family": name,
                "picked": family,
                "cutoff": cutoffs[family],
                **measure(validation.bad, scored[family], cutoffs[family], procedure.decision),
            }
            for name, family in {**{family: family for family in oof}, **choices}.items()
        ]
    )


def _fit_families(
    procedure: Procedure, plan: FeaturePlan, training: Applicants, shown: Applicants, inner: Sequence[Fold]
) -> tuple[dict[str, pd.DataFrame], dict[str, FixedThresholdClassifier]]:
    """Give out-of-fold PDs of those `shown`, and models, of each family that can be fitted, and of the blend."""
    oof, models = {}, {}
    for family, settings in procedure.families.items():
        for spec in _specs(procedure, family, settings, plan, training):
            with suppress(UnfittableError):
                pds = out_of_fold(spec, shown, inner, processes=1).rename(columns={"position": "line"})
                oof[family], models[family] = pds, fit_pd_model(spec, training, cutoff=0.5)
                break
    if not models:
        raise UnfittableError(
            f"no family can be fitted to {len(training.bad)} applicants, {training.bad.sum()} of them bad"
        )
    if members := [member for member in procedure.members if member in models]:
        oof[BLEND] = mean_pds({member: oof[member] for member in members})
        own = {member: models[member] for member in members}
        models[BLEND] = blend(own, training.features, training.bad, cutoff=0.5)
    return oof, models


def _specs(
    procedure: Procedure, family: str, settings: FamilySettings, plan: FeaturePlan, applicants: Applicants
) -> list[ModelSpec]:
    """Give the candidates of a family that can be fitted in the search, the best first."""
    cut, seed = procedure.searched, procedure.seed
    applicants = applicants.rows(applicants.sample(fewest(cut.max_rows, settings.max_rows), seed))
    try:
        folds = repeated_folds(applicants.groups, applicants.bad, cut.folds, cut.repeats, seed)
    except UnfittableError:
        return []
    scores = search(
        family, settings.candidates, plan, applicants, folds,
        metric=procedure.search_metric, seed=seed, processes=1,
    )  # fmt: skip
    means = {at: of_folds.mean() for at, of_folds in enumerate(scores) if not isinstance(of_folds, str)}
    calibration = procedure.calibration.by(settings.calibration)
    return [
        ModelSpec(family, settings.candidates[at], plan, calibration, seed, settings.max_rows)
        for at in sorted(means, key=lambda at: -means[at])
    ]


def _rank(procedure: Procedure, oof: Mapping[str, pd.DataFrame], held_out_share: float, n: int) -> pd.DataFrame:
    folds = {family: by_fold(table, procedure.decision) for family, table in oof.items()}
    return compare(folds, procedure.selection.metric, held_out_share, n)


def measure(bad: np.ndarray, pds: np.ndarray, cutoff: float, decision: Decision) -> dict[str, float]:
    """Compute `METRICS`; cost at the chosen cutoff, and at the break-even one of calibrated PDs."""
    metrics = headline(bad, pds, cutoff, decision.cost)
    clipped = np.clip(pds, LEAST_PD, 1 - LEAST_PD)
    metrics["log_loss"] = float(-np.mean(np.where(bad == 1, np.log(clipped), np.log1p(-clipped))))
    metrics["cost_neutral"] = expected_cost(bad, pds, decision.cost.break_even_cutoff, decision.cost)
    return {name: metrics[name] for name in METRICS}


def judged_in_all(folds: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give the rows of the families that were judged in every fold, and the names of those that were not in some."""
    counts = folds.groupby("family", sort=False).size()
    lacking = list(counts.index[counts < counts.max()])
    return folds[~folds["family"].isin(lacking)], lacking


def estimates(folds: pd.DataFrame, held_out_share: float, n: int) -> pd.DataFrame:
    """Estimate each metric of each family, with its corrected interval (see `credit.core.intervals`).

    Parameters
    ----------
    folds : rows as `judge_fold` gives them, of all folds one after the other.

    Returns
    -------
    family, metric, mean, se, low, high, n.
    """
    rows = [
        {
            "family": family,
            "metric": metric,
            **cross_validated(scores[metric].to_numpy(), held_out_share)._asdict(),
            "n": n,
        }
        for family, scores in folds.groupby("family", sort=False)
        for metric in METRICS
    ]
    return pd.DataFrame(rows)


def differences(folds: pd.DataFrame, held_out_share: float) -> pd.DataFrame:
    """Estimate by how much each family differs from what is chosen, paired fold by fold: family minus chosen.

    Returns
    -------
    family, metric, difference, se, low, high.
    """
    reference = folds[folds["family"] == CHOSEN]
    rows = []
    for family, scores in folds[folds["family"] != CHOSEN].groupby("family", sort=False):
        for metric in METRICS:
            paired = scores[metric].to_numpy() - reference[metric].to_numpy()
            mean, se, low, high = cross_validated(paired, held_out_share)
            rows.append({"family": family, "metric": metric, "difference": mean, "se": se, "low": low, "high": high})
    return pd.DataFrame(rows)
