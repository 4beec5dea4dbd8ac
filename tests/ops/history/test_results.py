"""What a revision's files say, as MLflow takes it."""

import json

import pytest
import yaml

from credit.core.errors import InputError
from credit.evaluate.selection import HIGHER_IS_BETTER
from ops.history.results import read_results
from ops.history.revisions import Revision
from tests.ops.mirror.small_models import FOLDS, REPEATS, ROWS, folds_of
from tests.ops.mirror.small_repository import PARAMS, SOURCE, SmallRepository, md5_of

EVALUATION, LR, SEARCH = "metrics/evaluation.json", "metrics/train/lr.json", "plots/search/lr.csv"


def files_of(repository: SmallRepository) -> dict[str, bytes]:
    """Give the files of the workspace."""
    paths = [path for folder in ("metrics", "plots") for path in (repository.root / folder).rglob("*.*")]
    named = {str(path.relative_to(repository.root)): path for path in paths}
    named |= {name: repository.root / name for name in ("dvc.lock", "params.yaml")}
    return {name: path.read_bytes() for name, path in named.items()}


@pytest.fixture
def read(first):
    """Read the small repository's commit with some files replaced, by values in part; None leaves one out."""

    def results(changes: dict[str, bytes | dict | None] | None = None):
        files = files_of(first)
        for path, content in (changes or {}).items():
            if isinstance(content, dict):
                old = PARAMS if path == "params.yaml" else json.loads(files[path])
                kept = {name: value for name, value in {**old, **content}.items() if value is not None}
                files[path] = json.dumps(kept).encode()  # which is YAML too
            elif content is None:
                del files[path]
            else:
                files[path] = content
        return read_results(Revision(first.root, "1234567890", 0, "Ada", "", ""), files)

    return results


def family(results, name: str = "lr"):
    return next(each for each in results.families if each.family == name)


def test_a_revision_has_parameters_metrics_and_what_was_evaluated_on_what(read, first):
    results = read({EVALUATION: {"is_best": True, "why": "leads", "rows": {"kept": 3}, "list": [1]}})
    assert results.params["train.lr.C"] == "[0.1, 1.0]"
    assert results.params["decision.cost.accept_bad"] == "5"
    assert json.loads(results.params["select_best.preference"]) == PARAMS["select_best"]["preference"]
    metrics, of_lr = results.metrics, json.loads(files_of(first)[LR])
    assert metrics == {
        **{"auc": 0.75, "threshold": 0.2, "rows.kept": 3.0},  # numbers outside of lists
        **{"eda.train_rows": ROWS, "eda.rows.prepared": ROWS + 20},
        **{f"oof_{name}": of_lr[f"oof_{name}"] for name in HIGHER_IS_BETTER},
        **{f"oof_{row['metric']}.{part}": row[part] for row in of_lr["estimates"] for part in ("se", "low", "high")},
    }
    assert (results.evaluated, results.chosen, results.ranked_by) == ("lr", "lr", "auc")
    assert results.evaluated_md5 == first.model("best") == first.model("lr")
    assert (results.source, results.data_digest) == (SOURCE, md5_of(b"a"))
    assert read({"params.yaml": {"model": "dt"}}).evaluated_md5 == first.model("dt")


def test_a_family_has_its_settings_metrics_folds_and_search(read, first):
    lr = family(read())
    assert lr.params == {"encoding": "one_hot", "C": "1.0"}
    assert lr.md5 == first.model("lr")
    folds = folds_of("lr", 0.05, PARAMS["seed"])
    for metric in HIGHER_IS_BETTER:
        assert lr.series[f"fold_{metric}"] == dict(enumerate(folds[metric]))
        assert lr.metrics[f"oof_{metric}"] == pytest.approx(folds[metric].mean(), abs=1e-6)
        assert lr.metrics[f"oof_{metric}.low"] < lr.metrics[f"oof_{metric}"] < lr.metrics[f"oof_{metric}.high"]
    assert len(folds) == FOLDS * REPEATS
    assert lr.files == {path: files_of(first)[path] for path in (LR, SEARCH)}


@pytest.mark.parametrize(
    ("path", "content", "scores"),
    [
        (LR, {}, {0: 0.70, 1: 0.71}),  # of the table alone, as older commits have them
        (LR, {"search": [{"candidate": at, "score": 0.5 + at, "se": 0.1} for at in range(2)]}, {0: 0.5, 1: 1.5}),
        (SEARCH, b"candidate,score\n0,0.5\n1,\n2,0.7\n", {0: 0.5, 2: 0.7}),
        (SEARCH, b"candidate,auc\n0,0.5\n", {}),
    ],
)
def test_scores_of_the_search_are_those_of_the_metrics_else_of_the_table(read, path, content, scores):
    assert family(read({path: content})).series["search_score"] == scores


def test_a_family_that_was_left_out_has_no_model_and_no_numbers(read):
    part = {"which": "", "candidates": [0], "reason": "too few"}
    lr = family(read({LR: json.dumps({"left_out": [part]}).encode(), SEARCH: b"candidate,score\n"}))
    assert (lr.md5, lr.params, lr.metrics, lr.series) == ("", {}, {}, {"search_score": {}})
    assert part == json.loads(lr.files[LR])["left_out"][0]
    scored = {"search": [{"candidate": at, "score": 0.5, "se": 0.1} for at in (0, 3)], "left_out": [part]}
    lr = family(read({LR: scored}))
    assert lr.series["search_score"] == {0: 0.5, 3: 0.5}
    assert lr.md5


def test_a_blend_is_a_family_without_a_search(small):
    small.blend()
    results = read_results(Revision(small.root, "1234567890", 0, "", "", ""), files_of(small))
    assert [each.family for each in results.families] == ["lr", "dt", "blend"]
    blend, lr = family(results, "blend"), family(results, "lr")
    assert blend.md5 == small.model("blend")
    assert blend.params == {"members": '["lr", "dt"]'}
    assert blend.metrics == lr.metrics
    assert blend.series == {name: values for name, values in lr.series.items() if name != "search_score"}
    assert list(blend.files) == ["metrics/train/blend.json"]
    assert blend.entry != lr.entry


def test_what_families_were_judged_on_is_rows_folds_and_costs(read):
    known = read().judged_on
    assert read({"params.yaml": {"train": {}, "model": "dt", "select_best": {"metric": "cost"}}}).judged_on == known
    for change in ({"seed": 8}, {"out_of_fold": {"folds": 9}}, {"decision": {"cost": {"accept_bad": 1}}}):
        assert read({"params.yaml": change}).judged_on != known


def test_a_commit_without_any_metrics_or_with_such_as_have_no_names_has_parameters_and_models(read, first):
    others = [path for path in files_of(first) if path.endswith(".json")]
    for content in (None, b"[1, 2]"):
        results = read({**dict.fromkeys(others, content), SEARCH: None})
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
def test_a_report_of_another_shape_gives_what_numbers_it_has(read, changes):
    lr = family(read({LR: changes}))
    assert "oof_auc" in lr.metrics
    assert not [name for name in lr.metrics if name.endswith(".low")]
    assert list(lr.series) == ["search_score"]
    assert lr.params == {}


def test_a_fold_without_a_value_is_a_step_without_one(read):
    rows = [{"auc": 0.7, "cost": 0.5}, {"auc": None, "cost": 0.6}, {"auc": 0.8, "cost": 0.7}]
    series = family(read({LR: {"folds": rows}})).series
    assert series["fold_auc"] == {0: 0.7, 2: 0.8}
    assert series["fold_cost"] == {0: 0.5, 1: 0.6, 2: 0.7}


@pytest.mark.parametrize("path", [EVALUATION, LR, "dvc.lock", "params.yaml"])
def test_a_file_that_cannot_be_read_is_refused_with_its_place(read, path):
    with pytest.raises(InputError, match=rf"^{path} of 1234567: expected [^\n]*$"):
        read({path: b"<<<<<<< HEAD\n{:\n}"})


def test_parameters_in_another_shape_are_read_and_long_ones_cut(read):
    words = yaml.safe_dump({"a": {"b": None, "c": True}, "d": [[1], "x"], "f": 1e-3, "long": "x" * 10_000})
    results = read({"params.yaml": b"ingest: a.csv\nbegan: 2026-11-23\n" + words.encode()})
    assert (results.source, results.data_digest) == ("", "")
    expected = {"ingest": "a.csv", "began": '"2026-11-23"', "a.b": "null", "a.c": "true", "d": '[[1], "x"]'}
    assert results.params == {**expected, "f": "0.001", "long": "x" * 6000}
