"""Tables of many rows, and what is measured on them."""

import numpy as np
import pyarrow as pa
import pytest

from credit.core.errors import InputError
from ops.bench.large import PHASES, measure_ingest, measure_phases
from ops.bench.large_table import AT_ONCE, large_table
from ops.bench.measure import ResourceUsage

PARAMS = "# kept\ningest:\n  source: small.csv\n"
SOURCE = "printf 'id,amount\\n1,200\\n2,300\\n' > small.csv"
COUNT = "tail -n +2 $(sed -n 's/.*source: //p' params.yaml) | wc -l >> rows.txt"


@pytest.mark.slow
def test_stages_are_measured_on_tables_of_the_asked_rows(bench, rows_of):
    train = {"matrix": {"model": ["lr", "xgb", "dt"]}, "cmd": f"{COUNT} # ${{item.model}}"}
    project = bench(
        {"source": SOURCE, "ingest": COUNT, "prepare": COUNT, "eda": COUNT, "train": train}, params_yaml=PARAMS
    )
    assert [line[0] for line in rows_of(measure_ingest(project)) if line and line[0].isdigit()] == ["40", "30"]
    assert {*PHASES} <= {line[0] for line in rows_of(measure_phases(project)) if line}
    assert (project.clone / "rows.txt").read_text().split() == ["40", "30"] + ["30"] * len(PHASES)
    assert (project.clone / "params.yaml").read_text() == PARAMS
    assert not (project.scratch / "large.csv").exists()


@pytest.mark.slow
def test_params_are_put_back_after_a_failure(bench):
    project = bench({"source": SOURCE, "ingest": "echo broken; false"}, params_yaml=PARAMS)
    with pytest.raises(InputError, match="broken"):
        measure_ingest(project)
    assert (project.clone / "params.yaml").read_text() == PARAMS


def test_tables_show_speed_sums_and_peaks_beside_their_goals(played, rows_of, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("clone/params.yaml", PARAMS)
    write("large.csv", "x" * 1_500_000)
    usages = {
        name: ResourceUsage(float(number), 2.0 * number, 100 * number, "")
        for number, name in enumerate(PHASES, start=1)
    }
    project = played({"source": ResourceUsage(1.0, 1.0, 1, ""), **usages}, rows=[1_000_000])
    assert "1,000,000 2 1.0 2.0 1,000,000 100".split() in rows_of(measure_ingest(project))
    write("large.csv", "x")
    rows = rows_of(measure_phases(project))
    assert "ingest + prepare 3.0 6.0 10 s".split() in rows
    assert "train@lr + train@xgb + train@dt 15.0 30.0 60 s".split() in rows
    assert "highest peak 600 2,000 MB".split() in rows


@pytest.fixture
def small():
    rows = np.arange(400)
    return pa.table({"amount": 1_000 + rows, "code": rows % 4, "purpose": [f"p{row % 3}" for row in rows]})


def test_rows_are_like_those_of_the_table_and_drawn_by_the_seed_a_bounded_number_at_a_time(small):
    parts = list(large_table(small, AT_ONCE + 7, seed=1))
    assert [len(part) for part in parts] == [AT_ONCE, 7]
    table = parts[0].slice(0, 5_000).to_pandas()
    pairs = set(zip(small["code"].to_pylist(), small["purpose"].to_pylist(), strict=True))
    assert set(zip(table["code"], table["purpose"], strict=True)) == pairs
    assert table["amount"].between(700, 1_900).all()
    assert table["amount"].nunique() > len(small)
    first, again, other = (next(large_table(small, 50, seed)) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
