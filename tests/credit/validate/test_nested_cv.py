"""Tests of the nested cross-validation: what each fold may see, what is chosen, and the estimates."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.errors import UnfittableError
from credit.core.intervals import cross_validated
from credit.core.split import Folds, repeated_folds
from credit.evaluate.selection import LEADER, ONE_STANDARD_ERROR, SelectBest
from credit.metrics.decision import Cost, Decision
from credit.model.pipeline import Calibration
from credit.model.settings import read_settings
from credit.validate import nested_cv as nested
from credit.validate.nested_cv import (
    CHOSEN,
    METRICS,
    Procedure,
    differences,
    estimates,
    judge_fold,
    judged_in_all,
    measure,
)

pytestmark = pytest.mark.slow

DECISION = Decision(cost=Cost(accept_bad=5.0, reject_good=1.0))
SETTINGS = {
    "lr": {"encoding": "one_hot", "resampler": "none", "C": [0.001, 1.0]},
    "dt": {"encoding": "ordinal", "resampler": "none", "max_depth": [1, 3]},
}


def selection(*preference: str, rule: str = ONE_STANDARD_ERROR) -> SelectBest:
    return SelectBest(metric="auc", rule=rule, preference=preference)


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    codes = {
        "purpose": ["car", "house", "tv", "boat"],
        "housing": [1, 2, 3],
        "savings": [1, 2, 3, 4, 5],
        "job": [1, 2, 3],
    }
    roles = {"purpose": "nominal", "housing": "nominal", "savings": "ordinal", "job": "ordinal"}
    columns = {name: Column(role="numeric") for name in ("duration", "amount")}
    columns |= {name: Column(role=roles[name], codes={code: str(code) for code in codes[name]}) for name in codes}
    return Dictionary(columns={**columns, "bad": Column(role="target", codes={0: "good", 1: "bad"}, bad_codes=(1,))})


@pytest.fixture(scope="module")
def procedure(dictionary) -> Procedure:
    return Procedure(
        dictionary,
        {"rare_share": 0.02, "outlier_iqr": 3.0},
        {family: read_settings(family, settings) for family, settings in SETTINGS.items()},
        Folds(folds=2, repeats=1),
        "auc",
        Folds(folds=3, repeats=1),
        Calibration(method="sigmoid", folds=2),
        DECISION,
        ("lr", "dt"),
        selection("dt", "lr", "blend"),
        7,
    )


@pytest.fixture(scope="module")
def fold(applicants):
    return repeated_folds(applicants.groups, applicants.bad, 4, 1, 1)[0]


@pytest.fixture(scope="module")
def judged(procedure, applicants, fold):
    return judge_fold(procedure, applicants, fold)


def test_every_family_is_judged_and_what_is_chosen_is_one_of_them(judged):
    assert list(judged["family"]) == ["lr", "dt", "blend", CHOSEN, LEADER]
    chosen = judged.iloc[-2]
    own = judged[judged["family"] == chosen["picked"]].iloc[0]
    assert chosen[["cutoff", *METRICS]].equals(own[["cutoff", *METRICS]])
    assert (judged["picked"][:3] == judged["family"][:3]).all()


def test_the_choice_follows_the_rule_of_the_graph(procedure, applicants, fold):
    orders = {"lr": ("lr", "blend", "dt"), "blend": ("blend", "lr", "dt")}
    found = {
        first: judge_fold(procedure._replace(selection=selection(*order)), applicants, fold).iloc[-2]["picked"]
        for first, order in orders.items()
    }
    assert found == {"lr": "lr", "blend": "blend"}  # both within one standard error of each other


def test_both_rules_choose_on_the_same_folds_and_the_one_in_use_is_the_procedure_s(procedure, applicants, fold, judged):
    other = procedure._replace(selection=procedure.selection.model_copy(update={"rule": LEADER}))
    swapped = judge_fold(other, applicants, fold)
    assert list(swapped["family"][-2:]) == [CHOSEN, ONE_STANDARD_ERROR]
    assert list(swapped["picked"][-2:]) == list(judged["picked"][-2:])[::-1]


def test_outcomes_held_out_decide_nothing(procedure, applicants, fold, judged):
    flipped = applicants.bad.copy()
    flipped[fold[1]] = 1 - flipped[fold[1]]
    found = judge_fold(procedure, applicants._replace(bad=flipped), fold)
    assert found[["family", "picked", "cutoff"]].equals(judged[["family", "picked", "cutoff"]])
    assert found["auc"].to_numpy() == pytest.approx(1 - judged["auc"].to_numpy())


def test_features_held_out_are_not_planned_with(procedure, applicants, fold, judged):
    changed = applicants.features.copy()
    changed.loc[fold[1][0], "amount"] = 1e9  # it would move the caps
    found = judge_fold(procedure, applicants._replace(features=changed), fold)
    assert found["cutoff"].equals(judged["cutoff"])


def test_features_can_be_left_out_and_derived(procedure, applicants, fold, judged):
    planned = {**procedure.planned, "exclude": ("savings",), "derived": {"instalment": "amount / duration"}}
    found = judge_fold(procedure._replace(planned=planned), applicants, fold)
    assert not found["auc"].equals(judged["auc"])


def test_what_has_a_limit_of_rows_takes_a_sample(procedure, applicants, fold, monkeypatch):
    looked_at = {"search": [], "judge": [], "fit": []}

    def seen(purpose, function, place):
        def look(*arguments, **options):
            looked_at[purpose].append(len(arguments[place].bad))
            return function(*arguments, **options)

        return look

    monkeypatch.setattr(nested, "search", seen("search", nested.search, 3))
    monkeypatch.setattr(nested, "out_of_fold", seen("judge", nested.out_of_fold, 1))
    monkeypatch.setattr(nested, "fit_pd_model", seen("fit", nested.fit_pd_model, 1))
    limited = procedure._replace(
        searched=Folds(folds=2, repeats=1, max_rows=100), judged=Folds(folds=3, repeats=1, max_rows=120)
    )
    found = judge_fold(limited, applicants, fold)
    assert looked_at == {"search": [100, 100], "judge": [120, 120], "fit": [150, 150]}
    assert np.isfinite(found["auc"]).all()


def test_who_cannot_be_fitted_takes_no_part(procedure, applicants, fold):
    # 150 to fit to: the search fits to 75 of them, the judging to 100, and those are calibrated by halves.
    knn = {"encoding": "ordinal", "resampler": "none", "n_neighbors": [60, 200]}
    dt = {**SETTINGS["dt"], "resampler": "smote"}
    families = {
        name: read_settings(name, settings) for name, settings in (("knn", knn), ("lr", SETTINGS["lr"]), ("dt", dt))
    }
    few = procedure._replace(families=families, members=("knn", "dt"), selection=selection("knn", "dt", "lr", "blend"))
    assert list(judge_fold(few, applicants, fold)["family"]) == ["lr", "dt", "blend", CHOSEN, LEADER]
    only_knn = few._replace(families={"knn": families["knn"]})
    with pytest.raises(UnfittableError, match=r"^no family can be fitted to 150 applicants, 45 of them bad$"):
        judge_fold(only_knn, applicants, fold)


def test_families_that_were_not_judged_in_every_fold_are_named(folds):
    assert judged_in_all(folds)[1] == []
    kept, lacking = judged_in_all(folds.drop(index=folds.index[folds["family"] == "lr"][0]))
    assert lacking == ["lr"]
    assert set(kept["family"]) == {"dt", CHOSEN}


def test_the_cost_is_the_one_at_the_cutoff_and_log_loss_that_of_scikit_learn():
    bad, pds = np.array([0, 0, 1, 1]), np.array([0.0, 0.3, 0.15, 1.0])
    found = measure(bad, pds, 0.1, DECISION)
    assert list(found) == list(METRICS)
    assert found["cost"] == 1 / 4  # one good applicant rejected
    assert found["cost_neutral"] == (1 + 5) / 4  # beside it, the bad one with 0.15 is accepted below 1/6
    assert found["log_loss"] == pytest.approx(log_loss(bad, pds))
    assert found["gini"] == 2 * found["auc"] - 1


@pytest.fixture
def folds() -> pd.DataFrame:
    generator = np.random.default_rng(3)
    rows = [
        {"fold": fold, "family": family, **dict(zip(METRICS, generator.random(len(METRICS)), strict=True))}
        for fold in range(6)
        for family in ("lr", "dt")
    ]
    table = pd.DataFrame(rows)
    return pd.concat([table, table[table["family"] == "dt"].assign(family=CHOSEN)], ignore_index=True)


def test_estimates_have_the_corrected_interval(folds):
    found = estimates(folds, 0.1, 80).set_index(["family", "metric"])
    assert len(found) == 3 * len(METRICS)
    own = folds.loc[folds["family"] == "lr", "brier"].to_numpy()
    assert tuple(found.loc[("lr", "brier"), ["mean", "se", "low", "high"]]) == cross_validated(own, 0.1)
    assert set(found["n"]) == {80}


def test_differences_are_paired_and_nought_for_what_is_always_chosen(folds):
    found = differences(folds, 0.1).set_index(["family", "metric"])
    assert (found.loc["dt", ["difference", "se"]] == 0).all(axis=None)
    one, other = (folds.loc[folds["family"] == family, "cost"].to_numpy() for family in ("lr", CHOSEN))
    assert tuple(found.loc[("lr", "cost")]) == cross_validated(one - other, 0.1)
