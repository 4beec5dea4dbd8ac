"""The column that says when an applicant applied: the role `time` and its `format`."""

from datetime import datetime

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from credit.core.dictionary import Column, Dictionary
from credit.core.errors import InputError
from credit.core.records import check
from credit.data.cells import read_cells

TARGET = "y: {role: target, codes: {good: repaid, bad: default}, bad_codes: [bad]}"
FORMATS = ["%d.%m.%Y", "%Y%m%d", "%d %b %Y", "%m/%d/%y %I:%M %p", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%j", "%G-W%V-%u"]


def read(*columns: str) -> Dictionary:
    return check(Dictionary, yaml.safe_load("columns:\n" + "".join(f"  {column}\n" for column in columns)), "d.yaml")


def refusal(*columns: str) -> str:
    with pytest.raises(InputError) as caught:
        read(*columns)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_time_is_known_as_such_and_no_feature():
    dictionary = read(TARGET, "income: {role: numeric}", "applied: {role: time, source: Datum, required: false}")
    assert (dictionary.time, dictionary.source("applied")) == ("applied", "Datum")
    assert dictionary.features == ["income"]
    assert not dictionary.columns["applied"].has_integer_codes


def test_a_table_may_be_without_a_time():
    assert read(TARGET, "income: {role: numeric}").time is None


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_with_the_year_is_accepted_and_reads_what_it_writes(form: str):
    column = read(TARGET, "income: {role: numeric}", f"when: {{role: time, format: '{form}'}}").columns["when"]
    assert column.format == form
    then = datetime(2026, 11, 23)
    values, kinds = read_cells(pd.Series([f"{then:{form}}{'+0000' * ('%z' in form)}"], dtype="str"), column)
    assert kinds.tolist() == ["kept"]
    assert values.tolist() == [pd.Timestamp(then)]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ("dd.mm.yyyy", "no directive, so that it would read no cell"),
        ("%d.%m.%Q", "no such directive"),
        ("%-d.%m.%Y", "a directive that writes, and does not read"),
        ("%d.%m.%Y%", "a percent sign too many"),
        ("%d.%m.%Y %Y", "the year twice"),
        ("%d.%m.", "every year would be 1900"),
        ("%H:%M", "every year would be 1900"),
        ("mixed", "pandas would guess"),
    ],
)
def test_a_format_that_reads_no_time_is_refused(form: str, why: str):
    expected = "'columns.when.format' must be a format as for strptime with the year in it, such as %d.%m.%Y"
    assert refusal(TARGET, f"when: {{role: time, format: '{form}'}}") == f"d.yaml: {expected}, got '{form}'", why


@given(st.text("%dmYHQ. -", max_size=8))
def test_a_format_that_is_accepted_can_be_used(form: str):
    try:
        column = Column(role="time", format=form)
    except ValueError:
        return
    values, kinds = read_cells(pd.Series(["x", "2026"], dtype="str"), column)
    assert kinds.isin(["kept", "unreadable"]).all()
    assert values.notna().tolist() == (kinds == "kept").tolist()


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("when: {role: time, codes: {1: a}}", "'columns.when' must be a column without codes, for its role is time"),
        ("when: {role: time, range: [1, 2]}", "must be a column without a range, for its role is time"),
        ("when: {role: time, bad_codes: [1]}", "must be a column without bad_codes, for its role is time"),
        ("when: {role: time, format: 2026}", "'columns.when.format' must be text, got 2026"),
        ("when: {role: nominal, format: '%Y'}", "must be a column without a format, for its role is nominal"),
        ("when: {role: numeric, format: '%Y'}", "must be a column without a format, for its role is numeric"),
        ("when: {role: ignored, format: '%Y'}", "must be a column without a format, for its role is ignored"),
        ("when: {role: date}", "'numeric', 'nominal', 'ordinal', 'target', 'time' or 'ignored', got 'date'"),
    ],
)
def test_refuses_a_time_or_a_format_that_makes_no_sense(column: str, expected: str):
    said = refusal(TARGET, column)
    assert said.startswith("d.yaml: 'columns.when")
    assert said.endswith(expected)


def test_refuses_two_times():
    expected = "must be columns of which at most one has the role time, not ['applied', 'decided']"
    assert refusal(TARGET, "applied: {role: time}", "decided: {role: time}") == f"d.yaml: the whole {expected}"
