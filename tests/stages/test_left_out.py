"""What cannot be fitted to so few applicants is left out and said, from the search to the choice and beyond."""

import json
import logging
from pathlib import Path

import joblib
import pandas as pd
import pytest

from credit.model.voting import mean_pds
from ops import explain_applicant
from stages.io.left_out import read_models, write_left_out
from tests.small_graph import FAMILIES, STAGES, change, outputs, run

pytestmark = pytest.mark.slow
NEIGHBOURS = {"encoding": "ordinal", "resampler": "none"}
# 200 applicants: the search fits to 100 of them, and so does the judging, but for the 50 of a fold of the calibration.
TOO_MANY = "{0} neighbours take at least {0} applicants in every fit, one has {1}"
ORDER = ["knn", "scorecard", "lr", "dt", "blend"]


@pytest.fixture(autouse=True)
def logged(project, caplog):
    caplog.set_level(logging.INFO)
    return caplog


def train(*neighbours: int) -> dict:
    return run("train knn", train__knn={**NEIGHBOURS, "n_neighbors": list(neighbours)})


def choose(*preference: str) -> dict:
    return run(
        "select_best", select_best={"metric": "auc", "rule": "one_standard_error", "preference": list(preference)}
    )


def leave_out(*families: str) -> None:
    for family in families:
        write_left_out(family, [{"which": "", "reason": f"{family} cannot be fitted"}])


def test_candidates_that_cannot_be_searched_or_judged_are_left_out_and_said(logged):
    found = train(1, 70, 500)
    parts = {part["which"]: (part["candidates"], part["reason"]) for part in found["left_out"]}
    # 70 neighbours are the best in the search; where they are calibrated, on half the applicants, they are too many.
    assert parts == {
        "n_neighbors=70": ([1], TOO_MANY.format(70, 50)),
        "n_neighbors=500": ([2], TOO_MANY.format(500, 100)),
    }
    for which, (_, reason) in parts.items():
        assert f"left out, 1 of 3 candidates: {which}: {reason}" in logged.messages
    assert {pick["setting"]: pick["value"] for pick in found["picked"]}["n_neighbors"] == 1
    tried = pd.read_csv("plots/search/knn.csv")
    assert list(tried["candidate"]) == [row["candidate"] for row in found["search"]] == [0, 1]
    assert list(tried["picked"]) == [True, False]
    assert tried["score"].idxmax() == 1


def test_a_family_without_a_candidate_is_left_out_of_the_choice_and_no_model_of_that_name_is_to_be_had(
    logged, monkeypatch
):
    reason = TOO_MANY.format(500, 100)
    assert train(500) == {"left_out": [{"which": "", "candidates": [0], "reason": reason}]}
    assert logged.messages[-1] == "no candidate can be fitted to these applicants: knn is left out"
    assert all(Path(path).exists() for path in outputs("train knn"))
    assert read_models(["knn", "lr"])[1] == {"knn": reason}
    for kind in ("oof", "test_by_fold"):
        assert pd.read_parquet(f"data/processed/{kind}/knn.parquet").empty

    found = choose(*ORDER)
    assert found["left_out"] == [{"family": "knn", "reason": reason}]
    assert {row["family"] for row in found["ranking"]} == set(ORDER) - {"knn"}
    assert f"left out: knn, {reason}" in logged.messages
    for stage in ("evaluate", "explain"):
        with pytest.raises(ValueError, match=f"^models/knn.joblib: expected a model, but it was left out: {reason}$"):
            run(stage, model="knn")
    with pytest.raises(SystemExit, match=f"^models/knn.joblib: expected a model, but it was left out: {reason}$"):
        explain_applicant.main(["--line", "2", "--model", "knn"])


def test_a_blend_is_of_the_members_that_are_left():
    leave_out("dt")
    found = run("blend", blend__members=["dt", "scorecard", "lr"])
    assert found["left_out"] == [{"which": "dt", "reason": "dt cannot be fitted"}]
    assert found["picked"] == [{"setting": "members", "value": ["scorecard", "lr"]}]
    assert list(joblib.load("models/blend.joblib").estimator_.named_estimators_) == ["scorecard", "lr"]
    oof = {name: pd.read_parquet(f"data/processed/oof/{name}.parquet") for name in ("blend", "scorecard", "lr")}
    pd.testing.assert_frame_equal(oof.pop("blend"), mean_pds(oof))
    leave_out("scorecard", "lr")
    assert [part["which"] for part in run("blend")["left_out"]] == ["dt", "scorecard", "lr"]
    assert read_models(["blend"])[1]


def test_one_family_that_is_left_goes_through_every_stage():
    leave_out("dt", "scorecard")
    run("blend", blend__members=["dt", "scorecard"])
    found = choose("scorecard", "lr", "dt", "blend")
    assert (found["chosen"], found["runner_up"], found["why"]) == ("lr", None, "all others are left out")
    later = list(STAGES)[list(STAGES).index("select_best") + 1 :]
    for stage in ("scorecard", *later):
        run(stage)
        assert all(Path(path).exists() for path in outputs(stage))
    checks = {check["code"]: check for check in json.loads(Path("metrics/checks.json").read_text())["checks"]}
    assert checks["CR016"]["result"] == "not applicable"
    assert json.loads(Path("metrics/scorecard.json").read_text()) == {
        "left_out": [{"which": "", "reason": "scorecard cannot be fitted"}]
    }
    card = Path("models/MODEL_CARD.md").read_text()
    assert "- decision tree: dt cannot be fitted" in card
    assert "leads the second" not in card


def test_where_all_are_left_out_the_choice_ends_the_run_with_one_line(refusal):
    leave_out(*FAMILIES)
    run("blend")
    change({"select_best.preference": ["lr", "dt", "blend"]})
    said = refusal("select_best", lambda: None)
    assert said == "expected a family to choose, but all are left out: lr cannot be fitted; dt cannot be fitted"


def test_too_few_bads_for_as_many_folds_make_fewer(logged):
    table = pd.read_parquet("data/processed/train.parquet")
    few = pd.concat([table[table["bad"] == 0], table[table["bad"] == 1].head(3)])
    few.to_parquet("data/processed/train.parquet")
    run("train dt", search__folds=5, out_of_fold={"folds": 4, "repeats": 2})
    assert logged.messages.count("searched in 3 folds, not 5: no more distinct applicants are bad, or good") == 1
    assert logged.messages.count("judged in 3 folds, not 4: no more distinct applicants are bad, or good") == 1
    oof = pd.read_parquet("data/processed/oof/dt.parquet")
    assert oof.groupby("fold")["bad"].sum().tolist() == [1] * 6
    assert set(oof["line"].value_counts()) == {2}
    test = pd.read_parquet("data/processed/test.parquet")
    assert sorted(pd.read_parquet("data/processed/test_by_fold/dt.parquet")["line"]) == sorted(test["line"])
    few[few["line"] != few["line"].iloc[-1]].iloc[:-1].to_parquet("data/processed/train.parquet")
    assert "got 1 of one kind" in run("train dt")["left_out"][0]["reason"]
