"""The front page and docs/ show what the committed results say, and name what there is."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ops.reproduction import compare, identical_outputs
from tests.credit.card.numbers import numbers_in, ways_to_write
from tests.test_declarations import arrows

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def between(page: Path, mark: str) -> str:
    (content,) = re.findall(rf"<!-- {mark} -->\n(.*)\n<!-- /{mark} -->", text_of(page), flags=re.DOTALL)
    return content


def outputs_of_stages() -> set[str]:
    lock = yaml.safe_load(text_of(ROOT / "dvc.lock"))
    return {out["path"] for stage in lock["stages"].values() for out in stage["outs"]}


def git_files(root: Path) -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


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


def test_the_choices_inside_the_validation_are_those_of_its_file():
    validation = json.loads((ROOT / "metrics/validation.json").read_text(encoding="utf-8"))
    told = " ".join(text_of(ROOT / "docs/results.md").split())
    folds = {(row["rule"], row["family"]): row["folds"] for row in validation["choices"]}
    assert f"That was the blend in {folds['one_standard_error', 'blend']} of 20 folds." in told
    assert f"The rule `leader` would have taken it in {folds['leader', 'blend']}:" in told
    assert sum(folds.values()) == 2 * 20
    (other,) = (row for row in validation["differences"] if (row["family"], row["metric"]) == ("leader", "auc"))
    less = f"{-other['difference']:.3f} [{-other['high']:.3f}, {-other['low']:.3f}]"
    assert f"its choice has {less} less AUC" in told
    assert validation["applicants"] == "all"


def test_what_is_said_of_the_families_is_what_the_selection_found():
    selection = json.loads((ROOT / "metrics/selection.json").read_text(encoding="utf-8"))
    ranking = {row["family"]: row for row in selection["ranking"] if row["metric"] == "auc"}
    told = " ".join(text_of(ROOT / "docs/results.md").split())
    leader, second, *_ = ranking
    assert (leader, second, selection["chosen"]) == ("blend", "xgb", "blend")
    assert f"the blend of four families leads XGBoost by {-ranking['xgb']['difference']:.3f} of AUC" in told
    assert -ranking["xgb"]["difference"] < ranking["xgb"]["difference_se"]
    assert selection["other_rule"]["chosen"] == "blend"
    assert "Behind the blend by more than noise are only logistic regression and the decision tree." in told
    assert {name for name, row in ranking.items() if row["more_than_noise"]} - {leader} == {"lr", "dt"}


def test_the_ratio_for_the_young_is_that_of_the_fairness_metrics():
    fairness = json.loads((ROOT / "metrics/fairness.json").read_text(encoding="utf-8"))
    ratios = [row for row in fairness["comparisons"] if row["metric"] == "approval_ratio"]
    (ratio,) = (row for row in ratios if row["group"] == "<= 25 years")
    told = " ".join(text_of(ROOT / "docs/decisions.md").split())
    assert f"instead of {ratio['value']:.3f} [{ratio['low']:.3f}, {ratio['high']:.3f}] times with these columns" in told


def test_the_reproduction_compares_what_its_page_says():
    shown = re.findall(r"^│ (.*?) +│ (.*?) +│ same", text_of(ROOT / "docs/reproduction.md"), flags=re.MULTILINE)
    for (what, count), check in zip(shown, compare(ROOT, ROOT), strict=True):
        assert what == check.what
        assert re.fullmatch(re.escape(count).replace(r"\.\.\.", r"\d+"), check.compared)
    _, outputs = identical_outputs(ROOT, ROOT)
    assert f"\n{outputs} of {outputs} outputs are the same" in text_of(ROOT / "docs/reproduction.md")


def test_the_graph_on_the_front_page_is_that_of_dvc():
    stages = set(yaml.safe_load(text_of(ROOT / "dvc.yaml"))["stages"])
    (drawing,) = re.findall(r"```mermaid\n(.*?)```", text_of(ROOT / "README.md"), flags=re.DOTALL)
    drawn = set(re.findall(r"[a-z_]+", re.sub(r'\[.*?\]|"[^"]*"|^.*flowchart.*$', "", drawing, flags=re.MULTILINE)))
    listed = re.findall(r"^\| `(\w+)(?:@...)?` \|", text_of(ROOT / "README.md"), flags=re.MULTILINE)
    assert drawn == stages == set(listed)


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


def test_every_file_named_is_there_or_made_by_a_stage():
    text = "\n".join(map(text_of, PAGES)).replace("FAMILY", "lr")
    named = {*re.findall(r"`((?:data|metrics|models|plots|stages|credit|ops|tests)/[\w./-]+)`", text)}
    assert len(named) > 30
    assert {name for name in named - outputs_of_stages() if not (ROOT / name).exists()} == set()


def test_the_synchronised_run_on_the_page_names_as_many_outputs_as_there_are():
    made = outputs_of_stages() - {*git_files(ROOT)}
    assert f"all {len(made)} outputs that dvc.lock names are here" in text_of(ROOT / "docs/storage.md")
