from pathlib import Path

import pytest
import yaml

from credit.core.dictionary import Dictionary, with_present_keys
from credit.core.errors import InputError
from credit.core.records import check

# Groemping (2019), Report 4/2019, Beuth University of Applied Sciences Berlin: the German name, the English one and
# the codes. The credit risk is called `bad` here, for it is coded 1 for bad once prepared.
CODE_TABLE = """
laufkont = status: 1 no checking account · 2 < 0 DM · 3 0 <= ... < 200 DM \
 · 4 >= 200 DM / salary for at least 1 year
moral = credit_history: 0 delay in paying off in the past · 1 critical account/other credits elsewhere \
 · 2 no credits taken/all credits paid back duly · 3 existing credits paid back duly till now \
 · 4 all credits at this bank paid back duly
verw = purpose: 0 others · 1 car (new) · 2 car (used) · 3 furniture/equipment · 4 radio/television \
 · 5 domestic appliances · 6 repairs · 7 education · 8 vacation · 9 retraining · 10 business
sparkont = savings: 1 unknown/no savings account · 2 < 100 DM · 3 100 <= ... < 500 DM \
 · 4 500 <= ... < 1000 DM · 5 >= 1000 DM
beszeit = employment_duration: 1 unemployed · 2 < 1 yr · 3 1 <= ... < 4 yrs · 4 4 <= ... < 7 yrs · 5 >= 7 yrs
rate = installment_rate: 1 >= 35 · 2 25 <= ... < 35 · 3 20 <= ... < 25 · 4 < 20
famges = personal_status_sex: 1 male: divorced/separated · 2 female: non-single or male: single \
 · 3 male: married/widowed · 4 female: single
buerge = other_debtors: 1 none · 2 co-applicant · 3 guarantor
wohnzeit = present_residence: 1 < 1 yr · 2 1 <= ... < 4 yrs · 3 4 <= ... < 7 yrs · 4 >= 7 yrs
verm = property: 1 unknown/no property · 2 car or other \
 · 3 building society savings agreement/life insurance · 4 real estate
weitkred = other_installment_plans: 1 bank · 2 stores · 3 none
wohn = housing: 1 for free · 2 rent · 3 own
bishkred = number_credits: 1 1 · 2 2-3 · 3 4-5 · 4 >= 6
beruf = job: 1 unemployed/unskilled, non-resident · 2 unskilled, resident · 3 skilled employee/official \
 · 4 manager/self-employed/highly qualified employee
pers = people_liable: 1 3 or more · 2 0 to 2
telef = telephone: 1 no · 2 yes (under customer name)
gastarb = foreign_worker: 1 yes · 2 no
kredit = bad: 0 bad · 1 good
"""
RANGES = {
    ("laufzeit", "duration"): (4, 72, "months"),
    ("hoehe", "amount"): (250, 18424, "DM"),
    ("alter", "age"): (19, 75, "years"),
}
ENGLISH_IN_THE_FILES_ORDER = (
    "status duration credit_history purpose amount savings employment_duration installment_rate personal_status_sex "
    "other_debtors present_residence property age other_installment_plans housing number_credits job people_liable "
    "telephone foreign_worker bad"
).split()


TARGET = "y: {role: target, codes: {good: repaid, bad: default}, bad_codes: [bad]}"


@pytest.fixture
def south_german(repository: Path) -> Dictionary:
    text = (repository / "data/dictionary.yaml").read_text(encoding="utf-8")
    return check(Dictionary, yaml.safe_load(text), "data/dictionary.yaml")


def values_of(*columns: str) -> dict:
    return yaml.safe_load("columns:\n" + "".join(f"  {column}\n" for column in columns))


def read(*columns: str) -> Dictionary:
    return check(Dictionary, values_of(*columns), "d.yaml")


def published_codes() -> dict[tuple[str, str], dict[int, str]]:
    table = {}
    for row in CODE_TABLE.strip().splitlines():
        names, _, codes = row.partition(": ")
        labelled = [code.strip().split(" ", 1) for code in codes.split(" · ")]
        german, english = names.split(" = ")
        table[german, english] = {int(code): label for code, label in labelled}
    return table


def test_every_code_and_label_is_the_published_one(south_german: Dictionary):
    found = {
        # "... < 0 DM" and "< 0 DM" are one label; the dots stand for the amount.
        (south_german.source(name), name): {code: label.removeprefix("... ") for code, label in column.codes.items()}
        for name, column in south_german.columns.items()
        if column.codes
    }
    assert found == published_codes()


def test_every_range_and_unit_is_the_published_one(south_german: Dictionary):
    numeric = {name: south_german.columns[name] for name in south_german.names("numeric")}
    assert {(column.source, name): (*column.range, column.unit) for name, column in numeric.items()} == RANGES


def test_columns_stand_in_the_files_order(south_german: Dictionary):
    assert list(south_german.columns) == ENGLISH_IN_THE_FILES_ORDER


def test_south_german_roles(south_german: Dictionary):
    assert set(south_german.names("ordinal")) == {
        "status", "savings", "employment_duration", "installment_rate", "present_residence", "property",
        "number_credits", "job", "people_liable",
    }  # fmt: skip
    assert (south_german.target, south_german.columns["bad"].bad_codes) == ("bad", (0,))
    protected = {name for name, column in south_german.columns.items() if column.protected}
    assert protected == {"personal_status_sex", "age", "foreign_worker"}
    assert south_german.features == [name for name in south_german.columns if name != "bad"]


def test_what_a_south_german_applicant_can_change_and_which_way_the_pd_should_go(south_german: Dictionary):
    actionable = {name for name, column in south_german.columns.items() if column.actionable}
    assert actionable == {"duration", "amount", "savings", "other_debtors", "other_installment_plans"}
    expected = {name: column.monotonicity for name, column in south_german.columns.items() if column.monotonicity}
    assert {name for name, way in expected.items() if way == "increasing"} == {"duration", "amount"}
    assert {name for name, way in expected.items() if way == "decreasing"} == {"status", "savings"}


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
    )
    assert dictionary.in_words("amount", 12345.0) == "12,345 DM"
    assert dictionary.in_words("debt_ratio", 0.35) == "0.35"
    assert dictionary.in_words("rating", 2.0) == "high"  # prepared codes are floats
    assert dictionary.in_words("town", "Ulm") == "Ulm"
    assert {dictionary.in_words(name, float("nan")) for name in ("amount", "rating", "town")} == {"not known"}
    assert dictionary.in_words("town", None) == "not known"
    assert (dictionary.title("amount"), dictionary.title("debt_ratio")) == ("credit amount", "debt ratio")


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
        (
            "x: {role: number}",
            "'columns.x.role' must be 'numeric', 'nominal', 'ordinal', 'target', 'time' or 'ignored'",
        ),
        ("x: {role: numeric, codes: {1: a}}", "'columns.x' must be a column without codes, for its role is numeric"),
        ("x: {role: nominal, range: [1, 2]}", "'columns.x' must be a column without a range, for its role is nominal"),
        ("x: {role: numeric, range: [5, 1]}", "its range from the lower to the upper end, got [5.0, 1.0]"),
        ("x: {role: numeric, range: [5]}", "'columns.x.range' must be two numbers, [lowest, highest], got [5]"),
        ("x: {role: numeric, range: [1, 2, 3]}", "must be two numbers, [lowest, highest], got [1, 2, 3]"),
        ("x: {role: numeric, range: 4-72}", "must be two numbers, [lowest, highest], got '4-72'"),
        ("x: {role: numeric, range: 4}", "must be two numbers, [lowest, highest], got 4"),
        ("x: {role: numeric, range: [low, 5]}", "'columns.x.range.0' must be a number, got 'low'"),
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
        (
            "x: {role: nominal, monotonicity: increasing}",
            "must be a column without monotonicity, for its role is nominal",
        ),
        (
            "x: {role: numeric, monotonicity: up}",
            "'columns.x.monotonicity' must be 'increasing' or 'decreasing', got 'up'",
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
