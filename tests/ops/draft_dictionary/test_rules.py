import pytest

from tests.ops.draft_dictionary.tables import ROWS, amounts, column, repeated


@pytest.mark.parametrize(
    ("values", "name", "role"),
    [
        (repeated("EUR"), "x", "ignored"),
        (repeated("1", "1.0", " 1 "), "x", "ignored"),
        (repeated("", "?", "NA"), "x", "ignored"),
        ([f"2020-01-{day % 28 + 1:02}" for day in range(ROWS)], "x", "ignored"),
        ([f"{day % 28 + 1}.{day % 12 + 1}.19{day % 90 + 10}" for day in range(ROWS)], "x", "ignored"),
        ([f"2020-01-02 10:{minute % 60:02}:00" for minute in range(ROWS)], "x", "ignored"),
        ([f"2020-01-02T10:{minute % 60:02}:00.123+01:00" for minute in range(ROWS)], "x", "ignored"),
        (repeated("Dec-2015", "Jan-2016", "Feb-2016"), "x", "ignored"),
        (repeated("20150131", "20150228", "20150331"), "x", "ignored"),
        (range(ROWS), "x", "ignored"),
        (range(30_000, 30_000 + 90 * ROWS, 90), "x", "ignored"),
        (range(7, 7 + 90 * ROWS, 90), "x", "numeric"),
        (range(7, 7 + 90 * ROWS, 90), "loanID", "ignored"),
        ([f"LP{number}" for number in range(ROWS)], "x", "ignored"),
        ([f"a text about the applicant {number}" for number in range(ROWS)], "x", "ignored"),
        (amounts(), "x", "numeric"),
        ([f"{amount}.0" for amount in amounts()], "x", "numeric"),
        ([f" {amount / 7:.3f} " for amount in amounts()], "x", "numeric"),
        (repeated("1e-3", "-2.5E+4", ".5", "7."), "x", "numeric"),
        (repeated(12, 24, 36, 48, 60), "x", "numeric"),
        (repeated(*range(13)), "x", "numeric"),
        (repeated(0, 1, 2, 3), "number_of_loans", "numeric"),
        (repeated(0, 1), "number_of_loans", "nominal"),
        (repeated(*range(100, 150)), "branch_code", "nominal"),
        (repeated("010", "020", "007"), "x", "nominal"),
        (repeated("True", "False"), "x", "nominal"),
        (repeated("rent", "own"), "x", "nominal"),
        (repeated(*(f"firm {number}" for number in range(100))), "x", "nominal"),
        ([f"{amount / 7:.2f}".replace(".", ",") for amount in amounts()], "x", "ignored"),
        ([f"{amount:,}.50 EUR" for amount in amounts()], "x", "ignored"),
        ([f"{amount / 999:.2f} %" for amount in amounts()], "x", "ignored"),
    ],
)
def test_gives_each_kind_of_column_its_role(values, name: str, role: str):
    draft = column(values, name)
    assert draft.role == role
    assert role != "ignored" or draft.notes  # which say why


@pytest.mark.parametrize("name", ["age", "Alter", "SEX", "ForeignWorker", "personal_status_sex", "Familienstand"])
def test_marks_protected_attributes_by_name(name: str):
    assert column(repeated("a", "b"), name).protected


@pytest.mark.parametrize("name", ["mortgage", "percentage", "wages", "essex", "tracer", "rent"])
def test_a_name_that_only_contains_such_a_word_is_not_marked(name: str):
    assert not column(repeated("a", "b"), name).protected
