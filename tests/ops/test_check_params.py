import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from credit.core.errors import InputError
from ops.check_params import check_params, check_params_of


@pytest.fixture
def change(workspace):
    """Give a function that sets a value of params.yaml, by its dotted name."""

    def set_value(name: str, value) -> None:
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        section = params
        *above, last = name.split(".")
        for part in above:
            section = section.setdefault(part, {})
        section[last] = value
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")

    return set_value


def test_the_committed_params_are_right(workspace):
    check_params()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("model", "nonesuch", "'model' must be best or one of lr, rf, mlp, svc, dt, xgb, knn, scorecard, blend, got"),
        ("train.foo.C", 1, "train.foo"),
        ("train.lr.Cc", 1, "'train.lr.Cc' is no hyperparameter of LogisticRegression"),
        ("train.rf.n_jobs", 2, "'train.rf.n_jobs' is not for params.yaml"),
        ("typo", {"a": 1}, "unknown key 'typo'"),
        ("prepare.max_column_invalid_share", 3, "'prepare.max_column_invalid_share' must be less than or equal to 1"),
        ("eda.typo", 1, "unknown key 'eda.typo'"),
        ("seed", -1, "'seed' must be greater than or equal to 0, got -1"),
        ("select_best.preference", ["lr"], "'select_best.preference' must name two or more of"),
        ("select_best.preference", ["lr", "rf"], "(the families in 'train', and the blend), each once, got lr, rf"),
        ("ingest.source", "nonesuch.csv", "'ingest.source' must be a file, a folder or an address"),
        ("ingest.source", "file:///x.csv", "'ingest.source' must be the path alone where it is of this machine"),
        ("ingest.source", "https://" + "me:word@host/x.csv", "an address without user name and password"),
        ("features.exclude", "age", "'features.exclude' must be a list, got 'age'"),
        ("features.exclude", ["foo"], "'features.exclude'"),
        ("calibration.method", "platt", "'calibration.method' must be 'sigmoid', 'isotonic' or 'none', got 'platt'"),
        ("train.lr.calibration", "platt", "params.yaml, train.lr: 'calibration' must be 'sigmoid', 'isotonic' or"),
        ("decision.cutoff", "ks", "'decision.cutoff' must be 'cost' or 'youden', got 'ks'"),
        ("blend.members", ["lr", "lr"], "'blend.members' must be different ones of lr, rf, "),
        ("train.blend.C", 1, "train.blend"),
        (
            "train.scorecard.encoding",
            "one_hot",
            "'train.scorecard.encoding' must be woe, whose bins are what its points",
        ),
        ("validation.applicants", "test", "'validation.applicants' must be 'train' or 'all', got 'test'"),
    ],
)
def test_a_wrong_one_is_named_in_one_line(change, name, value, said):
    change(name, value)
    with pytest.raises(InputError) as caught:
        check_params()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("section", ["features", "blend", "calibration"])
def test_a_missing_section_is_named_in_one_line(workspace, section):
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    del params[section]
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    with pytest.raises(InputError, match=rf"^params.yaml: '{section}' is missing$"):
        check_params()


def test_the_params_of_a_commit_are_checked_whatever_those_here_are(change):
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments], check=True)

    change("model", "nonesuch")
    git("init", "--quiet")
    git("add", "params.yaml")
    git("commit", "--quiet", "-m", "wrong")
    change("typo", 1)
    git("commit", "--quiet", "-am", "more")
    change("model", "best")
    with pytest.raises(InputError, match=r"^params.yaml: 'model' must be best or one of [^\n]*, got 'nonesuch'$"):
        check_params_of("HEAD~")
    with pytest.raises(InputError, match=r"^params.yaml: unknown key 'typo'; "):
        check_params_of("HEAD")
    with pytest.raises(InputError, match="`git show` failed: "):
        check_params_of("HEAD~9")


OF_GIT = "metrics/train/{0}.json plots/search/{0}.csv"
PDS = "data/processed/oof/{0}.parquet data/processed/test_by_fold/{0}.parquet"
RESULTS = f"{OF_GIT} models/{{0}}.joblib {PDS} plots/progress/{{0}}/auc.tsv"
OTHERS = "models/MODEL_CARD.md models/.gitignore data/processed/oof/.gitignore plots/progress/.gitignore metrics/x.json"


def test_results_of_a_family_that_is_trained_no_more_are_refused_in_one_line(change, write):
    for name in " ".join([OTHERS, *(RESULTS.format(family) for family in ("lr", "svc", "blend", "best"))]).split():
        write(name, "x")
    check_params()
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    change("train", {name: settings for name, settings in params["train"].items() if name != "svc"})
    change("select_best.preference", [name for name in params["select_best"]["preference"] if name != "svc"])
    with pytest.raises(InputError) as caught:
        check_params()
    assert str(caught.value) == (
        "params.yaml: expected results of the families under 'train' alone, found those of svc; remove them: "
        "`git rm metrics/train/svc.json plots/search/svc.csv` and "
        f"`rm models/svc.joblib {PDS.format('svc')}` and `rm -r plots/progress/svc`"
    )
    shutil.rmtree("plots/progress/svc")
    Path("models/svc.joblib").unlink()
    Path("data/processed/oof/svc.parquet").unlink()
    Path("data/processed/test_by_fold/svc.parquet").unlink()
    with pytest.raises(InputError, match=r"remove them: `git rm metrics/train/svc\.json plots/search/svc\.csv`$"):
        check_params()
