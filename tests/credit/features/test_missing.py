"""Missing is one thing, whatever stands for it, in whatever type of column, alone or in company."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from credit.core.families import SEARCHED
from credit.features.plan import Caps
from credit.features.preprocessing import ENCODINGS, build_preprocessing
from credit.model.pipeline import fit_pd_model
from credit.model.voting import blend
from tests.credit.small_specs import pds_of

MISSING = {"None": None, "NaN": np.nan, "NA": pd.NA, "NaT": pd.NaT}
TYPES = {
    "amount": ["object", "float64", "Int64", "Float64", "category"],
    "purpose": ["object", "string", "str", "category"],
    "housing": ["object", "float64", "Int64", "category"],
    "savings": ["object", "Float64", "Int64"],
}
PLANS = {
    "plain": {},
    "gaps": {"gaps": ("amount", "purpose", "savings")},
    "derived": {"derived": {"instalment": "amount / duration"}},
    "many levels": {"many_levels": {"purpose": 4}},
}
# What an encoding makes of derived features and of many levels depends on whether it scales and whether it bins.
KINDS_OF_ENCODING = ("one_hot", "codes", "woe")
CASES = [(kind, name) for kind in PLANS for name in ENCODINGS if kind in ("plain", "gaps") or name in KINDS_OF_ENCODING]


@pytest.fixture
def plan_of_kind(plan, kind):
    changes = dict(PLANS[kind])
    if "derived" in changes:
        changes["numeric"] = {**plan.numeric, "instalment": Caps(lower=0, upper=2000)}
    if "many_levels" in changes:
        changes["nominal"] = {"housing": plan.nominal["housing"]}
    return plan.model_copy(update=changes)


@pytest.fixture(scope="module")
def holed(applicants):
    """Applicants of whom every tenth lacks a value of each column of `TYPES`, not the same ones."""
    features = applicants.features.copy()
    for place, name in enumerate(TYPES):
        features[name] = features[name].mask(np.arange(len(features)) % 10 == place)
    return applicants._replace(features=features)


def told(features: pd.DataFrame, name: str, kind: str, missing: object) -> pd.DataFrame:
    """Give the same applicants with a column of another type, which says missing in another way if the type has it."""
    values = features[name].astype("object").where(features[name].notna(), missing)
    return features.assign(**{name: pd.Series(values, dtype=kind)})


def one_by_one(features: pd.DataFrame) -> list[tuple[int, str, pd.DataFrame]]:
    """Give the applicants who lack a value, each alone, in a table whose types pandas guesses from them."""
    return [
        (place, name, pd.DataFrame([{**features.iloc[place], name: missing}], columns=features.columns))
        for place, name in enumerate(TYPES)
        for missing in MISSING.values()
    ]


def all_told(features: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give the same applicants until each column has been of each of its types, with missing in each of its ways."""
    ways = {
        name: [(kind, missing) for kind in kinds for missing in (MISSING.values() if kind == "object" else [None])]
        for name, kinds in TYPES.items()
    }
    for turn in range(max(map(len, ways.values()))):
        table = features
        for name, each in ways.items():
            table = told(table, name, *each[turn % len(each)])
        yield table


@pytest.mark.parametrize(("kind", "encoding"), CASES)
def test_every_encoding_gives_the_same_numbers(plan_of_kind, holed, encoding):
    fitted = build_preprocessing(plan_of_kind, encoding).fit(holed.features, holed.bad)
    expected = fitted.transform(holed.features)
    for table in all_told(holed.features):
        assert np.array_equal(fitted.transform(table), expected, equal_nan=True), table.dtypes.to_dict()
    for place, name, alone in one_by_one(holed.features):
        assert np.array_equal(fitted.transform(alone), expected[[place]], equal_nan=True), (name, alone[name])


@pytest.mark.parametrize(("kind", "encoding"), CASES)
def test_fitting_to_any_kind_of_missing_gives_the_same_numbers(plan_of_kind, holed, encoding):
    expected = build_preprocessing(plan_of_kind, encoding).fit_transform(holed.features, holed.bad)
    for turn in range(len(MISSING)):  # each column says missing in another way
        features = holed.features
        for place, name in enumerate(TYPES):
            features = told(features, name, "object", [*MISSING.values()][(turn + place) % len(MISSING)])
        found = build_preprocessing(plan_of_kind, encoding).fit_transform(features, holed.bad)
        assert np.array_equal(found, expected, equal_nan=True), turn


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_level_never_seen_is_a_rare_one_or_missing_in_every_encoding(plan, holed, encoding):
    fitted = build_preprocessing(plan, encoding).fit(holed.features, holed.bad)
    row = holed.features.iloc[[9]]
    for name, unseen, taken_for in (("purpose", "rocket", "boat"), ("housing", 9.0, np.nan), ("savings", 0.0, np.nan)):
        one, other = (fitted.transform(row.assign(**{name: value})) for value in (unseen, taken_for))
        assert np.array_equal(one, other), name


@pytest.mark.slow
def test_every_family_and_a_blend_give_one_pd(plan, holed, spec_of):
    models = {family: fit_pd_model(spec_of(family), holed, cutoff=0.3) for family in SEARCHED}
    models["blend"] = blend({name: models[name] for name in ("lr", "scorecard", "rf")}, holed.features, holed.bad, 0.3)
    asked = one_by_one(holed.features)[:: len(MISSING) + 1]  # each column, and each kind of missing
    for family, model in models.items():
        expected = pds_of(model, holed.features)
        found = [pds_of(model, alone)[0] for _, _, alone in asked]
        assert found == pytest.approx([expected[place] for place, _, _ in asked], abs=1e-12), family
