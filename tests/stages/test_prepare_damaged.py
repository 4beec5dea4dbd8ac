"""Whatever happens to the cells of a file, what comes out is true or missing."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.data.duplicates import find_duplicates, merge_rows
from credit.io.files import read_dictionary
from stages import prepare, source

sys.path.insert(0, str(Path(__file__).parents[1] / "credit"))
from damage import damage

ROOT = Path(__file__).parents[2]
DICTIONARY = read_dictionary(ROOT / "data/dictionary.yaml")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    statlog, levels = source.read_statlog()
    return source.correct(source.to_south_german(statlog, levels), source.read_errata(ROOT / source.ERRATA))


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31))
def test_no_cell_is_invented_and_all_that_can_be_restored_are(table, seed):
    damaged = damage(table, DICTIONARY, seed)
    ingested = damaged.text.assign(line=np.arange(2, len(damaged.text) + 2))
    values, _ = prepare.read_table(ingested, DICTIONARY)
    assert values.columns.tolist() == damaged.truth.columns.tolist()
    assert (values.isna() == damaged.lost).all(axis=None)
    assert ((values == damaged.truth) | damaged.lost | damaged.wrong).all(axis=None)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**31))
def test_repeats_are_merged_and_every_row_is_accounted_for(table, seed):
    damaged = damage(table, DICTIONARY, seed)
    ingested = damaged.text.assign(line=np.arange(2, len(damaged.text) + 2))
    values, _ = prepare.read_table(ingested, DICTIONARY)
    applicant = find_duplicates(values)
    applicants = merge_rows(values, applicant)
    reasons = prepare.why_not_used(ingested, applicants, applicant, DICTIONARY)
    unused = prepare.keep_unused(ingested, reasons)
    used = reasons.index[reasons == ""]
    assert sorted([*used, *unused.index]) == list(range(len(ingested)))
    assert (unused[damaged.text.columns] == damaged.text.loc[unused.index]).all(axis=None)
    merged = reasons.str.startswith("repeat of").sum()
    assert len(applicants) + merged == len(ingested)
    # A wrong cell that could be true hides a repeat; lost cells let two people look alike, but rarely.
    hidden = damaged.wrong.groupby(damaged.applicant).any().any(axis=1)
    twice = pd.Series(damaged.applicant).value_counts().loc[lambda times: times > 1].index
    strangers = [rows for _, rows in pd.Series(damaged.applicant).groupby(applicant) if rows.nunique() > 1]
    assert len(strangers) <= 1
    assert merged >= len(twice) - hidden[twice].sum() - 1
