"""Commits of other times have other files."""

import pytest

from tests.ops.mirror.content import families, revisions

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_models")]


def head(small) -> str:
    return small.git("rev-parse", "HEAD")[:7]


def test_with_fewer_metrics_in_another_shape_and_names_that_mlflow_does_not_take(small, mirror, client):
    small.run(C=2.0, **{"why (text)": "50 % + x"})
    small.write("metrics/train/lr.json", '{"auc": 0.7, "folds": 10, "picked": {"C": 1}}')
    small.write("metrics/evaluation.json", '{"test": {"auc": 0.7}}')
    small.write("metrics/eda.json", '{"share of «other» (%)": 0.5}')
    name = small.commit("old")[:7]
    small.git("rm", "--quiet", "-r", "--cached", "metrics", "plots")
    small.run(C=3.0)
    small.git("add", "dvc.lock", "params.yaml")
    small.git("commit", "--quiet", "--message", "none")
    mirror()
    run = revisions(client)[name]
    assert (run.data.metrics["test.auc"], run.data.metrics["eda.share of _other_ ___"]) == (0.7, 0.5)
    assert run.data.params["why _text_"] == "50 % + x"
    assert families(client, name)["lr"].data.metrics == {"auc": 0.7, "folds": 10, "picked.C": 1, "search_score": 0.7}
    oldest = revisions(client)[head(small)]
    assert (oldest.data.metrics, oldest.data.params["train.lr.C"]) == ({}, "3.0")
    assert set(families(client, head(small))) == {"lr", "dt"}


def test_one_that_cannot_be_read_is_said_and_the_others_are_mirrored(small, mirror, client):
    small.run(C=2.0)
    small.write("metrics/evaluation.json", "<<<<<<< HEAD\n")
    name = small.commit("conflict")[:7]
    small.run(C=3.0)
    last = small.commit("solved")[:7]
    said = mirror()
    assert f"metrics/evaluation.json of {name}: expected JSON, got a fault: " in said
    assert "\n" not in said
    assert set(revisions(client)) == {head(small), last, small.git("rev-parse", "HEAD~2")[:7]}
    assert f"; metrics/evaluation.json of {name}" in mirror()
