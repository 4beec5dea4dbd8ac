"""Missing values that say something: where a plan says that a feature has gaps, models can tell them apart."""

import numpy as np
import pandas as pd
import pytest

from credit.core.dictionary import Dictionary
from credit.features.plan import Levels, make_plan
from credit.features.preprocessing import CODES, NOMINAL, ONE_COLUMN_EACH, build_preprocessing, column_directions
from credit.model.pipeline import fit_pd_model

SHARE = 0.02


@pytest.fixture
def with_gaps(plan):
    return plan.model_copy(update={"gaps": ("amount", "purpose", "savings")})


@pytest.fixture
def holed(draw_applicants):
    """Applicants of whom every third has no amount, every fourth no purpose and every fifth no savings."""
    applicants = draw_applicants(240, 2)
    for name, step in {"amount": 3, "purpose": 4, "savings": 5}.items():
        applicants.features[name] = applicants.features[name].mask(np.arange(240) % step == 0)
    return applicants


def encoded(plan, encoding: str, applicants) -> pd.DataFrame:
    built = build_preprocessing(plan, encoding)
    return pd.DataFrame(built.fit_transform(applicants.features, applicants.bad))


@pytest.mark.parametrize("encoding", [name for name in NOMINAL if name != CODES])
def test_a_column_each_says_where_numbers_and_ranks_were_imputed(with_gaps, holed, encoding):
    found = encoded(with_gaps, encoding, holed)
    assert np.isfinite(found).all(axis=None)
    for place, name in ((-2, "amount"), (-1, "savings")):
        assert found.iloc[:, place].tolist() == holed.features[name].isna().tolist()


@pytest.mark.parametrize("encoding", NOMINAL)
def test_a_missing_name_is_a_level_of_its_own(with_gaps, holed, encoding):
    transform = build_preprocessing(with_gaps, encoding).fit(holed.features, holed.bad).transform
    row = holed.features.iloc[[1]]
    levels = ("car", "house", "tv", "rocket", np.nan)
    codes = {tuple(transform(row.assign(purpose=level))[0]) for level in levels}
    assert len(codes) == len(levels)


def test_trees_get_the_gaps_of_numbers_and_ranks_as_they_are_and_no_others(with_gaps, holed):
    holed.features.loc[0, "duration"] = np.nan
    found = encoded(with_gaps, CODES, holed).set_axis(with_gaps.all_features, axis="columns")
    assert found["amount"].isna().tolist() == holed.features["amount"].isna().tolist()
    assert found["savings"].isna().tolist() == holed.features["savings"].isna().tolist()
    assert found.drop(columns=["amount", "savings"]).notna().all(axis=None)
    assert found.loc[0, "duration"] == holed.features["duration"].median()


@pytest.mark.parametrize("encoding", ONE_COLUMN_EACH)
def test_there_are_as_many_directions_as_columns_and_each_stands_at_its_own(with_gaps, holed, encoding):
    bound = with_gaps.model_copy(update={"monotonicity": {"amount": "increasing", "job": "decreasing"}})
    directions = column_directions(bound, encoding)
    assert len(directions) == encoded(bound, encoding, holed).shape[1]
    ways = dict(zip(bound.all_features, directions, strict=False))
    assert {name: way for name, way in ways.items() if way} == {"amount": 1, "job": -1}


@pytest.mark.parametrize("family", ["xgb", "rf", "dt"])
@pytest.mark.parametrize("encoding", [CODES, "ordinal"])
def test_a_direction_holds_for_those_without_gaps_in_other_columns_or_with(with_gaps, holed, spec_of, family, encoding):
    few = {"n_estimators": 10} if family != "dt" else {}
    spec = spec_of(family, encoding=encoding, resampler="none", max_depth=4, monotone=True, **few)
    bound = with_gaps.model_copy(update={"monotonicity": {"duration": "decreasing", "amount": "increasing"}})
    model = fit_pd_model(spec._replace(plan=bound), holed, cutoff=0.5)
    for name, sign in (("duration", -1), ("amount", 1)):
        values = np.linspace(*holed.features[name].quantile([0.02, 0.98]), 15)
        pds = [model.predict_proba(holed.features.assign(**{name: value}))[:, 1] for value in values]
        assert (sign * np.diff(pds, axis=0)).min() >= -1e-9


@pytest.mark.parametrize("encoding", NOMINAL)
def test_a_rank_in_words_may_be_missing_of_a_single_applicant(with_gaps, holed, encoding):
    words = dict(enumerate("abcde", start=1))
    told = with_gaps.model_copy(update={"ordinal": {**with_gaps.ordinal, "savings": Levels(kept=tuple("abcde"))}})
    features = holed.features.assign(savings=holed.features["savings"].map(words))
    transform = build_preprocessing(told, encoding).fit(features, holed.bad).transform
    row = features.iloc[[1]]
    assert np.array_equal(transform(row.assign(savings=np.nan)), transform(row.assign(savings=None)), equal_nan=True)


def test_a_model_learns_from_gaps(with_gaps, holed, spec_of):
    bad = holed.features["amount"].isna().to_numpy(dtype="int64")
    for family, encoding in (("xgb", CODES), ("lr", "one_hot")):
        spec = spec_of(family, encoding=encoding, resampler="none")._replace(plan=with_gaps)
        pds = fit_pd_model(spec, holed._replace(bad=bad), cutoff=0.5).predict_proba(holed.features)[:, 1]
        assert pds[bad == 1].min() > pds[bad == 0].max()


@pytest.mark.parametrize(("missing", "gaps"), [(0, ()), (3, ()), (4, ("amount",)), (150, ("amount",))])
def test_a_feature_has_gaps_from_the_share_of_rare_levels_on(applicants, missing, gaps):
    amount = applicants.features[["amount", "duration"]].astype(float).copy()
    amount.iloc[:missing, 0] = np.nan
    columns = {"amount": {"role": "numeric"}, "duration": {"role": "numeric"}}
    target = {"role": "target", "codes": {0: "good", 1: "bad"}, "bad_codes": [1]}
    assert make_plan(amount, Dictionary(columns={**columns, "bad": target}), SHARE, 3.0).gaps == gaps
