import io
import os

import pytest
import yaml
from rich.console import Console

from credit.core.errors import InputError
from ops.bench_large import PHASES, IngestFigures, ingest_table, measure_ingest, measure_phases, phases_table
from ops.fresh_clone import environment_apart
from ops.usage import Bench, Usage

PARAMS = "# kept\ningest:\n  source: small.csv\n"
SOURCE = 'from pathlib import Path\nPath("small.csv").write_text("id,amount\\n1,200\\n2,300\\n")\n'
INGEST = """\
from pathlib import Path
import sys
import yaml
source = yaml.safe_load(Path("params.yaml").read_text())["ingest"]["source"]
rows = len(Path(source).read_text().splitlines()) - 1
with Path("rows.txt").open("a") as stream:
    stream.write(f"{rows}\\n")
"""
GRAPH = {"stages": {"source": {"cmd": "python source.py"}, "ingest": {"cmd": "python ingest.py"}}}


@pytest.fixture
def bench(tmp_path, repository):
    """A clone with two small stages, and the environment in which they are measured."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name, text in {
        "dvc.yaml": yaml.safe_dump(GRAPH),
        "params.yaml": PARAMS,
        "source.py": SOURCE,
        "ingest.py": INGEST,
    }.items():
        (clone / name).write_text(text, encoding="utf-8")
    environment = environment_apart({**os.environ, "PYTHONPATH": str(repository)}, tmp_path)
    return Bench(clone, tmp_path, environment, repeats=1)


def test_ingest_is_measured_on_tables_of_the_asked_rows(bench):
    figures = measure_ingest(bench, [30, 50])
    assert [row.rows for row in figures] == [30, 50]
    assert (bench.clone / "rows.txt").read_text().split() == ["30", "50"]
    assert figures[1].size > figures[0].size > 0
    assert (bench.clone / "params.yaml").read_text() == PARAMS
    assert not (bench.scratch / "large.csv").exists()


def test_graph_without_ingest_is_refused(bench):
    (bench.clone / "dvc.yaml").write_text("stages:\n  source:\n    cmd: python source.py\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^dvc\.yaml: expected the stages source, ingest; found no ingest$"):
        measure_ingest(bench, [10])


def test_the_phases_are_measured_on_a_table_of_the_asked_rows(bench):
    of_families = {
        name: {"cmd": "python ingest.py"} for name in ("prepare", "eda", "train@lr", "train@xgb", "train@dt")
    }
    graph = {"stages": {**GRAPH["stages"], **of_families}}
    (bench.clone / "dvc.yaml").write_text(yaml.safe_dump(graph), encoding="utf-8")
    assert list(measure_phases(bench, 40)) == list(PHASES)
    assert (bench.clone / "rows.txt").read_text().split() == ["40"] * len(PHASES)
    assert (bench.clone / "params.yaml").read_text() == PARAMS


def test_params_are_put_back_after_a_failure(bench):
    (bench.clone / "ingest.py").write_text("raise SystemExit('broken')\n", encoding="utf-8")
    with pytest.raises(InputError, match="broken"):
        measure_ingest(bench, [10])
    assert (bench.clone / "params.yaml").read_text() == PARAMS


def test_the_phases_are_summed_beside_their_goals():
    usages = {name: Usage(number, 2 * number, 100 * number, "") for number, name in enumerate(PHASES, start=1)}
    stream = io.StringIO()
    Console(file=stream, width=100).print(phases_table(usages, 1_000_000))
    rows = [line.split() for line in stream.getvalue().splitlines()]
    assert "ingest + prepare 3.0 6.0 10 s".split() in rows
    assert "train@lr + train@xgb + train@dt 15.0 30.0 60 s".split() in rows
    assert "highest peak 600 2,000 MB".split() in rows


def test_table_shows_rows_a_second_and_the_peak():
    stream = io.StringIO()
    Console(file=stream, width=80).print(ingest_table([IngestFigures(1_000_000, 46.8, Usage(1.6, 1.9, 279.4, ""))]))
    assert ["1,000,000", "47", "1.6", "1.9", "625,000", "279"] in [
        line.split() for line in stream.getvalue().splitlines()
    ]
