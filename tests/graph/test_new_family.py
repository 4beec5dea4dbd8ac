"""A family is added by following the page for developers, and missed when it is taken out by halves."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.graph.conftest import FAMILIES

pytestmark = pytest.mark.graph
PAGE = Path(__file__).resolve().parents[2] / "docs/developing.md"


def test_the_page_adds_a_family_in_six_edits(project):
    (section,) = re.findall(
        r"^## A family\n(.*?)^## ", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    entry, settings, deps = re.findall(r"```\w+\n(.*?)```", section, flags=re.DOTALL)

    families = project.root / "credit/core/families.py"  # the first edit
    text = families.read_text(encoding="utf-8")
    families.write_text(text.replace("FAMILIES = {\n", f"FAMILIES = {{\n{entry}"), encoding="utf-8")
    project.dvc("commit", "--force")  # an entry more changes no result; without this every stage would run again

    def describe(params: dict) -> None:
        params["train"] |= yaml.safe_load(settings)  # the second
        params["select_best"]["preference"].append("et")  # the third

    def declare(graph: dict) -> None:
        graph["stages"]["train"]["matrix"]["model"].append("et")  # the fourth
        for stage in ("blend", "select_best"):  # the fifth and the sixth
            graph["stages"][stage]["deps"] += yaml.safe_load(deps)

    project.edit("params.yaml", describe)
    project.edit("dvc.yaml", declare)
    project.run("python", "-m", "ops.check_params")
    project.dvc("repro", "select_best")
    ranking = json.loads((project.root / "metrics/selection.json").read_text(encoding="utf-8"))["ranking"]
    assert {row["family"] for row in ranking} == {"et", *FAMILIES}
    moves = json.loads((project.root / "metrics/monotonicity.json").read_text(encoding="utf-8"))["monotonicity"]
    assert "et" in {row["family"] for row in moves}
    assert 0.5 < next(row["mean"] for row in ranking if (row["family"], row["metric"]) == ("et", "auc")) < 0.95

    project.run("git", "checkout", "--quiet", "--", "params.yaml", "dvc.yaml", "credit")
    said = project.run("python", "-m", "ops.check_params", fails=True)
    assert "found those of et; remove them: `git rm metrics/train/et.json plots/search/et.csv`" in said
