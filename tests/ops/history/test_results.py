"""What a revision's files say, as MLflow takes it."""

import json
import math

import pytest
import yaml

from credit.core.errors import InputError
from credit.evaluate.selection import HIGHER_IS_BETTER
from ops.history.results import flatten, in_words, numbers, read_results, search_scores
from ops.history.revisions import Revision
from tests.ops.mirror.small_repository import PARAMS, SOURCE, md5_of
from tests.ops.mirror.small_results import FOLDS, REPEATS, ROWS, folds_of


@pytest.fixture
def files(first) -> dict[str, bytes]:
    """Give the files of the small repository's commit, to be changed."""
    paths = ("dvc.lock", "params.yaml", *first.git("ls-files", "metrics", "plots").splitlines())
    return {path: (first.root / path).read_bytes() for path in paths}


@pytest.fixture
def read(first, files):
    """Read the files, in which some are replaced; None leaves one out."""

    def results(**changes):
        given = {**files, **{path.replace("__", "/"): content for path, content in changes.items()}}
        revision = Revision(first.root, "1234567890", 0, "Ada", "", "")
        return read_results(revision, {path: content for path, content in given.items() if content is not None})

    return results


def with_metrics(files, path: str, **changes) -> bytes:
    """Give a file of metrics with other values in it; None leaves one out."""
    values = {**json.loads(files[path]), **changes}
    return json.dumps({name: value for name, value in values.items() if value is not None}).encode()


def family(results, name: str):
    return next(each for each in results.families if each.family == name)


def test_a_revision_has_parameters_metrics_and_what_was_evaluated_on_what(read, files, first):
    results = read()
    assert results.params["train.lr.C"] == "[0.1, 1.0]"
    assert results.params["decision.cost.accept_bad"] == "5"
    assert json.loads(results.params["select_best.simplest_first"]) == PARAMS["select_best"]["simplest_first"]
    metrics, of_lr = results.metrics, json.loads(files["metrics/train/lr.json"])
    assert (metrics["auc"], metrics["threshold"]) == (0.75, 0.2)
    assert (metrics["eda.train_rows"], metrics["data_quality.rows.prepared"]) == (ROWS, ROWS + 20)
    assert [metrics[name] for name in ("oof_auc", "oof_cost")] == [of_lr[name] for name in ("oof_auc", "oof_cost")]
    assert (results.evaluated, results.chosen, results.ranked_by) == ("lr", "lr", "auc")
    assert results.evaluated_md5 == first.model("best") == first.model("lr")
    assert (results.source, results.data_digest) == (SOURCE, md5_of(b"a"))


def test_the_evaluated_model_follows_the_parameter(read, first):
    params = yaml.safe_dump({**PARAMS, "model": "dt"}).encode()
    assert read(**{"params.yaml": params}).evaluated_md5 == first.model("dt")


def test_a_family_has_its_settings_metrics_folds_and_search(read, first, files):
    lr = family(read(), "lr")
    assert lr.params == {"encoding": "one_hot", "C": "1.0"}
    assert (lr.path, lr.md5) == ("models/lr.joblib", first.model("lr"))
    folds = folds_of("lr", 0.05, PARAMS["seed"])
    for metric in HIGHER_IS_BETTER:
        assert lr.series[f"fold_{metric}"] == dict(enumerate(folds[metric]))
        assert lr.metrics[f"oof_{metric}"] == pytest.approx(folds[metric].mean(), abs=1e-6)
        assert lr.metrics[f"oof_{metric}.low"] < lr.metrics[f"oof_{metric}"] < lr.metrics[f"oof_{metric}.high"]
    assert len(folds) == FOLDS * REPEATS
    assert lr.series["search_score"] == {0: 0.70, 1: 0.71}
    assert lr.files == {path: files[path] for path in ("metrics/train/lr.json", "plots/search/lr.csv")}


def test_scores_of_the_search_are_those_of_the_metrics_where_they_have_them(read, files):
    report = json.loads(files["metrics/train/lr.json"])
    scores = [{"candidate": at, "score": score, "se": 0.1} for at, score in enumerate((0.5, 0.6, 0.4))]
    lr = family(read(**{"metrics/train/lr.json": json.dumps({**report, "search": scores}).encode()}), "lr")
    assert lr.series["search_score"] == {0: 0.5, 1: 0.6, 2: 0.4}


def test_a_blend_is_a_family_without_a_search(small):
    small.blend()
    names = ("dvc.lock", "params.yaml", "metrics/train/blend.json", "metrics/train/lr.json", "plots/search/lr.csv")
    files = {name: (small.root / name).read_bytes() for name in names}
    results = read_results(Revision(small.root, "1234567890", 0, "", "", ""), files)
    assert [each.family for each in results.families] == ["lr", "dt", "blend"]
    blend, lr = family(results, "blend"), family(results, "lr")
    assert (blend.path, blend.md5) == ("models/blend.joblib", small.model("blend"))
    assert blend.params == {"members": '["lr", "dt"]'}
    assert blend.metrics == lr.metrics
    assert blend.series == {name: values for name, values in lr.series.items() if name != "search_score"}
    assert blend.files == {"metrics/train/blend.json": files["metrics/train/blend.json"]}
    assert blend.entry != lr.entry


def test_what_families_were_judged_on_is_rows_folds_and_costs(read):
    known = read().judged_on

    def judged_on(**params) -> str:
        return read(**{"params.yaml": yaml.safe_dump({**PARAMS, **params}).encode()}).judged_on

    assert judged_on(train={}, model="dt", select_best={"metric": "cost"}) == known
    for change in ({"seed": 8}, {"out_of_fold": {"folds": 9}}, {"decision": {"cost": {"accept_bad": 1}}}):
        assert judged_on(**change) != known


@pytest.mark.parametrize("content", [None, b"[1, 2]"])
@pytest.mark.parametrize("name", ["evaluation", "selection", "eda", "train/lr"])
def test_a_file_that_older_commits_do_not_have_or_that_has_no_names_is_left_out(read, name, content):
    results = read(**{f"metrics/{name}.json": content})
    assert [each.family for each in results.families] == ["lr", "dt"]
    assert all(isinstance(value, float) for value in results.metrics.values())


def test_a_commit_without_any_metrics_has_parameters_and_models(first, files):
    bare = {path: files[path] for path in ("dvc.lock", "params.yaml")}
    results = read_results(Revision(first.root, "1234567890", 0, "", "", ""), bare)
    assert results.metrics == {}
    assert (results.evaluated, results.chosen, results.ranked_by) == ("", "", "")
    assert family(results, "dt").md5 == first.model("dt")


@pytest.mark.parametrize(
    "changes",
    [
        {"folds": None, "picked": None, "estimates": None},  # the oldest commits
        {"folds": 10, "picked": {"C": 1.0}, "estimates": {"auc": {"mean": 0.7}}},
        {"folds": [0.7, 0.8], "picked": ["C"], "estimates": [{"mean": 0.7}]},
        {"picked": [{"name": "C"}], "estimates": [{"metric": "auc"}], "folds": [{"fold": 1}]},
    ],
)
def test_a_report_of_another_shape_gives_what_numbers_it_has(read, files, changes):
    path = "metrics/train/lr.json"
    lr = family(read(**{path: with_metrics(files, path, **changes)}), "lr")
    assert "oof_auc" in lr.metrics
    assert not [name for name in lr.metrics if name.endswith(".low")]
    assert list(lr.series) == ["search_score"]
    assert lr.params == {}


def test_a_fold_without_a_value_is_a_step_without_one(read, files):
    path = "metrics/train/lr.json"
    rows = [{"auc": 0.7, "cost": 0.5}, {"auc": None, "cost": 0.6}, {"auc": 0.8, "cost": 0.7}]
    series = family(read(**{path: with_metrics(files, path, folds=rows)}), "lr").series
    assert series["fold_auc"] == {0: 0.7, 2: 0.8}
    assert series["fold_cost"] == {0: 0.5, 1: 0.6, 2: 0.7}


@pytest.mark.parametrize("path", ["metrics/evaluation.json", "metrics/train/lr.json", "dvc.lock", "params.yaml"])
def test_a_file_that_cannot_be_read_is_refused_with_its_place(read, path):
    with pytest.raises(InputError, match=rf"^{path} of 1234567: expected [^\n]*$"):
        read(**{path: b"<<<<<<< HEAD\n{:\n}"})


def test_parameters_in_another_shape_are_read(read):
    results = read(**{"params.yaml": b"ingest: a.csv\nbegan: 2026-11-23\n"})
    assert (results.source, results.data_digest) == ("", "")
    assert results.params == {"ingest": "a.csv", "began": '"2026-11-23"'}


def test_numbers_are_those_outside_of_lists():
    values = {"auc": 0.7, "rows": {"kept": 3}, "is_best": True, "why": "leads", "none": None, "list": [1]}
    assert dict(numbers(values)) == {"auc": 0.7, "rows.kept": 3.0}


def test_parameters_are_written_as_they_are_read():
    params = flatten({"a": {"b": None, "c": True}, "d": [[1], "x"], "e": "x", "f": 1e-3})
    words = {"a.b": "null", "a.c": "true", "d": '[[1], "x"]', "e": "x", "f": "0.001"}
    assert {name: in_words(value) for name, value in params} == words
    assert len(in_words("x" * 10_000)) == 6000


def test_scores_of_a_search_are_read_as_far_as_there_are_any():
    assert search_scores(b"candidate,score\n0,0.5\n1,\n2,nan\n3,0.7\n") | {2: 0} == {0: 0.5, 2: 0, 3: 0.7}
    assert math.isnan(search_scores(b"score\nnan\n")[0])
    assert search_scores(b"candidate,auc\n0,0.5\n") == search_scores(b"") == {}
