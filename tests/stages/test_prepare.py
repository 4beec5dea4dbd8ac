"""A lender's table to values, rows rejected and counts; credit/data has cells, repeats and limits of damage."""

import gzip
import json
import logging
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from credit.core.errors import InputError
from stages import ingest, prepare

LOG = logging.getLogger("prepare")

DICTIONARY = """
columns:
  income: {role: numeric, source: EINKOMMEN, range: [0, 9000], unit: EUR}
  town: {role: nominal, source: Ort}
  home: {role: nominal, codes: {O: own, R: rent}}
  rating: {role: ordinal, codes: {1: low, 2: middle, 3: high}}
  phone: {role: nominal, required: false}
  note: {role: ignored}
  bad: {role: target, source: outcome, codes: {Y: default, N: repaid}, bad_codes: [Y]}
"""
TYPED = """
columns:
  income: {role: numeric, range: [0, 9000]}
  limit: {role: numeric}
  rating: {role: ordinal, codes: {1: low, 2: middle, 3: high}}
  owns: {role: nominal, codes: {"True": owner, "False": tenant}}
  town: {role: nominal}
  branch: {role: nominal}
  applied: {role: time}
  decided: {role: ignored}
  outcome: {role: target, codes: {1: default, 0: repaid}, bad_codes: [1]}
"""
LIMITS = {
    "max_missing_share": 0.7, "max_invalid_share": 0.5, "max_column_invalid_share": 0.6, "max_rejected_share": 0.9,
}  # fmt: skip
APPLICATIONS = """\
rating,outcome,reason,home,Ort,EINKOMMEN,note
1,N,car,O,Ulm,1200,
2.0,Y,car,R, Köln ,1200.50,x
9,N,,own,?,99999,"a
b"
,?,boat,O,Ulm,10,
3,y,boat,R,Ulm,-1,
3,,boat,R,Ulm,many,
3,Y,,,,NA,
"""


@pytest.fixture
def prepared(workspace: Path, write):
    """Ingest and prepare another lender's table; returns the applicants prepared."""

    def run(applications: str | bytes = APPLICATIONS, dictionary: str = DICTIONARY, **limits: float) -> pd.DataFrame:
        shares = ", ".join(f"{name}: {share}" for name, share in (LIMITS | limits).items())
        write("data/dictionary.yaml", dictionary)
        write("params.yaml", f"ingest: {{source: applications.csv}}\nprepare: {{{shares}}}\n")
        write("applications.csv", applications)
        ingest.main(LOG)
        prepare.main(LOG)
        return pd.read_parquet(prepare.PREPARED)

    return run


def quality() -> dict:
    return json.loads(prepare.QUALITY.read_text())


def test_reads_another_lenders_table_by_its_dictionary(prepared):
    expected = pd.DataFrame(
        {
            "line": [2, 3, 4, 9],
            "applicant_group": [0, 1, 2, 3],
            "income": [1200, 1200.5, np.nan, np.nan],
            "town": pd.Series(["Ulm", "Köln", None, None], dtype="str"),
            "home": pd.Series(["O", "R", None, None], dtype="str"),
            "rating": [1, 2, np.nan, 3],
            "phone": pd.Series([None] * 4, dtype="str"),
            "bad": [0, 1, 0, 1],
        }
    )
    pd.testing.assert_frame_equal(prepared(), expected)


def test_keeps_the_rows_it_rejects_as_they_were_with_the_reason(prepared):
    prepared()
    rejected = pd.read_parquet(prepare.REJECTED)
    assert rejected[["line", "reason"]].to_numpy().tolist() == [
        [6, "no valid target: outcome = '?'"],
        [7, "no valid target: outcome = 'y' (the code is 'Y')"],
        [8, "no valid target: outcome = ''"],
    ]
    assert list(rejected.columns) == [
        "line", "reason", "rating", "outcome", "reason (as in the file)", "home", "Ort", "EINKOMMEN", "note",
    ]  # fmt: skip
    assert rejected["EINKOMMEN"].tolist() == ["10", "-1", "many"]
    assert rejected["reason (as in the file)"].tolist() == ["boat"] * 3


def test_counts_rows_cells_and_unknown_columns_and_warns_of_them(prepared, caplog):
    prepared()
    said = "income: 1 cells missing, 3 not valid and made missing, the first '99999' (line 4)"
    assert said in caplog.messages
    assert "not in the dictionary and left out: reason (as in the file)" in caplog.messages
    rows = {"ingested": 7, "prepared": 4, "merged": 0, "rejected": 3, "indeterminate": 0, "alike_not_merged": 0}
    assert quality()["rows"] == rows
    groups = ("column", "kept", "restored", "missing", "invalid")
    assert [{group: cells[group] for group in groups} for cells in quality()["cells"]] == [
        {"column": "income", "kept": 3, "restored": 0, "missing": 1, "invalid": 3},
        {"column": "town", "kept": 4, "restored": 1, "missing": 2, "invalid": 0},
        {"column": "home", "kept": 5, "restored": 0, "missing": 1, "invalid": 1},
        {"column": "rating", "kept": 4, "restored": 1, "missing": 1, "invalid": 1},
        {"column": "phone", "kept": 0, "restored": 0, "missing": 7, "invalid": 0},
        {"column": "bad", "kept": 4, "restored": 0, "missing": 2, "invalid": 1},
    ]
    assert quality()["columns_not_in_dictionary"] == 1
    assert quality()["unknown_columns"] == ["reason (as in the file)"]
    assert quality()["cells"][0]["kinds"]["impossible"] == 2
    assert quality()["cells"][0]["kinds"]["unreadable"] == 1


@pytest.mark.parametrize(
    ("codes", "bad", "good"),
    [
        ("codes: {good: a, bad: b}, bad_codes: [bad]", "bad", "good"),
        ("codes: {1: a, 2: b}, bad_codes: [2]", "2.0", "01"),
        ("codes: {1: a, 2: b, 3: c}, bad_codes: [2, 3]", "3", "1"),
        ("codes: {unknown: a, none: b}, bad_codes: [none]", "none", "unknown"),
    ],
)
def test_bad_is_1_however_the_lender_codes_it(prepared, codes: str, bad: str, good: str):
    dictionary = f"columns: {{x: {{role: numeric}}, y: {{role: target, {codes}}}}}"
    table = prepared(f"x,y\n1,{bad}\n2,{good}\n3,{bad}\n4,\n", dictionary)
    assert list(table) == ["line", "applicant_group", "x", "bad"]
    assert table["bad"].tolist() == [1, 0, 1]
    assert table["bad"].dtype == np.int64


@pytest.mark.parametrize(
    ("outcomes", "found"),
    [
        ("NNN", "got 0 bad, 3 good and 0 without one of these codes"),
        ("YY", "got 2 bad, 0 good and 0 without one of these codes"),
        ("01", "got 0 bad, 0 good and 2 without one of these codes (the first is '0' on line 2)"),
        ("N?", "got 0 bad, 1 good and 1 without one of these codes (the first is '?' on line 3)"),
    ],
)
def test_refuses_a_table_without_both_outcomes(prepared, outcomes: str, found: str):
    rows = "".join(f"1,{outcome},O,Ulm,5,\n" for outcome in outcomes)
    with pytest.raises(InputError) as caught:
        prepared(f"rating,outcome,home,Ort,EINKOMMEN,note\n{rows}")
    expected = "expected bad and good applicants by the codes ['Y', 'N'] of 'outcome'"
    assert str(caught.value) == f"applications.csv: {expected}, {found}"
    assert not any(path.exists() for path in (prepare.PREPARED, prepare.REJECTED, prepare.QUALITY))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("line", "expected no column 'line', for the line numbers have that name"),
        ("applicant_group", "expected no column 'applicant_group', for the numbers of distinct applicants have"),
        ("bad", "expected 'bad' to be the target, which is y"),
    ],
)
def test_refuses_a_dictionary_that_would_hide_a_column_of_every_prepared_table(prepared, name, message):
    target = "{role: target, codes: {1: a, 2: b}, bad_codes: [2]}"
    with pytest.raises(InputError) as caught:
        prepared("x,y\n1,1\n2,2\n", f"columns: {{{name}: {{role: numeric, source: x}}, y: {target}}}")
    assert str(caught.value).startswith(f"data/dictionary.yaml: {message}")


SMALL = """
columns:
  income: {role: numeric, range: [0, 9000]}
  home: {role: nominal, codes: {O: own, R: rent}}
  applied: {role: time, required: false}
  outcome: {role: target, codes: {Y: default, N: repaid}, bad_codes: [Y]}
"""
# Twenty cells of features: two are not allowed and two are empty. Two of ten rows have no outcome, three no valid day.
DAYS = ["2026-11-23"] * 7 + ["", "soon", "23.11.2026"]
ROWS = ["1000,O,N", "99999,O,Y", "1100,,N", "1200,R,Y", ",R,N", "1300,X,Y", "1400,O,N", "1500,R,Y", "1600,O,", "17,R,?"]
DAMAGED = "\n".join(["income,home,outcome,applied", *map("{},{}".format, ROWS, DAYS)])
BEARABLE = {"max_missing_share": 0.2, "max_invalid_share": 0.1, "max_rejected_share": 0.2}


def files() -> dict[Path, bytes]:
    """Read what `prepare` writes, as far as it is there."""
    written = (prepare.PREPARED, prepare.REJECTED, prepare.QUALITY, prepare.PICTURE)
    return {path: path.read_bytes() for path in written if path.exists()}


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (
            {"max_missing_share": 0.19},
            "at most 19.0 % cells without a value ('prepare.max_missing_share'), got 20.0 %; ",
        ),
        ({"max_invalid_share": 0.09}, "at most 9.0 % cells with what data/dictionary.yaml does not allow "),
        ({"max_column_invalid_share": 0.11}, "numbers from 0 to 9000 in 'income', got something else in 1 of the 9 "),
        (
            {"max_rejected_share": 0.19},
            "at most 19.0 % of the rows rejected ('prepare.max_rejected_share'), got 2 of 10; "
            "the first: no valid target: outcome = '' (line 10)",
        ),
    ],
)
def test_a_table_more_damaged_than_the_limits_allow_is_refused_and_changes_no_file(prepared, limits, expected):
    assert len(prepared(DAMAGED, SMALL, **BEARABLE)) == 8
    before = files()
    with pytest.raises(InputError) as caught:
        prepared(DAMAGED, SMALL, **BEARABLE | limits)
    assert str(caught.value).startswith(f"applications.csv: expected {expected}")
    assert "\n" not in str(caught.value)
    assert files() == before


def test_merged_rows_are_not_rejected_ones(prepared, monkeypatch):
    monkeypatch.setattr(prepare, "find_duplicates", lambda values: values.index.to_numpy() // 2 * 2)
    pairs = ["1,O,N", "1,O,N", "2,R,Y", "2,R,Y"]
    prepared("\n".join(["income,home,outcome", *pairs, "3,R,Y", "3,R,Y"]), SMALL, max_rejected_share=0)
    rows = {"ingested": 6, "prepared": 3, "merged": 3, "rejected": 0, "indeterminate": 0, "alike_not_merged": 0}
    assert quality()["rows"] == rows
    reasons = pd.read_parquet(prepare.REJECTED)["reason"].tolist()
    assert reasons == [f"repeat of line {line}, merged into it" for line in (2, 4, 6)]
    with pytest.raises(InputError, match=r"'prepare.max_rejected_share'\), got 1 of 6; the first: "):
        prepared("\n".join(["income,home,outcome", *pairs, "3,R,", "3,R,?"]), SMALL, max_rejected_share=0.16)


def test_people_who_may_be_alike_by_chance_are_left_with_a_warning(prepared, caplog):
    table = prepared("income,home,outcome\n" + "1,O,N\n" * 20 + "1,R,Y\n" * 20, SMALL)
    assert len(table) == quality()["rows"]["alike_not_merged"] == 40
    assert table["applicant_group"].nunique() == 2
    assert "40 rows equal another one and are left: people of this table may be alike by chance" in caplog.messages


def test_applicants_whose_outcome_says_neither_are_kept_apart_and_counted(prepared, caplog):
    caplog.set_level(logging.INFO)
    dictionary = """
    columns:
      income: {role: numeric}
      y: {role: target, codes: {paid: "", late: "", current: "", grace: ""}, bad_codes: [late], good_codes: [paid]}
    """
    outcomes = ["paid", "current", "late", "grace", "?", "paid"]
    rows = "".join(f"{row},{outcome}\n" for row, outcome in enumerate(outcomes))
    table = prepared(f"income,y\n{rows}", dictionary)
    assert table[["line", "bad"]].to_numpy().tolist() == [[2, 0], [4, 1], [7, 0]]
    kept = pd.read_parquet(prepare.INDETERMINATE)
    assert kept.to_dict("list") == {"line": [3, 5], "income": [1.0, 3.0]}
    assert pd.read_parquet(prepare.REJECTED)["line"].tolist() == [6]
    counted = {"ingested": 6, "prepared": 3, "merged": 0, "rejected": 1, "indeterminate": 2}
    assert quality()["rows"] == counted | {"alike_not_merged": 0}
    assert "2 with an outcome that says neither good nor bad: no model is fitted to them" in caplog.messages


CODED = """
columns:
  bureau: {role: numeric, range: [300, 850], missing: {-9999: no bureau record, ".": ""}}
  why: {role: nominal, why_missing: bureau}
  y: {role: target, codes: {0: "", 1: ""}, bad_codes: [1]}
"""


def test_a_code_for_missing_is_no_damage_and_may_be_a_level(prepared, caplog):
    caplog.set_level(logging.INFO)
    table = prepared("bureau,y\n602,0\n-9999,1\n-9999.0,0\n.,1\n,0\n9000,1\n", CODED, max_missing_share=0.45)
    np.testing.assert_array_equal(table["bureau"], [602, *[np.nan] * 5])
    assert table["why"].astype("object").where(table["why"].notna(), None).tolist() == [
        "known", "-9999", "-9999", ".", None, None,
    ]  # fmt: skip
    bureau, why, _ = quality()["cells"]
    assert (bureau["missing"], bureau["kinds"]["coded"], bureau["invalid"]) == (4, 3, 1)
    assert (why["kept"], why["missing"]) == (4, 2)
    said = "bureau: 4 cells missing, 3 of them by -9999 (no bureau record), ., 1 not valid and made missing"
    assert any(message.startswith(said) for message in caplog.messages)
    with pytest.raises(InputError, match=r"at most 30.0 % cells without a value .*, got 33.3 %; most in "):
        prepared("bureau,y\n602,0\n-9999,1\n-9999.0,0\n.,1\n,0\n9000,1\n", CODED, max_missing_share=0.3)


def test_numbers_are_read_by_their_form_and_the_first_is_shown_as_it_was(prepared):
    dictionary = """
    columns:
      loan: {role: numeric, source: Kreditbetrag, range: [0, 99999], number: {decimal: ",", thousands: ".", suffix: €}}
      rate: {role: numeric, number: {suffix: "%", divisor: 100}}
      y: {role: target, codes: {0: "", 1: ""}, bad_codes: [1]}
    """
    rows = [("", "9.76%", 0), ("27.571,87 €", "66.6 %", 1), ("48.784 €", "0.5", 0), ("1,234,5 €", "", 1)]
    table = prepared("Kreditbetrag;rate;y\n" + "".join(f"{a};{b};{c}\n" for a, b, c in rows), dictionary)
    np.testing.assert_array_equal(table["loan"], [np.nan, 27571.87, 48784, np.nan])
    np.testing.assert_array_equal(table["rate"], [9.76 / 100, 66.6 / 100, np.nan, np.nan])
    assert quality()["numbers_read"] == [
        {"column": "loan", "line": 3, "cell": "27.571,87 €", "value": 27571.87},
        {"column": "rate", "line": 2, "cell": "9.76%", "value": pytest.approx(0.0976)},
    ]
    assert [cells["invalid"] for cells in quality()["cells"]] == [1, 1, 0]


def typed_table(seed: int, rows: int = 300) -> pd.DataFrame:
    """Draw a table of typed columns with gaps, values that are not allowed, and repeated rows."""
    draw = np.random.default_rng(seed)
    day = pd.Timestamp("2026-01-01")

    def with_gaps(values: pd.Series) -> pd.Series:
        return values.mask(draw.random(rows) < 0.1)

    table = pd.DataFrame(
        {
            "income": with_gaps(pd.Series(draw.normal(4000, 2500, rows))),
            "limit": [None if cents % 9 == 0 else Decimal(int(cents)) / 100 for cents in draw.integers(0, 10**6, rows)],
            "rating": with_gaps(pd.Series(draw.integers(1, 5, rows)).astype("Int8")),
            "owns": with_gaps(pd.Series(draw.integers(0, 2, rows) == 1).astype("boolean")),
            "town": pd.Categorical(draw.choice(["Ulm", " Köln ", "?", None, 'a;b,"c"'], rows)),
            "branch": with_gaps(pd.Series(draw.integers(200, 204, rows)).astype("float32")),
            "applied": with_gaps(pd.Series(day + pd.to_timedelta(draw.integers(0, 10**7, rows), unit="s"))),
            "decided": [day.date()] * rows,
            "outcome": with_gaps(pd.Series(draw.integers(0, 2, rows), dtype="float64")),
        }
    )
    return pd.concat([table, table.iloc[: rows // 5]], ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_table_is_prepared_the_same_as_text_packed_text_or_parquet(prepared, seed):
    def outcome(content: bytes) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
        table = prepared(content, TYPED)
        return table, pd.read_parquet(prepare.REJECTED)[["line", "reason"]], quality()

    table = typed_table(seed)
    text = table.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S").encode()
    values, rejected, counts = outcome(text)
    assert len(values) > 200
    assert len(rejected) > 20
    for content in (gzip.compress(text), table.to_parquet(row_group_size=70)):
        values_too, rejected_too, counts_too = outcome(content)
        pd.testing.assert_frame_equal(values_too, values)
        pd.testing.assert_frame_equal(rejected_too, rejected)
        assert counts_too == counts


def test_times_out_of_their_range_are_invalid_and_those_of_the_future_are_warned_of(prepared, caplog):
    days = ["2026-01-01", "9999-12-31", "1900-01-01", *["2090-01-01"] * 2, "2026-01-02"]
    table = "income,home,outcome,applied\n" + "".join(f"{n},O,{'NY'[n % 2]},{day}\n" for n, day in enumerate(days))
    kept = [None if day[:2] in ("99", "19") else pd.Timestamp(day) for day in days]
    assert prepared(table, SMALL)["applied"].tolist() == [*map(pd.to_datetime, kept)]
    future = "applied: 2 applicants are of the future, the first 2090-01-01 00:00:00 (line 5); its 'range' in "
    assert caplog.messages[-1].startswith(future)
    assert "applied: 0 cells missing, 2 not valid and made missing, the first '9999-12-31' (line 3)" in caplog.messages
    caplog.clear()
    prepared(table, SMALL.replace("role: time", "role: time, range: [null, 2026-12-31]"), max_column_invalid_share=0.7)
    assert "of the future" not in caplog.text
    assert "applied: 0 cells missing, 4 not valid" in caplog.text
    with pytest.raises(InputError, match="expected times from 1901-01-01 to 2025-12-31 written as in ISO 8601 in 'app"):
        prepared(table, SMALL.replace("role: time", "role: time, range: [null, 2025-12-31]"))
