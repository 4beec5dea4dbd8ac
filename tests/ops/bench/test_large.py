"""Tables of many rows, and what is measured on them."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv

from credit.core.errors import InputError
from ops.bench.large import PHASES, ingest_table, measure_ingest, measure_phases, phases_table
from ops.bench.large_table import AT_ONCE, large_table, main
from ops.bench.resource_usage import Usage

PARAMS = "# kept\ningest:\n  source: small.csv\n"
SOURCE = "printf 'id,amount\\n1,200\\n2,300\\n' > small.csv"
COUNT = "tail -n +2 $(sed -n 's/.*source: //p' params.yaml) | wc -l >> rows.txt"


@pytest.mark.slow
def test_stages_are_measured_on_tables_of_the_asked_rows(bench):
    train = {"matrix": {"model": ["lr", "xgb", "dt"]}, "cmd": f"{COUNT} # ${{item.model}}"}
    project = bench(
        {"source": SOURCE, "ingest": COUNT, "prepare": COUNT, "eda": COUNT, "train": train}, params_yaml=PARAMS
    )
    (few, smaller, _), (many, larger, _) = measure_ingest(project, [30, 50])
    assert (few, many) == (30, 50)
    assert larger > smaller > 0
    assert list(measure_phases(project, 40)) == list(PHASES)
    assert (project.clone / "rows.txt").read_text().split() == ["30", "50"] + ["40"] * len(PHASES)
    assert (project.clone / "params.yaml").read_text() == PARAMS
    assert not (project.scratch / "large.csv").exists()


@pytest.mark.slow
def test_params_are_put_back_after_a_failure(bench):
    project = bench({"source": SOURCE, "ingest": "echo broken; false"}, params_yaml=PARAMS)
    with pytest.raises(InputError, match="broken"):
        measure_ingest(project, [10])
    assert (project.clone / "params.yaml").read_text() == PARAMS


def test_tables_show_speed_sums_and_peaks_beside_their_goals(rows_of):
    rows = rows_of(ingest_table([(1_000_000, 46.8, Usage(1.6, 1.9, 279.4, ""))]))
    assert ["1,000,000", "47", "1.6", "1.9", "625,000", "279"] in rows
    usages = {name: Usage(number, 2 * number, 100 * number, "") for number, name in enumerate(PHASES, start=1)}
    rows = rows_of(phases_table(usages, 1_000_000))
    assert "ingest + prepare 3.0 6.0 10 s".split() in rows
    assert "train@lr + train@xgb + train@dt 15.0 30.0 60 s".split() in rows
    assert "highest peak 600 2,000 MB".split() in rows


@pytest.fixture
def small():
    rows = np.arange(400)
    return pa.table({"amount": 1_000 + rows, "code": rows % 4, "purpose": [f"p{row % 3}" for row in rows]})


def test_codes_and_text_are_those_of_the_table_and_numbers_near_them(small):
    table = pa.concat_tables(large_table(small, 5_000, seed=1)).to_pandas()
    assert set(table["code"]) == {0, 1, 2, 3}
    pairs = set(zip(small["code"].to_pylist(), small["purpose"].to_pylist(), strict=True))
    assert set(zip(table["code"], table["purpose"], strict=True)) <= pairs
    assert table["amount"].between(700, 1_900).all()
    assert table["amount"].nunique() > len(small)


def test_rows_are_drawn_by_the_seed_a_bounded_number_at_a_time(small):
    assert [len(part) for part in large_table(small, AT_ONCE + 7, seed=1)] == [AT_ONCE, 7]
    first, again, other = (next(large_table(small, 50, seed)) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_program_writes_a_csv(small, tmp_path):
    csv.write_csv(small, tmp_path / "small.csv")
    main(str(tmp_path / "small.csv"), "25", str(tmp_path / "large.csv"))
    written = csv.read_csv(tmp_path / "large.csv")
    assert (len(written), written.column_names) == (25, small.column_names)
