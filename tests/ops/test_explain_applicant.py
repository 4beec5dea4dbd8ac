"""The command as people and programs use it, with a small model."""

import json
import re
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from credit.core.families import FAMILIES
from ops import explain_applicant as program

FEATURES = ["duration", "status", "age"]
RISKY = {"duration": 60, "status": 1, "age": 25}


def applicants(lines: list, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    n = len(lines)
    table = pd.DataFrame({"line": lines, "duration": generator.integers(4, 72, n).astype(float)})
    table["status"] = generator.integers(1, 5, n).astype(float)
    table["age"] = generator.integers(19, 75, n).astype(float)
    latent = 0.08 * table["duration"] - table["status"] - 0.02 * table["age"] + generator.logistic(size=n)
    return table.assign(bad=(latent > latent.quantile(0.7)).astype("int64"))


@pytest.fixture
def made(workspace) -> Path:
    """Write a small model and its applicants: lines 2 to 121 are its own, 202 to 241 test ones."""
    for directory in ("models", "data/processed", "data/interim"):
        Path(directory).mkdir(parents=True)
    train, test = applicants(list(range(2, 122)), 1), applicants(list(range(202, 242)), 2)
    train.to_parquet("data/processed/train.parquet")
    test.to_parquet("data/processed/test.parquet")
    applicants([301], 3).drop(columns="bad").to_parquet("data/interim/indeterminate.parquet")
    model = FixedThresholdClassifier(
        make_pipeline(SimpleImputer(strategy="most_frequent"), StandardScaler(), LogisticRegression()),
        threshold=0.3,
        pos_label=1,
        response_method="predict_proba",
    )
    joblib.dump(model.fit(train[FEATURES], train["bad"]), "models/best.joblib")
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["explain"] = {"max_rows": 1000, "repeats": 3, "tolerance": 0.01}
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    return workspace


@pytest.fixture
def describe(made):
    def write(**changes) -> str:
        Path("applicant.json").write_text(json.dumps({**RISKY, **changes}), encoding="utf-8")
        return "applicant.json"

    return write


@pytest.fixture
def goes_by(made):
    """Make the model go by the given columns alone, with these weights."""

    def weigh(**weights: float) -> None:
        model = joblib.load("models/best.joblib")
        last = model.estimator_[-1]
        last.coef_, last.intercept_ = np.array([[weights.get(name, 0.0) for name in FEATURES]]), np.array([0.0])
        joblib.dump(model, "models/best.joblib")

    return weigh


def asked(capsys, *arguments: str) -> str:
    program.main(arguments)
    return capsys.readouterr().out


def refused(*arguments: str) -> str:
    with pytest.raises(SystemExit) as caught:
        program.main(arguments)
    return caught.value.code


def test_what_is_printed_adds_up(describe, capsys):
    printed = asked(capsys, "--applicant", describe())
    lines = printed.splitlines()
    assert lines[0].startswith("rejected: PD ")
    assert lines[0].endswith("rejected from 30.0 % on (applicant.json)")
    table = lines[2 : lines.index("", 2)]
    figures = [float(line.removesuffix(" %").split()[-1]) for line in table]
    assert table[0].startswith("mean PD of ")
    assert table[-1].startswith("PD of this applicant ")
    assert sum(figures[:-1]) == pytest.approx(figures[-1], abs=0.05 * len(figures))
    assert "duration of the credit: 60 months " in printed
    assert "status of the checking account at the bank: no checking account " in printed
    assert "protected attributes, all together " in printed
    assert "25 years" not in printed


@pytest.mark.parametrize(
    ("changes", "actionable", "advice"),
    [
        ({"duration": 6, "status": 4, "age": 60}, True, r"nothing needs to change"),
        (
            {"status": 3},
            True,
            r"approved, with a PD of .*\n  duration of the credit were .* months instead of 60 months",
        ),
        ({}, False, r"no change leads to an approval, of 0 that were tried of what an applicant can change"),
    ],
)
def test_it_ends_with_the_smallest_change_that_leads_to_an_approval(describe, capsys, changes, actionable, advice):
    if not actionable:
        path = Path("data/dictionary.yaml")
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("actionable: true", "actionable: false"), encoding="utf-8")
    printed = asked(capsys, "--applicant", describe(**changes))
    assert printed.startswith("approved: PD " if "duration" in changes else "rejected: PD ")
    assert re.search(rf"\n\n{advice}\n\Z", printed)


def test_json_is_the_same_for_programs_and_sums_exactly(describe, capsys):
    record = json.loads(asked(capsys, "--applicant", describe(), "--json"))
    reasons = sum(reason["contribution"] for reason in record["reasons"])
    rest = record["other_attributes"] + record["protected_attributes"]
    assert record["compared_with"]["mean_pd"] + reasons + rest == pytest.approx(record["pd"], abs=1e-12)
    assert record["applicant"] == "applicant.json"
    features = pd.DataFrame([RISKY], dtype=float)
    model = joblib.load("models/best.joblib")
    assert record["pd"] == pytest.approx(model.predict_proba(features)[0, 1])


def test_an_applicant_whose_outcome_is_not_known_is_found_too(made):
    applicant, part = program.applicant_on("301", pd.read_parquet("data/processed/train.parquet"))
    assert (applicant["line"].tolist(), part) == ([301], "one whose outcome is not known yet")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("202", "a test applicant"),
        ("2", "one of those the model was fitted to"),
        ("june.csv:4", "a test applicant"),
    ],
)
def test_an_applicant_is_found_by_line_in_a_folder_with_its_file(line, part, made, capsys):
    if ":" in line:
        applicants([f"june.csv:{number}" for number in range(2, 12)], 3).to_parquet("data/processed/test.parquet")
    record = json.loads(asked(capsys, "--line", line, "--json"))
    tables = (pd.read_parquet(f"data/processed/{name}.parquet").astype({"line": str}) for name in ("train", "test"))
    row = pd.concat(tables).query("line == @line")
    assert record["pd"] == pytest.approx(joblib.load("models/best.joblib").predict_proba(row[FEATURES])[0, 1])
    assert record["applicant"] == part
    assert f"({part})" in asked(capsys, "--line", line)


def test_another_family_may_be_asked(describe, capsys):
    joblib.dump(joblib.load("models/best.joblib").set_params(threshold=0.999), "models/lr.joblib")
    assert asked(capsys, "--applicant", describe(), "--model", "lr").startswith("approved: PD ")


def test_what_is_not_known_is_for_a_person_with_how_many_training_applicants_lack_it(describe, capsys):
    train = pd.read_parquet("data/processed/train.parquet")
    train.loc[:6, "status"] = np.nan
    train.to_parquet("data/processed/train.parquet")
    path = describe(status=None, duration=None, savings=None)  # the model does not see the last
    assert asked(capsys, "--applicant", path).splitlines()[1] == (
        "not known: duration (0 of 120 training applicants lack it), status (7 of 120 training applicants lack it); "
        "the model judges without: let a person look at it"
    )
    assert json.loads(asked(capsys, "--applicant", path, "--json"))["not_known"] == [
        {"attribute": "duration", "training_without": 0, "training": 120},
        {"attribute": "status", "training_without": 7, "training": 120},
    ]


@pytest.mark.parametrize(
    ("age", "decision", "otherwise", "side"),
    [(25, "rejected", "approved", "below"), (70, "approved", "rejected", "not below")],
)
def test_where_protected_attributes_tip_the_decision_it_is_for_a_person(
    age, decision, otherwise, side, describe, goes_by, capsys
):
    goes_by(age=-1)
    record = json.loads(asked(capsys, "--applicant", describe(age=age), "--json"))
    without = record["without_protected_attributes"]
    assert (record["decision"], without["decision"]) == (decision, otherwise)
    assert without["pd"] == pytest.approx(record["compared_with"]["mean_pd"])
    assert asked(capsys, "--applicant", describe(age=age)).splitlines()[1] == (
        f"without what its protected attributes add, the PD would be {100 * without['pd']:.1f} %, {side} the cutoff: "
        "let a person look at it"
    )


@pytest.mark.parametrize(
    ("protected", "left", "decision"),
    [(0.5, 0.0, "approved"), (-0.8, 1.0, "rejected"), (0.15, 0.25, "rejected"), (0.151, 0.249, "approved")],
)
def test_the_pd_without_protected_attributes_is_a_pd_and_rejected_from_the_cutoff_on(protected, left, decision):
    record = {"pd": 0.4, "cutoff": 0.25, "protected_attributes": protected}
    assert program.without_protected(record) == {"pd": pytest.approx(left), "decision": decision}


def test_what_is_not_there_or_damaged_is_said_in_one_line(made):
    nobody = "nobody.json: expected a JSON file with an applicant, got no such file"
    assert refused("--applicant", "nobody.json") == nobody
    assert refused("--applicant", "models") == "models: Is a directory"
    assert refused("--line", "1").startswith("--line: expected a line of an applicant in data/processed/train.parquet")
    assert refused("--line", "2", "--model", "lr") == (
        "models/lr.joblib: expected the model that an earlier stage writes, got no such file"
    )
    Path("models/svc.joblib").write_bytes(b"junk")
    said = refused("--line", "202", "--model", "svc")
    assert said.startswith("models/svc.joblib: expected a saved model, got a damaged file (")
    assert said.endswith("): run `dvc checkout`")


@pytest.mark.parametrize(
    "arguments", [[], ["--line", "2", "--applicant", "a.json"], ["--line", "2", "--model", "../x"]]
)
def test_wrong_usage_is_exit_code_2_and_only_best_and_the_families_are_loaded(arguments, capsys):
    assert refused(*arguments) == 2
    said = capsys.readouterr().err
    assert "usage: python -m ops.explain_applicant" in said
    assert "../x" not in arguments or all(known in said for known in ("invalid choice", "best", *FAMILIES))


def test_a_level_that_no_training_applicant_has_is_said(describe, capsys):
    train = pd.read_parquet("data/processed/train.parquet")
    train.loc[train["status"] == 1, "status"] = 2.0
    train.to_parquet("data/processed/train.parquet")
    said = "no training applicant has: status (no checking account); the model has nothing to go by there"
    assert said in asked(capsys, "--applicant", describe())
    record = json.loads(asked(capsys, "--applicant", describe(), "--json"))
    assert record["never_seen"] == [{"attribute": "status", "value": "no checking account"}]
    assert "no training applicant has" not in asked(capsys, "--applicant", describe(status=2, duration=61))
