import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.core.errors import InputError
from credit.data import header
from credit.data.delimited import read_rows
from credit.data.header import go_to_header, header_text, read_header


def fault(content: bytes, *expected: str) -> str:
    with pytest.raises(InputError) as caught:
        line, text = header_text(io.BytesIO(content), "utf-8")
        read_header(text, expected, line)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("header", "expected", "separator", "names"),
    [
        ("a,b;c", {"a", "b;c"}, ",", ["a", "b;c"]),
        ("a,b;c", {"a,b", "c"}, ";", ["a,b", "c"]),
        ("loan amount;purpose;bad", {"bad"}, ";", ["loan amount", "purpose", "bad"]),
        ("\ufeffa\tb\r\n", {"a"}, "\t", ["a", "b"]),
        ('"a b" "c"', {"c"}, " ", ["a b", "c"]),
        ("a ; b", {"a", "b"}, ";", ["a", "b"]),
        ("a|b", {"a"}, ",", ["a|b"]),
        ("x;y;z", {"a"}, ";", ["x", "y", "z"]),
    ],
)
def test_the_separator_is_the_one_that_makes_most_expected_names(header, expected, separator, names):
    assert read_header(header, expected) == (separator, names)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (",a,b", ["unnamed column 1", "a", "b"]),  # the index of a pandas table
        ("a;b;", ["a", "b", "unnamed column 3"]),
        ("a,,b,", ["a", "unnamed column 2", "b", "unnamed column 4"]),
        ("a,x,x,x", ["a", "x (1)", "x (2)", "x (3)"]),
        ("a,x,x (1),x", ["a", "x (2)", "x (1)", "x (3)"]),
        ("a,,unnamed column 2", ["a", "unnamed column 2 (1)", "unnamed column 2 (2)"]),
    ],
)
def test_columns_without_a_name_or_with_the_same_are_told_apart(header: str, names: list[str]):
    assert read_header(header, {"a", "b"})[1] == names


@given(st.lists(st.sampled_from(["", "x", "y", "x (1)", "x (2)", "unnamed column 1"]), max_size=12))
def test_all_names_are_different_and_those_that_were_stay(names: list[str]):
    found = read_header(",".join(["a", "b", *names]), {"a", "b"})[1]
    assert len(set(found)) == len(found) == len(names) + 2
    assert {name for name in names if name and names.count(name) == 1} - {"unnamed column 1"} <= set(found)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (codecs.BOM_UTF8, "line 1: expected the names of the columns, got a blank line"),
        (b"\n\na,b\n1,2\n", "line 1: expected the names of the columns, got a blank line"),
        (b"sep=;\n\n", "line 2: expected the names of the columns, got a blank line"),
        (b",,\n1,2,3\n", "line 1: expected the names of the columns, got a line of 3 characters without any"),
        (
            b"a,x,a\n",
            "line 1: expected different names, got the column 'a' 2 times; 'source: a (1)' is the first",
        ),
        (b"sep=,\na, b,b \n", "line 2: expected different names, got the column 'b' 2 times"),
    ],
)
def test_refuses_what_is_no_header_and_says_where(content: bytes, expected: str):
    assert fault(content, "a", "b").startswith(expected)


def test_refuses_a_header_without_an_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(header, "LONGEST_HEADER", 1 << 9)
    said = fault(b'"a,b\n' + b"1,2\n" * 500)
    assert said == "line 1: expected the names of the columns, got over 0 million characters"


def test_a_line_beyond_what_the_csv_module_takes_has_no_names():
    before = csv.field_size_limit(100_000)
    try:
        assert fault(b"x" * 200_000).endswith(
            "expected the names of the columns, got a line of 200000 characters without any"
        )
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("hint", [b"sep=;\r\n", b"SEP=;\n", b'"sep=;"\r', b"sep=\t\n"])
def test_the_line_that_tells_excel_the_separator_is_passed_over_and_counted(mark: bytes, hint: bytes):
    stream = io.BytesIO(mark + hint + b"a;b\r\n1;2\r\n\r\n3;4\r\n")
    assert go_to_header(stream) == 2
    assert header_text(stream, "utf-8") == (2, "a;b\r\n")
    rows = [row for batch in read_rows(stream, ["a", "b"], ";", "utf-8") for row in batch.to_pylist()]
    assert rows == [{"line": 3, "a": "1", "b": "2"}, {"line": 5, "a": "3", "b": "4"}]
    with pytest.raises(InputError, match=r"^line 4: expected 2 cells as in the header, got 1"):
        list(read_rows(io.BytesIO(mark + hint + b"a;b\n1;2\n3\n"), ["a", "b"], ";", "utf-8"))


@pytest.mark.parametrize("content", [b"sep=;a;b\n1;2;3\n", b"separator;b\n", b"sep;b\n", b"sep="])
def test_a_header_that_begins_alike_is_one(content: bytes):
    assert go_to_header(io.BytesIO(content)) == 1
