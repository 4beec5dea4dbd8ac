"""The README shows what the committed results say, and names what there is."""

import os
import re
import subprocess
import sys

import pytest


@pytest.fixture
def readme(repository) -> str:
    return (repository / "README.md").read_text(encoding="utf-8")


def test_the_summary_is_that_of_the_committed_results(readme, repository):
    (shown,) = re.findall(r"<!-- summary -->\n```text\n(.*)\n```\n<!-- /summary -->", readme, flags=re.DOTALL)
    printed = subprocess.run(
        [sys.executable, "-m", "ops.summary"],
        cwd=repository,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert shown == "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())


def test_the_families_are_compared_as_in_the_model_card(readme, repository):
    (table,) = re.findall(r"<!-- families -->\n(.*)\n<!-- /families -->", readme, flags=re.DOTALL)
    assert len(table.splitlines()) == 2 + 9
    assert f"\n\n{table}\n\n" in (repository / "models/MODEL_CARD.md").read_text(encoding="utf-8")


def test_every_make_target_named_is_there(readme, repository):
    targets = re.findall(r"^([a-z-]+):.*## ", (repository / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = set(re.findall(r"`make ([a-z-]+)`", readme)) | set(
        re.findall(r"^make ([a-z-]+)", readme, flags=re.MULTILINE)
    )
    assert named <= set(targets)
    assert {"run", "test", "reproduce", "exp-show", "bench"} <= named


def test_every_file_named_is_there(readme, repository):
    named = set(re.findall(r"`((?:data|metrics|plots|stages|credit|ops)/[\w./-]+)`", readme))
    kept = {name for name in named if name.startswith(("metrics", "plots")) or name == "data/dictionary.yaml"}
    assert len(kept) > 5
    assert {name for name in kept if not (repository / name).exists()} == set()
