"""Which failures are the applicants' and which a wrong setting's, and that the numbers said of them are right."""

import numpy as np
import pytest

from credit.core.errors import InputError, UnfittableError
from credit.core.families import build_estimator
from credit.core.split import repeated_folds
from credit.features.preprocessing import build_preprocessing
from credit.model.encoded_fold import Encoding, encode
from credit.model.pipeline import fit_pd_model, out_of_fold
from credit.model.resampling import RESAMPLERS, build_resampler
from credit.model.unfittable import unfittable_refused
from tests.credit.small_specs import PLATT

NUMBERS = np.random.default_rng(0).normal(size=(40, 3))
TAKES = {name: 3 if name == "near_miss" else 6 for name in RESAMPLERS if name != "none"}


def reason(resampler: str, numbers: np.ndarray, bad: np.ndarray) -> str:
    """Give why some cannot be resampled; nothing if they can."""
    try:
        with unfittable_refused("lr", {"resampler": resampler}, bad):
            build_resampler(resampler, 1).fit_resample(numbers, bad)
    except UnfittableError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("resampler", "least"), TAKES.items())
def test_a_resampler_says_how_many_of_the_rarer_outcome_it_takes(resampler, least):
    few, enough = ((np.arange(40) < count).astype(int) for count in (least - 1, least))
    said = "{} takes at least {} {} applicants in every fit, one has {}"
    assert reason(resampler, NUMBERS, few) == said.format(resampler, least, "bad", least - 1)
    assert reason(resampler, NUMBERS, 1 - few) == said.format(resampler, least, "good", least - 1)
    assert reason(resampler, NUMBERS, enough) == ""


def test_a_resampler_without_anyone_to_draw_from_says_whom_it_takes():
    towns = np.repeat(np.arange(6), 13)  # far from each other; in each one bad applicant and twelve good ones
    alone = np.column_stack([100.0 * towns, np.linspace(0, 1, 78)]), (np.arange(78) % 13 == 6).astype(int)
    assert reason("svm_smote", *alone) == (
        "svm_smote takes bad applicants at the border that have others of their kind nearby, "
        "and of 6 in a fit none is so"
    )
    apart = NUMBERS + 50 * (np.arange(40) < 8)[:, None], (np.arange(40) < 8).astype(int)
    assert reason("adasyn", *apart) == (
        "adasyn takes bad applicants that have some of the other kind nearby, and of 8 in a fit none is so"
    )


def test_applicants_of_whom_resampling_leaves_one_kind_alone_are_not_fitted_to(plan, applicants):
    alike = applicants._replace(
        features=applicants.features.iloc[[0] * 30].reset_index(drop=True), bad=1 * (np.arange(30) < 6)
    )
    way, rows = Encoding("ordinal", "smote_enn"), np.arange(30)
    found = encode(
        "lr", {"ordinal": build_preprocessing(plan, "ordinal")}, {"smote_enn": build_resampler("smote_enn", 1)},
        [way], alike, (rows, rows),
    )  # fmt: skip
    assert found == {
        way: "smote_enn takes out applicants whom their neighbours contradict, in one fit all good or all bad ones"
    }


@pytest.mark.parametrize("method", ["sigmoid", "none"])
def test_folds_in_which_a_model_is_calibrated_are_the_smallest(method, spec_of, applicants):
    spec = spec_of("knn", resampler="none", n_neighbors=120)._replace(calibration=PLATT.by(method))
    folds = repeated_folds(applicants.groups, applicants.bad, 2, 1, 1)  # 100 of 200 to fit to, of whom 3 folds leave 66
    fit_pd_model(spec, applicants, cutoff=0.5)  # of 200, 3 folds leave 133
    had = 100 if method == "none" else 66
    with pytest.raises(
        UnfittableError, match=f"^120 neighbours take at least 120 applicants in every fit, one has {had}$"
    ):
        out_of_fold(spec, applicants, folds, processes=1)


def test_neighbours_are_looked_for_among_those_that_resampling_leaves(spec_of, applicants):
    with pytest.raises(UnfittableError, match=r"^300 neighbours .*, one has 18\d after smote$"):  # twice 93 or 94 goods
        fit_pd_model(spec_of("knn", n_neighbors=300), applicants, cutoff=0.5)


def test_early_stopping_holds_some_of_each_kind_out():
    network, bad = build_estimator("mlp", {"early_stopping": True}, 1), (np.arange(40) < 1).astype(int)
    said = "^early stopping takes at least 2 bad applicants in every fit, one has 1$"
    with pytest.raises(UnfittableError, match=said), unfittable_refused("mlp", {"resampler": "none"}, bad):
        network.fit(NUMBERS, bad)


def test_a_model_is_not_calibrated_by_a_single_bad_applicant(spec_of, draw_applicants):
    few = draw_applicants(4, 1)
    assert few.bad.sum() == 1
    with pytest.raises(UnfittableError, match="expected at least 2 distinct good and 2 distinct bad applicants"):
        fit_pd_model(spec_of("svc"), few, cutoff=0.5)


@pytest.mark.parametrize(
    ("family", "settings", "complaint"),
    [
        ("lr", {"C": -1.0}, "The 'C' parameter of .* must be"),
        ("xgb", {"max_depth": -3}, "value -3 for Parameter max_depth should be greater equal to 0"),
        ("xgb", {"max_bin": 1}, "Check failed: max_bin >= 2"),
        ("xgb", {"n_estimators": 2.5}, "'float' object cannot"),  # a TypeError of XGBoost
    ],
)
def test_what_can_be_fitted_to_nobody_is_no_fault_of_the_applicants(family, settings, complaint, spec_of, applicants):
    with pytest.raises(
        InputError, match=rf"^'train.{family}' cannot be fitted with encoding=.*: {complaint}"
    ) as raised:
        fit_pd_model(spec_of(family, resampler="none", **settings), applicants, cutoff=0.5)
    assert not isinstance(raised.value, UnfittableError)
    assert "\n" not in str(raised.value)
    assert "Stack trace" not in str(raised.value)


def test_an_error_of_the_program_is_not_taken_for_either():
    with pytest.raises(KeyError), unfittable_refused("lr", {"resampler": "none"}, np.array([0, 1])):
        raise KeyError("resampler")
