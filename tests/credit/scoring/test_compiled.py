"""Compiled models: the pipeline's PDs to within 1e-12, and the same bits for an applicant in every company."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import MinMaxScaler

from credit.core.families import SEARCHED
from credit.features.plan import Caps
from credit.features.preprocessing import ENCODINGS
from credit.model.pipeline import Calibration, build_pipeline, fit_pd_model, with_cutoff
from credit.model.voting import blend
from credit.scoring.batch import NotCompilableError, columns_of
from credit.scoring.compiled import compile_model, draw_applicants, tolerance
from tests.credit.small_specs import PLATT, SETTINGS, candidate, pds_of, small_spec

CUTOFF = 0.25
ISOTONIC, NONE, ONE_FOLD = (
    PLATT.by("isotonic"),
    PLATT.by("none"),
    Calibration(**PLATT.model_dump() | {"max_cross_fitted": 100}),
)
OPTIONS: list[tuple[str, dict[str, Any], Calibration]] = [
    *((family, {}, PLATT) for family in SEARCHED),
    *(("lr", {"encoding": encoding, "resampler": "none"}, NONE) for encoding in ENCODINGS),
    *(("rf", {"encoding": encoding}, NONE) for encoding in ("codes", "woe")),
    *(("svc", {"kernel": kernel, "degree": 2}, PLATT) for kernel in ("linear", "poly", "sigmoid")),
    *(("mlp", {"activation": name, "hidden_layer_sizes": (5, 3)}, NONE) for name in ("tanh", "logistic", "identity")),
    ("knn", {"encoding": "one_hot", "resampler": "none", "weights": "distance"}, NONE),
    ("xgb", {"encoding": "codes", "resampler": "none"}, ISOTONIC),
    ("dt", {"encoding": "codes", "resampler": "none"}, ONE_FOLD),
]


@pytest.fixture(scope="module")
def uneven(applicants):
    """Give applicants some of whose values are missing."""
    features = applicants.features.copy()
    for place, name in enumerate(features.columns):
        features.loc[features.index[place::9], name] = np.nan
    return applicants._replace(features=features)


@pytest.fixture(scope="module")
def full_plan(plan):
    """Give a plan with a derived feature, gaps of every role and a feature of many levels."""
    nominal = {name: levels for name, levels in plan.nominal.items() if name != "purpose"}
    return plan.model_copy(
        update={
            "numeric": {**plan.numeric, "instalment": Caps(lower=0, upper=2000)},
            "derived": {"instalment": "-amount / (duration - 24) ** 2"},
            "nominal": nominal,
            "many_levels": {"purpose": 4},
            "gaps": ("duration", "housing", "job"),
        }
    )


def assert_same(model: Any, features: pd.DataFrame) -> None:
    compiled = compile_model(model)
    drawn = draw_applicants(compiled, 300, seed=3)
    everyone = pd.concat([features[list(compiled.features)], drawn], ignore_index=True)
    columns = columns_of(everyone, compiled.features)
    pds, expected = compiled.pds(columns), pds_of(model, everyone)
    assert np.abs(pds - expected).max() <= tolerance(model)
    assert ((pds >= CUTOFF) == model.predict(everyone)).all()

    def of(rows: Any) -> np.ndarray:
        return compiled.pds({name: values[rows] for name, values in columns.items()})

    order = np.random.default_rng(1).permutation(len(everyone))
    assert np.array_equal(of(order), pds[order])
    assert np.array_equal(np.concatenate([of([row]) for row in range(100)]), pds[:100])
    assert np.array_equal(np.concatenate([of(slice(row, row + 7)) for row in range(0, 70, 7)]), pds[:70])
    repeated = np.arange(2500) % len(everyone)
    many = {name: values[repeated] for name, values in columns.items()}
    assert np.array_equal(compiled.pds(many, threads=2), pds[repeated])
    assert np.array_equal(compiled.pds(many), pds[repeated])


@pytest.mark.slow
@pytest.mark.parametrize(("family", "changes", "calibration"), OPTIONS)
def test_every_family_encoding_and_calibration_is_compiled(family, changes, calibration, plan, uneven):
    spec = small_spec(family, plan, **changes)._replace(calibration=calibration)
    assert_same(fit_pd_model(spec, uneven, CUTOFF), uneven.features)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["lr", "rf", "scorecard"])
def test_so_are_derived_features_gaps_and_many_levels(family, full_plan, uneven):
    changes = {"encoding": "codes"} if family == "rf" else {}
    assert_same(fit_pd_model(small_spec(family, full_plan, **changes), uneven, CUTOFF), uneven.features)


@pytest.mark.slow
def test_so_is_a_blend(plan, uneven):
    members = {name: fit_pd_model(small_spec(name, plan), uneven, CUTOFF) for name in ("scorecard", "rf", "xgb", "mlp")}
    assert_same(blend(members, uneven.features, uneven.bad, CUTOFF), uneven.features)


def fitted(family: str, uneven: Any, plan: Any, **changes: Any) -> Any:
    settings = {**SETTINGS[family], "encoding": "ordinal", "resampler": "none", **changes}
    pipeline = build_pipeline(family, candidate(**settings), plan, 1)
    return with_cutoff(pipeline, CUTOFF).fit(uneven.features, uneven.bad)


def test_another_distance_is_refused_by_name(plan, uneven):
    with pytest.raises(NotCompilableError, match="its distance is manhattan"):
        compile_model(fitted("knn", uneven, plan, p=1))


def test_neighbours_that_are_tied_are_refused(plan, uneven):
    with pytest.raises(NotCompilableError, match="equally near"):
        compile_model(fitted("knn", uneven, plan, encoding="woe"))


def test_an_unknown_step_is_refused_by_name(plan, uneven):
    model = fitted("lr", uneven, plan)
    numeric = model.estimator_.named_steps["preprocess"].named_transformers_["numeric"]
    numeric.steps.append(("squeeze", MinMaxScaler().fit(np.zeros((2, 2)))))
    with pytest.raises(NotCompilableError, match="its numbers go through a MinMaxScaler"):
        compile_model(model)


def test_another_kind_of_model_is_refused_by_name(plan, uneven):
    model = fitted("lr", uneven, plan)
    model.estimator_.steps.insert(1, ("between", "passthrough"))
    with pytest.raises(NotCompilableError, match="its part is a Pipeline of 3 steps"):
        compile_model(model)


def test_pds_that_differ_are_refused(plan, uneven, monkeypatch):
    model = fitted("lr", uneven, plan)
    of = type(model).predict_proba
    monkeypatch.setattr(type(model), "predict_proba", lambda self, rows: of(self, rows) * (1 + 1e-9))
    with pytest.raises(
        NotCompilableError, match=r"its PDs differ by \S+ from those without it, which is more than 1e-12"
    ):
        compile_model(model)
