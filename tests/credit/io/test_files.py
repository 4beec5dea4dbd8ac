import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from credit.core import fonts
from credit.core.errors import InputError
from credit.core.records import Record
from credit.core.style import note_only
from credit.io import files
from credit.io.files import (
    SECTIONS,
    as_plain,
    copy,
    read_dictionary,
    read_json,
    read_model,
    read_params,
    read_parquet,
    read_yaml,
    replacing,
    write_csv,
    write_figure,
    write_json,
    write_model,
    write_parquet,
)


class Ingest(Record):
    source: Path


class Params(Record):
    ingest: Ingest


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_and_its_directories_appear_when_the_block_ends_well(tmp_path: Path):
    target = tmp_path / "a/b/out.txt"
    with replacing(target) as temporary:
        temporary.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert listing(target.parent) == ["out.txt"]


@pytest.mark.parametrize("before", [None, "old"])
def test_a_failing_block_leaves_what_was_there_and_nothing_else(tmp_path: Path, before: str | None):
    target = tmp_path / "out.txt"
    if before:
        target.write_text(before)

    with pytest.raises(KeyboardInterrupt), replacing(target) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert listing(tmp_path) == (["out.txt"] if before else [])
    assert not before or target.read_text() == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: [1", "p.yaml, line 1, column 6: expected valid YAML, got a fault: "),
        (b"a: 1\nb: c: d", "p.yaml, line 2, column 5: expected valid YAML, got a fault: "),
        (b"a: 1\n\tb: 2", "p.yaml, line 2, column 1: expected valid YAML, got a fault: "),
        (b"a: \x01", "p.yaml: expected valid YAML, got a fault: "),
        (b"a: 2026-02-30", "p.yaml: expected valid YAML, got a fault: day "),
        (b"a: 1\nb: {c: 1, c: 2}", "p.yaml, line 2, column 11: expected valid YAML, got a fault: the key 'c' twice"),
        (b"a: \xe4", "p.yaml: expected a YAML file in UTF-8, got another encoding"),
        (None, "p.yaml: expected a YAML file, got no such file"),
    ],
)
def test_malformed_yaml_is_one_line_that_says_where(workspace: Path, write, content: bytes | None, expected: str):
    if content is not None:
        write("p.yaml", content)
    with pytest.raises(InputError) as caught:
        read_yaml("p.yaml")
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)


def test_yaml_may_repeat_a_key_in_different_mappings_and_merge(workspace: Path, write):
    write("p.yaml", "x: &x {a: 1, b: 2}\ny: {<<: *x, a: 3}\n1: one\n'1': text\n")
    assert read_yaml("p.yaml") == {"x": {"a": 1, "b": 2}, "y": {"a": 3, "b": 2}, 1: "one", "1": "text"}


def test_reads_the_sections_a_record_has_fields_for(workspace: Path, write):
    write("params.yaml", "model: best\nseed: 1\ningest:\n  source: x.csv\n")
    assert read_params(Params) == Params(ingest=Ingest(source=Path("x.csv")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"params.yaml: expected the sections {', '.join(SECTIONS)}, got an empty file"),
        ("- a", f"params.yaml: expected the sections {', '.join(SECTIONS)}, got a list"),
        ("sed: 1", f"params.yaml: unknown key 'sed'; expected one of {', '.join(SECTIONS)}"),
        ("seed: 1", "params.yaml: 'ingest' is missing"),
        ("ingest:", "params.yaml: 'ingest' must be a mapping of keys to values, got nothing"),
        ("ingest: {sourse: x}", "params.yaml: unknown key 'ingest.sourse'; expected one of source; 1 more fault"),
        ("ingest: {source: 5}", "params.yaml: 'ingest.source' must be the path of a file, got 5"),
    ],
)
def test_wrong_params_are_one_line(workspace: Path, write, text: str, expected: str):
    write("params.yaml", text)
    with pytest.raises(InputError) as caught:
        read_params(Params)
    assert str(caught.value) == expected


def test_old_keys_of_a_dictionary_are_read_with_one_line_that_says_so(workspace: Path, caplog):
    present = read_dictionary()
    assert not caplog.records
    text = (path := Path("data/dictionary.yaml")).read_text(encoding="utf-8")
    text = text.replace("actionable:", "changeable:").replace("monotonicity:", "expected_pd:")
    path.write_text(text.replace(": increasing", ": rising").replace(": decreasing", ": falling"), encoding="utf-8")
    assert read_dictionary() == present
    (line,) = caplog.messages
    assert line.startswith("data/dictionary.yaml: ")
    assert line.endswith("'changeable' is now 'actionable', 'expected_pd' is now 'monotonicity'")


def test_json_is_sorted_rounded_and_ends_in_a_line_end(tmp_path: Path):
    values = {"b": np.float64(1 / 3), "a": [np.int64(1), float("nan"), -1e-9, True, None], "ä": (1, np.array([0.5]))}
    write_json(tmp_path / "x.json", values)
    text = (tmp_path / "x.json").read_bytes().decode()
    assert text.endswith("}\n")
    assert list(json.loads(text)) == ["a", "b", "ä"]
    assert "-0.0" not in text
    assert '"ä"' in text
    assert read_json(tmp_path / "x.json") == {"a": [1, None, 0, True, None], "b": 0.333333, "ä": [1, [0.5]]}


class Bin(Record):
    edge: float


@pytest.mark.parametrize(
    "values",
    [
        {"a": (1, [np.float64(1 / 3)]), "b": None},
        {"a": [-1e-7, True, "x"]},
        {1: {"c": np.array([[2], [3]])}},
        Bin(edge=0.1234567),
    ],
)
def test_plain_values_are_what_is_read_back_of_written_ones(tmp_path: Path, values):
    write_json(tmp_path / "x.json", values)
    assert read_json(tmp_path / "x.json") == as_plain(values)


def test_csv_is_rounded_without_index_and_with_plain_line_ends(tmp_path: Path):
    table = pd.DataFrame({"n": [1, 2], "x": [1 / 3, 100.0], "y": [-1e-9, np.nan], "z": ["a,b", None]})
    write_csv(tmp_path / "x.csv", table)
    assert (tmp_path / "x.csv").read_bytes() == b'n,x,y,z\n1,0.333333,0,"a,b"\n2,100,,\n'


def test_parquet_is_read_back_as_written_and_is_the_same_bytes_each_time(tmp_path: Path):
    table = pd.DataFrame({"line": [2, 3], "x": [0.1, np.nan], "t": pd.Series(["a", None], dtype="str")}, index=[5, 9])
    for name in ("1.parquet", "2.parquet"):
        write_parquet(tmp_path / name, table)
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "1.parquet"), table.reset_index(drop=True))
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_a_copy_is_byte_for_byte(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"\0\r\n\xff")
    copy(tmp_path / "a", tmp_path / "b/c")
    assert (tmp_path / "b/c").read_bytes() == b"\0\r\n\xff"


@pytest.mark.parametrize(
    ("read", "expected"), [(read_parquet, "expected a Parquet file, got"), (read_json, "expected JSON in UTF-8, got")]
)
def test_an_absent_or_damaged_file_is_one_line(workspace: Path, write, read, expected: str):
    with pytest.raises(InputError, match=r"^x: expected the file that an earlier stage writes, got no such file$"):
        read("x")
    write("x", b"PAR1\n{\xff")
    with pytest.raises(InputError, match=rf"^x: {expected}[^\n]*$"):
        read("x")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "expected the key 'rows', got none; run `dvc repro`"),
        ('{"a": 1, "b": 2}', "expected the key 'rows', got a, b; run `dvc repro`"),
        ('{"rows": {"a": 1}}', "expected the key 'bad', got a; run `dvc repro`"),
        (json.dumps(dict.fromkeys(map(str, range(99)))), "expected the key 'rows', got 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,"),
        ("[1]", "expected a JSON object, got a list"),
        ("null", "expected a JSON object, got a NoneType"),
    ],
)
def test_a_file_of_metrics_that_lacks_a_key_is_one_line(workspace: Path, write, content: str, said: str):
    write("x.json", content)
    with pytest.raises(InputError) as caught:
        read_json("x.json")["rows"]["bad"]
    assert str(caught.value).startswith(f"x.json: {said}")
    assert len(str(caught.value)) < 140


def test_an_absent_or_damaged_model_is_one_line(tmp_path: Path):
    with pytest.raises(InputError, match=r"x: expected the model that an earlier stage writes, got no such file$"):
        read_model(tmp_path / "x")
    write_model(tmp_path / "whole", make_pipeline(StandardScaler(), LogisticRegression()).fit(np.eye(4), [0, 1, 0, 1]))
    whole = (tmp_path / "whole").read_bytes()
    write_model(tmp_path / "x", {"model": 1})
    with pytest.raises(InputError, match=r"x: expected a saved model, got a dict: run `dvc checkout`$"):
        read_model(tmp_path / "x")
    renamed = whole.replace(b"LogisticRegression", b"LogisticRegressior")
    for content in (*(whole[:end] for end in range(0, len(whole) - 1, 37)), renamed, b"<html>", b"{}", bytes(99)):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(
            InputError, match=r"x: expected a saved model, got a damaged file \(.*\): run `dvc checkout`$"
        ):
            read_model(tmp_path / "x")


def test_text_columns_of_a_parquet_file_are_read_as_categories_where_this_is_asked_for(tmp_path: Path):
    table = pd.DataFrame({"home": ["own", "", "own"], "town": ["Ulm", "Bonn", "Ulm"]}, dtype="str")
    write_parquet(tmp_path / "t.parquet", table)
    read = read_parquet(tmp_path / "t.parquet", categories=["home", "absent"])
    assert read["home"].dtype == "category"
    pd.testing.assert_frame_equal(read.astype("str"), table)
    pd.testing.assert_series_equal(read["town"], table["town"])


def test_of_letters_that_no_font_has_a_picture_tells_once_a_font(tmp_path: Path, monkeypatch, caplog):
    monkeypatch.setattr(fonts, "families", lambda: (fonts.USUAL,))
    monkeypatch.setattr(files, "_FONTS_TOLD", set())
    for text in ("Größe", "谷", "ก 谷", "川"):
        write_figure(tmp_path / "x.png", note_only(text, text))
    said = "x.png: boxes stand for letters such as {}, which no font here has: install Noto Sans {}, and remove matp"
    han, thai = caplog.messages
    assert said.format("谷", "CJK") in han
    assert said.format("ก", "Thai") in thai
