"""An applicant in a person's own file: what is read of it, and what is refused with one line."""

import json
from pathlib import Path

import pytest

from credit.core.errors import InputError
from credit.io.files import read_dictionary
from ops.applicant_file import read_applicant

FEATURES = ["duration", "status", "age"]
RISKY = {"duration": 60, "status": 1, "age": 25}
FILE = Path("applicant.json")


@pytest.fixture
def refused(workspace):
    def read(written: str | bytes) -> str:
        FILE.write_bytes(written.encode() if isinstance(written, str) else written)
        with pytest.raises(InputError) as caught:
            read_applicant(FILE, FEATURES, read_dictionary())
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return read


def test_values_are_read_as_prepared_and_null_is_not_known(workspace):
    FILE.write_text('{"age": null, "status": "1", "duration": 60, "savings": 2}', encoding="utf-8")
    read = read_applicant(FILE, FEATURES, read_dictionary())
    assert list(read.columns) == FEATURES
    assert read[["duration", "status"]].to_numpy().tolist() == [[60.0, 1.0]]
    assert read["age"].isna().all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"duration": 794}, "'duration' must be 4-72 months, got 794"),
        ({"duration": "long"}, "'duration' must be 4-72 months, got \"long\""),
        ({"status": 9}, "'status' must be one of 1, 2, 3, 4, got 9"),
        ({"status": True}, "'status' must be a number, text or null, got true"),
        ({"status": [1]}, "'status' must be a number, text or null, got [1]"),
        ({"income": 1}, "unknown column 'income'; expected status, duration, "),
        ({"bad": 1}, "unknown column 'bad'; expected status, duration, "),
    ],
)
def test_what_the_dictionary_does_not_allow_is_refused(changes, message, refused):
    assert refused(json.dumps({**RISKY, **changes})).startswith(f"applicant.json: {message}")


def test_the_end_of_a_range_is_written_in_full(refused):
    path = Path("data/dictionary.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("[4, 72]", "[0.5, 12345678]"), encoding="utf-8")
    assert "'duration' must be 0.5-12345678 months, got 1" in refused(json.dumps({**RISKY, "duration": 10**9}))


OF_A_LENDER = """
columns:
  rate: {role: numeric, number: {suffix: "%", divisor: 100}}
  bureau: {role: numeric, range: [300, 850], missing: {-9999: no bureau record}}
  bureau_missing: {role: nominal, why_missing: bureau}
  y: {role: target, codes: {0: "", 1: ""}, bad_codes: [1]}
"""


@pytest.mark.parametrize(
    ("described", "values"),
    [
        ({"rate": "9.5%", "bureau": 602}, [0.095, 602, "known"]),
        ({"rate": 0.095, "bureau": "602.0"}, [0.095, 602, "known"]),  # a number of JSON is one already
        ({"rate": None, "bureau": -9999}, [None, None, "-9999"]),
        ({"rate": None, "bureau": None}, [None, None, None]),
    ],
)
def test_text_is_read_by_the_columns_form_and_a_code_says_why_there_is_no_value(workspace, write, described, values):
    write("data/dictionary.yaml", OF_A_LENDER)
    FILE.write_text(json.dumps(described), encoding="utf-8")
    read = read_applicant(FILE, ["rate", "bureau", "bureau_missing"], read_dictionary()).astype("object")
    assert read.where(read.notna(), None).iloc[0].tolist() == values
    FILE.write_text(json.dumps({**described, "bureau_missing": "known"}), encoding="utf-8")
    with pytest.raises(InputError, match="unknown column 'bureau_missing'; expected rate, bureau"):
        read_applicant(FILE, ["rate"], read_dictionary())


NO_JSON = "expected a JSON file with an applicant, got a fault: "


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('{"duration": 6, "status": 1}', "'age' is missing; null says that it is not known"),
        ('{"duration": 1e999, "status": 1, "age": 25}', "'duration' must be 4-72 months, got Infinity"),
        ("[1]", "expected a JSON object of columns and values, got a list"),
        ("{", f"{NO_JSON}Expecting property name"),
        ("", f"{NO_JSON}Expecting value"),
        ('{"age": "\\ud800"}', f"{NO_JSON}'utf-8' codec can't encode"),
        ("[" * 5000, f"{NO_JSON}maximum recursion depth"),
        (b'{"age": "\xff"}', f"{NO_JSON}'utf-8' codec can't decode"),
        ('{"age": -Infinity}', f"{NO_JSON}-Infinity, which is no JSON; null says that a value is not known"),
        ('{"status": 1, "status": null}', f"{NO_JSON}'status' twice"),
    ],
)
def test_what_is_no_description_is_refused(written, message, refused):
    assert refused(written).startswith(f"applicant.json: {message}")
