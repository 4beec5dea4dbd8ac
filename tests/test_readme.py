"""The front page and docs/ show what the committed results say, and name what there is."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.credit.card.numbers import numbers_in, ways_to_write
from tests.test_declarations import arrows

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def between(page: Path, mark: str) -> str:
    (content,) = re.findall(rf"<!-- {mark} -->\n(.*)\n<!-- /{mark} -->", text_of(page), flags=re.DOTALL)
    return content


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_the_summary_is_that_of_the_committed_results():
    printed = subprocess.run(
        [sys.executable, "-m", "ops.summary"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout
    shown = between(ROOT / "README.md", "summary").removeprefix("```text\n").removesuffix("\n```")
    assert shown == "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())


def test_the_families_are_compared_as_in_the_model_card():
    table = between(ROOT / "docs/results.md", "families")
    assert len(table.splitlines()) == 2 + 9
    assert f"\n\n{table}\n\n" in (ROOT / "models/MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_drawing_of_the_rooms_is_that_of_the_imports():
    lines = ["flowchart TD"]
    for name, others in arrows("credit").items():
        targets = " & ".join(sorted(other.split("/")[1] for other in others if other != "credit/core"))
        lines.append(f"  {name.split('/')[1]}" + (f" --> {targets}" if targets else ""))
    assert between(ROOT / "docs/architecture.md", "rooms") == "\n".join(["```mermaid", *lines, "```"])


def test_the_numbers_of_the_validation_are_those_of_its_file():
    validation = json.loads((ROOT / "metrics/validation.json").read_text(encoding="utf-8"))
    (told,) = re.findall(r"What is chosen inside.*?of 0\.\d+ \[[^]]*\]\.", text_of(ROOT / "docs/results.md"), re.DOTALL)
    chosen = {row["metric"]: row for row in validation["estimates"] if row["family"] == "chosen"}
    for metric in ("auc", "brier", "cost"):
        row = chosen[metric]
        assert f"{row['mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}]" in " ".join(told.split())


@pytest.mark.parametrize("claim", [r"\*\*Calibration\.\*\*.*?\n\n", r"\*\*A scorecard to add up.*?decisions\."])
def test_the_numbers_of_decisions_are_those_of_the_metrics(claim):
    (told,) = re.findall(claim, text_of(ROOT / "docs/decisions.md"), flags=re.DOTALL)
    files = [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "metrics").glob("*.json")]
    assert numbers_in(told) - ways_to_write(files) == set()


def test_what_the_examples_show_of_the_last_commit_is_what_was_committed():
    evaluation = json.loads((ROOT / "metrics/evaluation.json").read_text(encoding="utf-8"))
    text = text_of(ROOT / "docs/experiments.md")
    diff = dict(re.findall(r"^metrics/evaluation\.json  (\w+) +(\S+)", text, flags=re.MULTILINE))
    assert {name: str(round(evaluation[name], 5)) if name != "estimator" else evaluation[name] for name in diff} == diff
    ((auc, brier, cost, estimator),) = re.findall(r"^  main +(\S+) +(\S+) +(\S+) +(\S+)", text, flags=re.MULTILINE)
    assert [auc, brier, cost, estimator] == [diff[name] for name in ("auc", "brier", "cost", "estimator")]


def test_the_front_page_is_short():
    assert len(text_of(ROOT / "README.md").splitlines()) <= 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", text_of(page))
    for target, anchor in links:
        if target.startswith(("http://", "https://")):
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_of_docs_leads_back(page):
    assert page.name == "README.md" or "](../README.md)" in text_of(page)


def test_every_make_target_named_is_there():
    text = "\n".join(map(text_of, PAGES))
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = {*re.findall(r"`make ([a-z-]+)", text), *re.findall(r"^make ([a-z-]+)", text, flags=re.MULTILINE)}
    assert named <= set(targets)
    assert {"run", "test", "reproduce", "exp-show", "bench"} <= named


def test_every_program_named_is_there():
    named = set(re.findall(r"python -m ((?:ops|stages)\.[\w.]+)", "\n".join(map(text_of, PAGES))))
    assert len(named) > 8
    assert {name for name in named if importlib.util.find_spec(name.rstrip(".")) is None} == set()


def test_every_file_named_is_there():
    text = "\n".join(map(text_of, PAGES))
    named = set(re.findall(r"`((?:data|metrics|plots|stages|credit|ops|tests)/[\w./-]+)`", text))
    kept = {name for name in named if not name.startswith("data/") or name == "data/dictionary.yaml"}
    assert len(kept) > 20
    assert {name for name in kept if not (ROOT / name).exists()} == set()
