import codecs
import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InputError
from credit.data import delimited
from credit.data.delimited import LINE, read_rows
from credit.data.header import SEPARATORS, header_text, read_header
from credit.data.text_encoding import TEXT_ENCODINGS, detect_encoding

LINE_ENDS = ("\n", "\r\n", "\r")


def read(content: bytes, expected: tuple[str, ...] = ("a", "b")) -> list[dict]:
    stream = io.BytesIO(content)
    encoding = detect_encoding(stream).name
    separator, names = read_header(header_text(stream, encoding)[1], expected)
    return [row for batch in read_rows(stream, names, separator, encoding) for row in batch.to_pylist()]


def fault(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read(content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("encoding", TEXT_ENCODINGS)
@pytest.mark.parametrize("end", LINE_ENDS)
@pytest.mark.parametrize("separator", SEPARATORS)
def test_reads_any_separator_encoding_and_line_end(separator: str, end: str, encoding: str, mark: bytes):
    rows = [("a", "b", "Währung"), ("1", "é", f"x{separator}y"), ("2", "", f'"{end}"'), ("3", "ß", "z")]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    found = read(mark + text.getvalue().encode(encoding))
    assert found == [
        {LINE: line, **dict(zip(rows[0], row, strict=True))} for line, row in zip((2, 3, 5), rows[1:], strict=True)
    ]


# Characters that are not white space, so that only an empty row is a blank one.
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")) | st.sampled_from(
    '\n\r",;\t x'
)
CELLS = st.text(CHARACTERS, max_size=5)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    width = draw(st.integers(1, 4))
    beginnings = st.sampled_from(["a", "a b", "ä,b", "a;", "x\nx", "x\r\nx"])
    names = [f"{draw(beginnings)}{number}" for number in range(width)]
    return names, draw(st.lists(st.lists(CELLS, min_size=width, max_size=width)))


@pytest.mark.slow
@given(tables(), st.sampled_from(list(SEPARATORS)), st.booleans(), st.booleans())
def test_reads_back_what_the_csv_module_wrote(table, separator: str, quote_all: bool, last_line_ends: bool):
    names, rows = table
    text, lines = io.StringIO(newline=""), []
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=separator, quoting=quoting)
    for row in [names, *rows]:
        lines.append(1 + len(re.findall("\r\n|\r|\n", text.getvalue())))
        writer.writerow(row)
    content = text.getvalue() if last_line_ends else text.getvalue().removesuffix("\r\n")
    stream = io.BytesIO(content.encode())
    told, found = read_header(header_text(stream, "utf-8")[1], names)
    assert found == names
    assert told == separator or len(names) == 1
    batches = read_rows(stream, names, separator, "utf-8")
    found = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
    written = [(line, *row) for line, row in zip(lines[1:], rows, strict=True)]
    assert found == [row for row in written if any(cell.strip() for cell in row[1:])]


@pytest.mark.parametrize(
    "cell",
    [
        *("NA", "null", "NaN", "#N/A", "007", "1.50", "true", "2020-01-01", " padded ", 'in"ch', "1e5", "\x1a"),
        "x" * 3_000_000,
    ],
)
def test_a_cell_is_kept_as_it_is_written(cell: str):
    assert read(f"a;b\n{cell};\n".encode()) == [{LINE: 2, "a": cell, "b": ""}]


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        (b"a , b\n01, 02\n", "ab", [(2, "01", " 02")]),
        (b"1974;1975\n01;1.0\n", ("1974", "1975"), [(2, "01", "1.0")]),
        (b'a,b\n\n1,2\n,\n\r\n"",""\n3,4\n\n', "ab", [(3, "1", "2"), (7, "3", "4")]),  # blank ones are counted
        (b"a\n1\n\n2", "a", [(2, "1"), (4, "2")]),
        (b"a,b\n", "ab", []),
        (b"a,b", "ab", []),
    ],
)
def test_reads_what_is_hardly_a_table(content: bytes, names, rows):
    assert [tuple(row.values()) for row in read(content, names)] == rows


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n3\n", "line 3: expected 2 cells as in the header, got 1; the first without a cell is 'b': '3'"),
        (b"a,b\n1,2,3\n", "line 2: expected 2 cells as in the header, got 3: '1,2,3'"),
        (b"a,b\r1,2,3\r", "line 2: expected 2 cells as in the header, got 3: '1,2,3'"),
        (b"a,b\n\n1,2\n\n1,2,3\n", "line 5: expected 2 cells as in the header, got 3: '1,2,3'"),
        (b'a,b\n1,"x\n\r\ny"\n1\n1,2,3\n', "line 5: expected 2 cells as in the header, got 1"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "the first without a cell is 'b'; is a quote never closed?: '\"3,4"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "line 3: expected a closing quote, got the end of the file"),
        (b'a,b\n1,2\n3,"4"""', None),
        (b'a,b\n1,2\n3,"4""', "line 3: expected a closing quote, got the end of the file"),
        (b'a,b\n1,"2\n\n', "line 2: expected a closing quote, got the end of the file"),
        (b'a,b\n1,"2\n\n"', None),
    ],
)  # fmt: skip
def test_refuses_what_is_not_a_table_and_says_where(content: bytes, expected: str | None):
    if expected is None:  # looks alike, and is a table
        assert read(content)
    else:
        assert expected in fault(content)


def test_shows_only_the_beginning_of_a_long_faulty_line():
    assert len(fault(b"a,b\n" + b"1,2," * 100_000)) < 160


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LONGEST_ROW", 1 << 9)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("faulty", [b"1\r\n", b"1,2,3\r\n"])
@pytest.mark.parametrize("before", [0, 1, 40, 100, 500])
@pytest.mark.parametrize("after", [0, 1, 200])
def test_the_line_of_a_fault_is_right_wherever_it_stands_in_a_long_file(faulty: bytes, before: int, after: int):
    content = b"a,b\r\n" + b'1,"x\r\ny"\r\n' * before + faulty + b"1,2\r\n" * after + faulty
    assert fault(content).startswith(f"line {2 + 2 * before}: expected 2 cells")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("before", [0, 1, 40, 100, 126, 127, 128, 500])
def test_the_line_of_a_quote_open_at_the_end_is_right_in_a_long_file(before: int):
    assert fault(b"a,b\n" + b"1,2\n" * before + b'"1,2').startswith(f"line {2 + before}: expected 2 cells")
    assert fault(b"a,b\n" + b"1,2\n" * before + b'1,"2') == (
        f"line {2 + before}: expected a closing quote, got the end of the file"
    )


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("shift", range(12))
def test_line_numbers_are_right_wherever_the_file_is_cut_into_blocks(shift: int):
    content = b"a,b\r\n1," + b"x" * shift + b"\r\n" + b'1,"x\r\ny"\r\n' * 300
    assert [row[LINE] for row in read(content)] == [2, *range(3, 603, 2)]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n3," + b"x" * 2000, "or below: expected rows of at most 0 MiB, got a longer one; is a quote never"),
        (b"a,b\n" + b"1,2\n" * 500 + b'3,"x\n' + b"1,2\n" * 500, "line 502 or below: expected rows of at most"),
    ],
)
def test_refuses_a_row_that_no_block_can_hold(content: bytes, expected: str):
    assert expected in fault(content)
