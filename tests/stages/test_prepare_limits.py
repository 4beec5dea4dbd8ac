"""A table more damaged than `prepare` in params.yaml allows is refused, and nothing of it is written."""

import logging
from pathlib import Path

import pytest

from credit.core.errors import InputError
from stages import ingest, prepare

LOG = logging.getLogger("prepare")
OUTPUTS = (prepare.PREPARED, prepare.REJECTED, prepare.QUALITY, prepare.PICTURE)
DICTIONARY = """
columns:
  income: {role: numeric, range: [0, 9000]}
  home: {role: nominal, codes: {O: own, R: rent}}
  phone: {role: nominal, required: false}
  applied: {role: time, required: false}
  outcome: {role: target, codes: {Y: default, N: repaid}, bad_codes: [Y]}
"""
LIMITS = {
    "max_missing_share": 0.2, "max_invalid_share": 0.1, "max_column_invalid_share": 0.3, "max_rejected_share": 0.25,
}  # fmt: skip
# Twenty feature cells, for the file is without `phone`; two of them are not allowed and two are empty. Two of ten rows
# have no outcome.
ROWS = ["1000,O,N", "99999,O,Y", "1100,,N", "1200,R,Y", ",R,N", "1300,X,Y", "1400,O,N", "1500,R,Y", "1600,O,", "17,R,?"]


@pytest.fixture
def applications(workspace: Path, write):
    """Ingest a table of these rows; give a function that changes the limits."""
    write("data/dictionary.yaml", DICTIONARY)

    def limited(*rows: str, header: str = "income,home,outcome", **limits: float) -> None:
        shares = ", ".join(f"{name}: {share}" for name, share in (LIMITS | limits).items())
        write("params.yaml", f"ingest: {{source: applications.csv}}\nprepare: {{{shares}}}\n")
        write("applications.csv", "\n".join([header, *rows]))
        ingest.main(LOG)

    return limited


def refusal() -> str:
    with pytest.raises(InputError) as caught:
        prepare.main(LOG)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix("applications.csv: expected ")


def left() -> list[Path]:
    """Name the files that are there, but for the inputs."""
    inputs = {prepare.INGESTED, *map(Path, ("params.yaml", "applications.csv"))}
    return sorted(path for path in Path().rglob("*") if path.is_file() and path not in inputs and path.suffix != ".log")


def test_a_table_as_damaged_as_the_limits_allow_is_prepared(applications):
    applications(*ROWS, max_rejected_share=0.2)
    prepare.main(LOG)
    assert all(path.is_file() for path in OUTPUTS)


TOO_DAMAGED = [
    (
        {"max_missing_share": 0.19},
        "at most 19.0% cells without a value ('prepare.max_missing_share'), got 20.0%; "
        "most in income 20.0%, home 20.0%",
    ),
    (
        {"max_invalid_share": 0.09},
        "at most 9.0% cells with what data/dictionary.yaml does not allow ('prepare.max_invalid_share'), got 10.0%; "
        "most in income 10.0%, home 10.0%",
    ),
    (
        {"max_rejected_share": 0.19},
        "at most 19.0% of the rows rejected ('prepare.max_rejected_share'), got 2 of 10; "
        "the first: no valid target: outcome = '' (line 10)",
    ),
    (
        {"max_column_invalid_share": 0.11},
        "numbers from 0 to 9000 in 'income', got something else in 1 of the 9 cells present; the first is '99999' "
        "(line 3); up to 11.0% may be so ('prepare.max_column_invalid_share')",
    ),
]


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize(("limits", "expected"), TOO_DAMAGED)
def test_one_too_damaged_is_refused_in_one_line_and_changes_no_file(applications, limits, expected, earlier):
    applications(*ROWS)
    if earlier:
        prepare.main(LOG)
    before = {path: path.read_bytes() for path in left()}
    applications(*ROWS, **limits)
    assert refusal() == expected
    assert {path: path.read_bytes() for path in left()} == before


def test_a_column_that_the_file_is_without_is_no_damage(applications):
    applications(*ROWS, max_missing_share=0.2)
    prepare.main(LOG)
    applications(*(f"{row}," for row in ROWS), header="income,home,outcome,phone")
    assert refusal().endswith("got 46.7%; most in phone 100.0%, income 20.0%, home 20.0%")


def test_a_few_times_that_cannot_be_read_are_no_damage_of_the_features(applications):
    days = ["2026-11-23"] * 7 + ["", "soon", "23.11.2026"]
    applications(*map("{},{}".format, ROWS, days), header="income,home,outcome,applied", max_missing_share=0.2)
    prepare.main(LOG)


COLUMNS_OF_NO_USE = {
    "codes that the dictionary is without": (
        "job",
        ["out of\nwork", *["student"] * 3, *["clerk"] * 6],
        "the codes ['boss', 'clerk'] in 'job', got something else in 4 of the 10 cells present; the first is "
        "'out of\\nwork' (line 2); up to 30.0% may be so ('prepare.max_column_invalid_share')",
    ),
    "nothing": ("town", ["", "?", *[""] * 8], "values in the required column 'town', got none on 10 rows"),
}


@pytest.mark.parametrize("case", COLUMNS_OF_NO_USE)
def test_a_column_of_no_use_is_refused_however_well_the_others_are(applications, write, case):
    name, cells, expected = COLUMNS_OF_NO_USE[case]
    more = {"job": "{role: nominal, codes: {boss: b, clerk: c}}", "town": "{role: nominal}"}
    write("data/dictionary.yaml", DICTIONARY.replace("applied: {role: time, required: false}", f"{name}: {more[name]}"))
    rows = [f'{row},"{cell}"' for row, cell in zip(ROWS, cells, strict=True)]
    applications(*rows, header=f"income,home,outcome,{name}", max_missing_share=0.9, max_invalid_share=0.9)
    before = left()
    assert refusal() == expected
    assert left() == before


def test_merged_rows_are_not_rejected_ones(applications, monkeypatch):
    monkeypatch.setattr(prepare, "find_duplicates", lambda values: values.index.to_numpy() // 2 * 2)
    applications("1,O,N", "1,O,N", "2,R,Y", "2,R,Y", "3,R,Y", "3,R,Y", max_rejected_share=0)
    prepare.main(LOG)
    applications("1,O,N", "1,O,N", "2,R,Y", "2,R,Y", "3,R,", "3,R,?", max_rejected_share=0.16)
    assert refusal().startswith(
        "at most 16.0% of the rows rejected ('prepare.max_rejected_share'), got 1 of 6; the first: "
    )
