"""Decisions: the PD and proposal of the model, additive reasons, and refusals."""

import json

import numpy as np
import pytest

from credit.core.dictionary import Dictionary
from credit.core.records import check
from credit.explain.reasons import reasons
from credit.model.pipeline import fit_pd_model
from credit.scoring.decision import Explainer, decide
from credit.scoring.scorer import Scorer
from tests.credit.small_specs import pds_of, small_spec

DICTIONARY = check(
    Dictionary,
    {
        "columns": {
            "duration": {"role": "numeric", "unit": "months", "range": [4, 72], "label": "how long"},
            "amount": {"role": "numeric"},
            "purpose": {"role": "nominal", "codes": dict.fromkeys(("car", "house", "tv", "boat"), "")},
            "housing": {"role": "nominal", "codes": {1: "free", 2: "rent", 3: "own"}},
            "savings": {"role": "ordinal", "codes": dict.fromkeys(range(1, 6), "")},
            "job": {"role": "ordinal", "codes": dict.fromkeys(range(1, 4), ""), "protected": True},
            "y": {"role": "target", "codes": {0: "repaid", 1: "not"}, "bad_codes": [1]},
        }
    },
    "d.yaml",
)
APPLICATION = {"duration": 60, "amount": 5000, "purpose": "car", "housing": "rent", "savings": 1, "job": 2}


@pytest.fixture(scope="module")
def known(plan, applicants):
    return applicants._replace(features=applicants.features[plan.features])


@pytest.fixture(scope="module", params=["scorecard", "knn"])
def scorer(request, plan, known):
    """Give a scorer that is compiled, and one that is not."""
    changes = {"encoding": "woe", "resampler": "none"} if request.param == "knn" else {}
    model = fit_pd_model(small_spec(request.param, plan, **changes), known, cutoff=0.3)
    return Scorer(model, DICTIONARY, sha256="ab12", commit="c0")


def test_what_has_no_compiled_form_is_scored_by_the_model_and_says_so(scorer):
    assert (scorer.why_slow == "") == (scorer.version.family == "scorecard")


@pytest.mark.parametrize("changes", [{}, {"duration": 6, "savings": 5}, {"purpose": "plane", "amount": None}])
def test_the_decision_is_the_models_and_its_reasons_are_additive(scorer, known, changes):
    explainer = Explainer(scorer, known.features, DICTIONARY, seed=1)
    decision = decide(scorer, APPLICATION | changes, explainer)
    values = known.features.iloc[[0]].copy()
    housing = {"housing": 2.0}
    for name, value in (APPLICATION | changes | housing).items():
        values[name] = np.nan if value in (None, "plane") else value
    assert decision.pd == pytest.approx(pds_of(scorer.model, values)[0], abs=1e-12)
    assert decision.proposal == ("reject" if scorer.model.predict(values)[0] else "approve")
    parts = [decision.base, *(reason.contribution for reason in decision.reasons)]
    total = sum(parts) + decision.other_attributes + decision.protected_attributes
    assert total == pytest.approx(decision.pd, abs=1e-12)
    assert 0 < len(decision.reasons) <= 4
    assert "job" not in [reason.attribute for reason in decision.reasons]
    why = reasons(scorer.model, values, known.features, DICTIONARY, seed=1)
    assert [reason.attribute for reason in decision.reasons] == list(why.top["attribute"])
    assert [reason.contribution for reason in decision.reasons] == pytest.approx(
        list(why.top["contribution"]), abs=1e-12
    )


def test_the_record_says_what_was_unknown_by_which_model_and_can_be_kept(scorer):
    decision = decide(scorer, APPLICATION | {"duration": 90, "amount": None})
    assert [(part.attribute, part.title, part.found) for part in decision.unknown] == [
        ("duration", "how long", "not valid"),
        ("amount", "amount", "missing"),
    ]
    kept = json.loads(decision.model_dump_json())
    assert kept["model"] == {"family": scorer.version.family, "sha256": "ab12", "commit": "c0", "cutoff": 0.3}
    assert type(decision).model_validate_json(json.dumps(kept)) == decision


@pytest.mark.parametrize(
    ("application", "said"),
    [
        (dict.fromkeys(APPLICATION), "no value in it is known"),
        ({"duration": 60}, "the required column 'amount' is absent"),
    ],
)
def test_what_cannot_be_scored_has_a_reason_and_no_pd(scorer, known, application, said):
    decision = decide(scorer, application, Explainer(scorer, known.features, DICTIONARY, seed=1))
    assert said in decision.cannot_be_scored
    assert (decision.pd, decision.proposal, decision.reasons) == (None, None, ())
