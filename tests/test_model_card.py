"""The committed card says what the committed files say."""

import hashlib
import json

import pandas as pd
import pytest
import yaml

from ops.lineage import differences
from stages.card import pinned_versions
from tests.credit.card.numbers import numbers_in, ways_to_write


@pytest.fixture
def committed(repository) -> str:
    return (repository / "models/MODEL_CARD.md").read_text(encoding="utf-8")


def test_every_number_comes_from_a_file(committed, repository):
    json_files = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(repository.glob("metrics/**/*.json"))]
    tables = [pd.read_csv(repository / f"plots/{name}.csv").to_dict("records") for name in ("selection", "performance")]
    people = [
        yaml.safe_load((repository / name).read_text(encoding="utf-8"))
        for name in ("params.yaml", "data/dictionary.yaml", "data/about.yaml")
    ]
    pins = pinned_versions((repository / "requirements.txt").read_text(encoding="utf-8"))
    assert numbers_in(committed) - ways_to_write(json_files, tables, people, pins) == set()


def test_its_checks_are_those_of_the_metrics(committed, repository):
    checks = json.loads((repository / "metrics/checks.json").read_text(encoding="utf-8"))
    assert f"{checks['passed']} passed, {checks['failed']} failed, {checks['not_decided']} not decided" in committed
    assert all(f"| {check['code']} | {check['title']} |" in committed for check in checks["checks"])


def test_it_is_what_the_graph_wrote(committed, repository):
    stages = yaml.safe_load((repository / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    (written,) = stages["card"]["outs"]
    found = hashlib.md5(committed.encode(), usedforsecurity=False).hexdigest()
    assert (written["path"], written["md5"]) == ("models/MODEL_CARD.md", found)


def test_its_digests_are_those_of_the_lock(committed, repository, monkeypatch, tmp_path):
    stages = yaml.safe_load((repository / "dvc.lock").read_text(encoding="utf-8"))["stages"].values()
    lock = {output["path"]: output["md5"] for stage in stages for output in stage.get("outs", [])}
    monkeypatch.chdir(tmp_path)  # where no model is: those of another CPU may be here
    assert list(differences(committed, lock)) == []
