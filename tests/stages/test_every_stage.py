"""What holds of every stage, shown on the graph of a small table."""

import shutil
from pathlib import Path

import pytest

from credit.core.families import SEARCHED
from tests.small_graph import FAMILIES, RUNS, changed, files_below, inputs, outputs

# The first ones, in which a table becomes a model, are in the quick set of tests.
FIRST = ("source", "ingest", "prepare")  # quickly reached
TAKING_NO_PART = set(SEARCHED) - set(FAMILIES)
# `source` has no params, and the card does without a validation.
NOT_NEEDED = {("source", "params.yaml"), ("card", "metrics/validation.json")}
NEEDED = [(stage, path) for stage in RUNS for path in inputs(stage) if (stage, path) not in NOT_NEEDED]
NEEDED = [(stage, path) for stage, path in NEEDED if Path(path).stem not in TAKING_NO_PART]
# The card takes digests of tables and models, and its pins from any text. A damaged table of errata is for
# test_source.py, one of applications for test_ingest.py.
PARSED = [
    (stage, path)
    for stage, path in NEEDED
    if path.endswith((".json", ".yaml")) or (path.endswith(".parquet") and stage != "card")
]


def later_ones_slow(cases: list[tuple[str, ...]]) -> list:
    return [pytest.param(*case, marks=[] if case[0] in FIRST else [pytest.mark.slow]) for case in cases]


def below(path: str, declared: list[str]) -> bool:
    return any(path == name or path.startswith(f"{name}/") for name in declared)


@pytest.mark.parametrize("stage", later_ones_slow([(stage,) for stage in RUNS]))
def test_it_writes_what_dvc_yaml_declares_and_nothing_else(stage, graph):
    written = set(graph.until(stage).written(stage))
    assert {path for path in written if not below(path, outputs(stage))} == set()
    assert {name for name in outputs(stage) if not any(below(path, [name]) for path in written)} == set()


@pytest.mark.slow
@pytest.mark.parametrize("stage", RUNS)
def test_as_a_program_where_only_its_inputs_are_it_writes_the_same_bytes(
    stage, graph, inputs_of, workspace, run_stage, programs
):
    def written(**how: str) -> dict[str, bytes]:
        remove(Path("data"))
        inputs_of(stage)
        before = files_below(workspace)
        found = run_stage(*stage.split(), OMP_NUM_THREADS="1", **how)
        assert (found.returncode, found.stdout) == (0, ""), found.stderr
        return changed(before, files_below(workspace))

    if stage == "blend":  # a pickle of models that were loaded tells which texts the process held already
        expected, how = written(PYTHONHASHSEED="1"), {"PYTHONHASHSEED": "7"}
    else:
        expected, how = graph.until(stage).written(stage), {"python": [programs / "python"]}
    for path in expected:
        Path(path).unlink(missing_ok=True)
    assert written(**how) == expected


def remove(file: Path) -> None:
    shutil.rmtree(file) if file.is_dir() else file.unlink()


@pytest.mark.parametrize(("stage", "path"), later_ones_slow(NEEDED))
def test_without_an_input_it_ends_with_one_line_that_names_it(stage, path, inputs_of, refusal):
    inputs_of(stage)
    assert path in refusal(stage, lambda: remove(Path(path)))


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00 {[:", b"{}"], ids=["empty", "no_text", "no_keys"])
@pytest.mark.parametrize(("stage", "path"), PARSED)
def test_with_a_damaged_input_it_ends_with_one_line_that_names_it(stage, path, content, inputs_of, refusal):
    inputs_of(stage)
    assert refusal(stage, lambda: Path(path).write_bytes(content)).startswith(path)
