import io
from datetime import UTC, date, datetime, time
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.data.cell_text import cell_text, has_text

THEN = datetime(2026, 11, 23, 12, 30, 5, 60_000)
DAY = datetime(2026, 11, 23)


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (pa.array([12, -3, None]), ["12", "-3", ""]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([12.0, 0.1, float("nan"), None, 1e300, -0.0]), ["12.0", "0.1", "", "", "1e+300", "-0.0"]),
        (pa.array([0.1, 12.0], pa.float32()), ["0.1", "12.0"]),
        (pa.array([0.5, 12.0], pa.float16()), ["0.5", "12.0"]),
        (pa.array([float("inf")]), ["inf"]),
        (pa.array([True, False, None]), ["True", "False", ""]),
        (pa.array([Decimal("12.50"), None]), ["12.50", ""]),
        (pa.array([date(2026, 11, 23), None]), ["2026-11-23", ""]),
        (pa.array([date(2026, 11, 23)], pa.date64()), ["2026-11-23"]),
        *((pa.array([DAY, None], pa.timestamp(unit)), ["2026-11-23", ""]) for unit in ("s", "ms", "us", "ns")),
        (pa.array([THEN, DAY], pa.timestamp("ns")), ["2026-11-23T12:30:05.06", "2026-11-23"]),
        (pa.array([datetime(2026, 11, 23, 10)], pa.timestamp("s")), ["2026-11-23T10:00:00"]),
        (pa.array([datetime(2026, 11, 23, 10, tzinfo=UTC)], pa.timestamp("s", "Asia/Tokyo")), ["2026-11-23T10:00:00Z"]),
        (pa.array([datetime(9999, 12, 31)], pa.timestamp("us")), ["9999-12-31"]),
        (pa.array([time(12, 30)], pa.time32("s")), ["12:30:00"]),
        (pa.array([" Köln ", "", None]), [" Köln ", "", ""]),
        (pa.array(["Köln"], pa.large_string()), ["Köln"]),
        (pa.array(["Köln"], pa.string_view()), ["Köln"]),
        (pa.array(["Köln".encode(), None]), ["Köln", ""]),  # old writers do not say that bytes are text
        (pa.array([b"ab"], pa.binary(2)), ["ab"]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", "", "a"]),
        (pa.array([1.0, None]).dictionary_encode(), ["1.0", ""]),
        (pa.nulls(2), ["", ""]),
    ],
)  # fmt: skip
def test_a_typed_cell_is_written_as_in_a_csv_file(cells, text):
    assert has_text(cells.type)
    assert cell_text(cells).to_pylist() == text
    assert cell_text(cells.slice(len(cells) - 1)).to_pylist() == text[-1:]


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.int64()),
        pa.struct({"x": pa.int64()}),
        pa.map_(pa.string(), pa.int64()),
        pa.duration("s"),
        pa.dictionary(pa.int8(), pa.list_(pa.int8())),
    ],
)
def test_a_cell_of_many_values_has_no_text(kind):
    assert not has_text(kind)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(pa.ArrowInvalid):
        cell_text(pa.array([b"\xff"]))


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(NUMBERS, min_size=1), st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_numbers_are_written_so_that_they_are_read_as_the_same(floats, integers):
    assert [float(text) for text in cell_text(pa.array(floats)).to_pylist()] == floats
    assert all(not text.lstrip("-").isdigit() for text in cell_text(pa.array(floats)).to_pylist())
    assert [int(text) for text in cell_text(pa.array(integers)).to_pylist()] == integers
    singles = np.array([value for value in floats if abs(value) < 1e38], dtype="f4")
    text = cell_text(pa.array(singles)).to_pylist()
    assert np.array_equal(np.array(text, dtype="f8").astype("f4"), singles)


@given(st.lists(NUMBERS | st.floats(-1e17, 1e17).map(round).map(float)))
def test_numbers_are_written_as_pandas_does(values):
    written = pd.DataFrame({"x": values}).to_csv(index=False, header=False, lineterminator="\n")
    assert cell_text(pa.array(values, pa.float64())).to_pylist() == list(map(str.strip, io.StringIO(written)))
