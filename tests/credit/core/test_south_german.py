"""The repository's dictionary against the published code table of the South German Credit data."""

from pathlib import Path

import pytest
import yaml

from credit.core.dictionary import Dictionary
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


@pytest.fixture
def south_german(repository: Path) -> Dictionary:
    text = (repository / "data/dictionary.yaml").read_text(encoding="utf-8")
    return check(Dictionary, yaml.safe_load(text), "data/dictionary.yaml")


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
