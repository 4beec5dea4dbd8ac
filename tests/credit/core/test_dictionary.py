from datetime import date, datetime

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.present_keys import with_present_keys
from credit.core.ranges import POSSIBLE_DAYS
from credit.core.records import check
from credit.data.cells import read_cells

TARGET = "y: {role: target, codes: {good: repaid, bad: default}, bad_codes: [bad]}"


def values_of(*columns: str) -> dict:
    return yaml.safe_load("columns:\n" + "".join(f"  {column}\n" for column in columns))


def read(*columns: str) -> Dictionary:
    return check(Dictionary, values_of(*columns), "d.yaml")


def test_a_column_is_called_the_same_in_the_file_unless_said_otherwise():
    dictionary = read(TARGET, "income: {role: numeric, source: LOAN INCOME}")
    assert (dictionary.source("income"), dictionary.source("y")) == ("LOAN INCOME", "y")


def test_meaning_of_a_code_is_its_label_or_the_code_itself():
    dictionary = read(TARGET, "town: {role: nominal}", "rating: {role: ordinal, codes: {1: low, 2: high}}")
    assert dictionary.meaning("y", "bad") == "default"
    assert dictionary.meaning("rating", 2) == "high"
    assert dictionary.meaning("town", "Ulm") == "Ulm"
    assert dictionary.meaning("rating", 9) == "9"


def test_nothing_is_actionable_or_monotonic_unless_said():
    column = read(TARGET, "income: {role: numeric}").columns["income"]
    assert (column.actionable, column.monotonicity) == (False, None)


def test_codes_that_are_neither_good_nor_bad_are_indeterminate_where_the_good_ones_are_named():
    codes = "codes: {paid: a, late: b, current: c}, bad_codes: [late]"
    assert read(f"y: {{role: target, {codes}}}", "x: {role: numeric}").columns["y"].indeterminate_codes == []
    told = read(f"y: {{role: target, {codes}, good_codes: [paid]}}", "x: {role: numeric}")
    assert told.columns["y"].indeterminate_codes == ["current"]


def test_a_column_that_says_why_another_has_no_value_has_its_codes_and_stands_in_no_column_of_the_file():
    bureau = (
        "bureau: {role: numeric, source: BUREAU, required: false, missing: {-9999: no record, '.': '', 1900-01-01: ''}}"
    )
    dictionary = read(TARGET, "why: {role: nominal, why_missing: bureau}", bureau)
    why = dictionary.columns["why"]
    assert why.codes == {"known": "known", "-9999": "no record", ".": ".", "1900-01-01": "1900-01-01"}
    assert (dictionary.source("why"), why.required) == ("BUREAU", False)
    assert dictionary.meaning("why", "-9999") == "no record"


def test_old_keys_of_a_column_are_read_and_named():
    values = values_of(
        TARGET,
        "income: {role: numeric, expected_pd: falling, range: [0, 9]}",
        "term: {changeable: true, role: numeric, expected_pd: rising}",
        "town: {role: nominal, actionable: true, label: rising}",
    )
    present, old = with_present_keys(values)
    assert list(old.items()) == [("changeable", "actionable"), ("expected_pd", "monotonicity")]
    assert check(Dictionary, present, "d.yaml") == read(
        TARGET,
        "income: {role: numeric, monotonicity: decreasing, range: [0, 9]}",
        "term: {actionable: true, role: numeric, monotonicity: increasing}",
        "town: {role: nominal, actionable: true, label: rising}",
    )
    assert with_present_keys(present) == (present, {})


@pytest.mark.parametrize("values", [None, [1], {"columns": None}, {"columns": {"x": None}}, {"column": {}}])
def test_what_is_no_dictionary_is_left_to_be_refused(values):
    assert with_present_keys(values) == (values, {})


def test_an_old_key_beside_the_present_one_is_unknown():
    both = values_of(TARGET, "x: {role: numeric, changeable: true, actionable: false}")
    with pytest.raises(InputError, match=r"unknown key 'columns\.x\.changeable'"):
        check(Dictionary, with_present_keys(both)[0], "d.yaml")


def test_values_in_words_have_their_unit_or_are_the_meaning_of_their_code():
    dictionary = read(
        TARGET,
        "amount: {role: numeric, unit: DM, label: credit amount}",
        "debt_ratio: {role: numeric}",
        "rating: {role: ordinal, codes: {1: low, 2: high}}",
        "town: {role: nominal}",
        "x_: {role: numeric}",
    )
    assert dictionary.in_words("amount", 12345.0) == "12,345 DM"
    assert dictionary.in_words("debt_ratio", 0.35) == "0.35"
    assert dictionary.in_words("rating", 2.0) == "high"  # prepared codes are floats
    assert dictionary.in_words("town", "Ulm") == "Ulm"
    assert {dictionary.in_words(name, float("nan")) for name in ("amount", "rating", "town")} == {"not known"}
    assert dictionary.in_words("town", None) == "not known"
    assert (dictionary.title("amount"), dictionary.title("debt_ratio")) == ("credit amount", "debt ratio")
    assert dictionary.title("x_") == "x_"


@pytest.mark.parametrize(
    ("codes", "are_integers"),
    [("{0: a, 1: b}", True), ("{'0': a, '1': b}", False), ("{Y: a, N: b}", False), ("{'01': a, '02': b}", False)],
)
def test_codes_keep_the_type_they_are_written_in(codes: str, are_integers: bool):
    column = read(TARGET, f"x: {{role: nominal, codes: {codes}}}").columns["x"]
    assert list(column.codes) == list(yaml.safe_load(codes))
    assert {type(code) for code in column.codes} == {int if are_integers else str}
    assert column.has_integer_codes is are_integers


@pytest.mark.parametrize("column", ["x: {role: nominal}", "x: {role: nominal, codes: {}}", "x: {role: numeric}"])
def test_a_column_without_codes_has_no_integer_codes(column: str):
    assert not read(TARGET, column).columns["x"].has_integer_codes


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("x: {role: date}", "must be 'numeric', 'nominal', 'ordinal', 'target', 'time' or 'ignored', got 'date'"),
        ("x: {role: numeric, codes: {1: a}}", "'columns.x' must be a column without codes, for its role is numeric"),
        ("x: {role: nominal, range: [1, 2]}", "'columns.x' must be a column without a range, for its role is nominal"),
        ("x: {role: numeric, range: [5, 1]}", "'columns.x.range' must be two numbers, [lowest, highest], got [5, 1]"),
        ("x: {role: numeric, range: [5]}", "'columns.x.range' must be two numbers, [lowest, highest], got [5]"),
        ("x: {role: numeric, range: [1, 2, 3]}", "must be two numbers, [lowest, highest], got [1, 2, 3]"),
        ("x: {role: numeric, range: 4-72}", "must be two numbers, [lowest, highest], got '4-72'"),
        ("x: {role: numeric, range: 4}", "must be two numbers, [lowest, highest], got 4"),
        ("x: {role: numeric, range: [low, 5]}", "must be two numbers, [lowest, highest], got ['low', 5]"),
        ("x: {role: ordinal}", "'columns.x' must be a column with codes, for its role is ordinal"),
        ("x: {role: nominal, codes: {0: a, none: b}}", "all numbers or all text (quoted), got [0, 'none']"),
        # YAML 1.1 reads 01 as the number 1 and 08, which is no octal number, as text.
        ("x: {role: nominal, codes: {01: a, 08: b}}", "all numbers or all text (quoted), got [1, '08']"),
        ("x: {role: nominal, codes: {yes: a, no: b}}", "'columns.x.codes.1' must be a whole number or text, got True"),
        (
            "x: {role: nominal, codes: {1.0: a, 2.0: b}}",
            "'columns.x.codes.1.0' must be a whole number or text, got 1.0",
        ),
        ("x: {role: nominal, codes: {1: no}}", "'columns.x.codes.1' must be text, got False (YAML reads an unquoted"),
        ("x: {role: nominal, codes: {1: a}, bad_codes: [1]}", "must be a column without bad_codes"),
        ("x: {role: time, actionable: true}", "must be a column that is not actionable, for its role is time"),
        (
            "x: {role: numeric, actionable: true, protected: true}",
            "'columns.x' must be a column that is either actionable or protected, not both",
        ),
        ("x: {role: nominal, monotonicity: decreasing}", "a column without monotonicity, for its role is nominal"),
        ("x: {role: numeric, monotonicity: up}", "x.monotonicity' must be 'increasing' or 'decreasing', got 'up'"),
        ("x: {role: time, codes: {1: a}}", "'columns.x' must be a column without codes, for its role is time"),
        ("x: {role: numeric, range: [no, 5]}", "must be two numbers, [lowest, highest], got [False, 5]"),
        ("x: {role: numeric, range: [0, .inf]}", "must be two numbers, [lowest, highest], got [0, inf]"),
        ("x: {role: numeric, range: [2015-01-01, 2016-01-01]}", "must be two numbers, [lowest, highest], got [dat"),
        ("x: {role: time, range: [2015, 2025]}", "'columns.x.range' must be two days, [first, last], such as [2015-0"),
        ("x: {role: time, range: [2025-01-01, 2015-01-01]}", "must be two days, [first, last], such as"),
        ("x: {role: time, range: ['2015-13-01', null]}", "[2015-01-01, null], got ['2015-13-01', None]"),
        ("x: {role: time, range: [2015-01-01 10:00:00, null]}", "must be two days, [first, last], such as"),
        ("x: {role: time, format: 2026}", "'columns.x.format' must be text, got 2026"),
        ("x: {role: nominal, format: '%Y'}", "must be a column without a format, for its role is nominal"),
        ("x: {role: ignored, format: '%Y'}", "must be a column without a format, for its role is ignored"),
        ("x: {role: nominal, number: {decimal: ','}}", "a column without a number's form, for its role is nominal"),
        ("x: {role: numeric, number: {decimal: ';'}}", "x.number.decimal' must be '.' or ',', got ';'"),
        (
            "x: {role: numeric, number: {thousands: .}}",
            "'columns.x.number' must be a form whose decimal and thousands differ, got '.' for both",
        ),
        ("x: {role: numeric, number: {suffix: 5k}}", "must be text beside the number, without digits, signs and"),
        ("x: {role: numeric, number: {divisor: 0}}", "'columns.x.number.divisor' must be greater than 0, got 0"),
        (
            "x: {role: numeric, number: {comma: true}}",
            "unknown key 'columns.x.number.comma'; expected one of decimal, ",
        ),
        (
            "x: {role: numeric, missing: -9999}",
            "x.missing' must be a list of codes, or code: label, got -9999",
        ),
        ("x: {role: numeric, missing: [yes]}", "'columns.x.missing.1' must be a number or text, got True"),
        ("x: {role: nominal, codes: {a: b}, missing: [a]}", "codes for missing are no codes, got ['a'] as both"),
        ("x: {role: nominal, why_missing: y}", "columns whose why_missing names one with codes for missing, got 'y'"),
        ("x: {role: numeric, why_missing: y}", "a nominal column without source and codes, for it says why"),
        ("x: {role: nominal, good_codes: [1]}", "a column without good_codes, for its role is nominal"),
        (
            "z: {role: target, codes: {0: a, 1: b}, bad_codes: [0], good_codes: [0]}",
            "a target whose good_codes are some of its codes [1] that are not bad, got [0]",
        ),
        ("x: {role: nominal, source: y}", "must be columns with distinct source names; repeated: ['y']"),
        ("1: {role: nominal}", "'columns.1' must be text, got 1"),
        ("x:", "'columns.x' must be a mapping of keys to values, got nothing"),
        ("x: {role: nominal, type: text}", "unknown key 'columns.x.type'; expected one of role, source, label"),
        ("z: {role: target, codes: {0: a, 1: b}, bad_codes: [0]}", "one has the role target, not ['y', 'z']"),
    ],
)
def test_refuses_a_column_that_makes_no_sense(column: str, expected: str):
    with pytest.raises(InputError) as caught:
        read(TARGET, column)
    assert expected in str(caught.value)
    assert str(caught.value).startswith("d.yaml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("x: {role: nominal}", "exactly one has the role target, not none"),
        ("y: {role: target}", "must be a column with codes, for its role is target"),
        ("y: {role: target, codes: {1: a, 2: b}}", "name some of its codes [1, 2], not all, got []"),
        ("y: {role: target, codes: {1: a, 2: b}, bad_codes: [1, 2]}", "name some of its codes [1, 2], not all"),
        ("y: {role: target, codes: {1: a, 2: b}, bad_codes: ['2']}", "some of its codes [1, 2], not all, got ['2']"),
        ("y: {role: target, codes: {1: a, 2: b}, bad_codes: 2}", "'columns.y.bad_codes' must be a list, got 2"),
        ("y: {role: target, codes: {1: a, 0: b}, bad_codes: [yes]}", "must be a whole number or text, got True"),
        ("y: {role: target, codes: {1: a, 2: b}, bad_codes: [2], required: false}", "must be a required column"),
        (
            TARGET,
            "the whole must be columns of which some are for a model to see (numeric, nominal or ordinal), not none",
        ),
    ],
)
def test_refuses_what_does_not_tell_bad_from_good_or_tells_nothing_else(target: str, expected: str):
    with pytest.raises(InputError) as caught:
        read(target)
    assert expected in str(caught.value)


FORMATS = ["%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%m/%d/%y %I:%M %p", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%j", "%G-W%V-%u"]


def test_the_range_of_a_number_may_be_written_in_any_way_that_yaml_knows():
    assert read(TARGET, "x: {role: numeric, range: [-1, 1e6]}").columns["x"].range == (-1, 1_000_000)
    assert read(TARGET, "x: {role: numeric, range: [0.5, 0.5]}").columns["x"].range == (0.5, 0.5)


@pytest.mark.parametrize(
    ("ends", "days"),
    [
        ("", POSSIBLE_DAYS),
        (", range: [2015-01-01, 2025-12-31]", (date(2015, 1, 1), date(2025, 12, 31))),
        (", range: ['2015-01-01', 9999-12-31]", (date(2015, 1, 1), date(9999, 12, 31))),
        (", range: [2015-01-01, null]", (date(2015, 1, 1), POSSIBLE_DAYS[1])),
        (", range: [null, 2015-01-01]", (POSSIBLE_DAYS[0], date(2015, 1, 1))),
    ],
)
def test_a_time_is_of_the_days_of_its_range_or_of_those_that_are_possible(ends: str, days: tuple[date, date]):
    assert read(TARGET, "x: {role: numeric}", f"applied: {{role: time{ends}}}").columns["applied"].days == days


def test_a_time_is_known_as_such_and_no_feature():
    dictionary = read(TARGET, "income: {role: numeric}", "applied: {role: time, source: Datum, required: false}")
    assert (dictionary.time, dictionary.features) == ("applied", ["income"])
    assert not dictionary.columns["applied"].has_integer_codes
    assert read(TARGET, "income: {role: numeric}").time is None
    with pytest.raises(InputError, match=r"at most one has the role time, not \['applied', 'decided'\]"):
        read(TARGET, "x: {role: numeric}", "applied: {role: time}", "decided: {role: time}")


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_with_the_year_is_accepted_and_reads_what_it_writes(form: str):
    column = Column(role="time", format=form)
    then = datetime(2026, 11, 23)
    values, kinds = read_cells(pd.Series([f"{then:{form}}{'+0000' * ('%z' in form)}"], dtype="str"), column)
    assert (values.tolist(), kinds.tolist()) == ([pd.Timestamp(then)], ["kept"])


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ("dd.mm.yyyy", "no directive, so that it would read no cell"),
        ("%d.%m.%Q", "no such directive"),
        ("%-d.%m.%Y", "a directive that writes, and does not read"),
        ("%d.%m.%Y%", "a percent sign too many"),
        ("%d.%m.%Y %Y", "the year twice"),
        ("%d.%m.", "every year would be 1900"),
        ("mixed", "pandas would guess"),
    ],
)
def test_a_format_that_reads_no_time_is_refused(form: str, why: str):
    expected = "'columns.when.format' must be a format as for strptime with the year in it, such as %d.%m.%Y"
    with pytest.raises(InputError) as caught:
        read(TARGET, f"when: {{role: time, format: '{form}'}}")
    assert str(caught.value) == f"d.yaml: {expected}, got '{form}'", why


@given(st.text("%dmYHQ. -", max_size=8))
def test_a_format_that_is_accepted_can_be_used(form: str):
    try:
        column = Column(role="time", format=form)
    except ValueError:
        return
    values, kinds = read_cells(pd.Series(["x", "2026"], dtype="str"), column)
    assert kinds.isin(["kept", "unreadable"]).all()
    assert values.notna().tolist() == (kinds == "kept").tolist()
