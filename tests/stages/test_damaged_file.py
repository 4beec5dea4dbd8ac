"""A damaged file through the stages from ingest to eda, judged by the truth that the generator of the damage kept."""

import contextlib
import json
import logging
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from credit.io.files import read_dictionary, read_parquet
from stages import eda, ingest, prepare, source
from tests.credit.damage import Damaged, damage
from tests.small_graph import without_pictures

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
LOG = logging.getLogger("test")
DICTIONARY = read_dictionary(ROOT / "data/dictionary.yaml")


class Outcome(NamedTuple):
    """What the stages made of a damaged file; every table has the lines of the file as its index."""

    damaged: Damaged
    ingested: pd.DataFrame
    prepared: pd.DataFrame
    rejected: pd.DataFrame
    train: pd.DataFrame
    test: pd.DataFrame
    quality: dict

    @property
    def people(self) -> pd.Series:
        """Number of the person that each line of the file is of, in truth."""
        return pd.Series(self.damaged.applicant, index=range(2, len(self.damaged.applicant) + 2))

    @property
    def repeats(self) -> pd.Series:
        """Lines merged into another one, and that line."""
        lines = self.rejected["reason"].str.extract(r"^repeat of line (\d+), merged into it$")[0]
        return lines.dropna().astype(int)


@pytest.fixture(scope="module", params=[1, 2, 3])
def outcome(request, tmp_path_factory) -> Outcome:
    """Damage the South German table from a seed, write it to a file, and run the stages on it."""
    statlog, levels = source.read_statlog()
    clean = source.correct(source.to_south_german(statlog, levels), source.read_errata(ROOT / source.ERRATA))
    damaged = damage(clean, DICTIONARY, request.param, repeats=60)
    directory = tmp_path_factory.mktemp("damaged")
    (directory / "data/raw").mkdir(parents=True)
    for name in ("params.yaml", "data/dictionary.yaml"):
        shutil.copyfile(ROOT / name, directory / name)
    with contextlib.chdir(directory), without_pictures():
        damaged.text.to_csv(source.OUTPUT, index=False)
        for stage in (ingest, prepare, eda):
            stage.main(LOG)
        paths = (ingest.OUTPUT, prepare.PREPARED, prepare.REJECTED, eda.TRAIN, eda.TEST)
        tables = [read_parquet(path).set_index("line") for path in paths]
        return Outcome(damaged, *tables, json.loads(prepare.QUALITY.read_text(encoding="utf-8")))


def test_every_cell_is_ingested_as_it_stands_in_the_file(outcome):
    text = outcome.damaged.text.set_axis(outcome.ingested.index)
    assert outcome.ingested.index.tolist() == list(range(2, 1062))
    assert outcome.ingested.equals(text)


def test_ingested_rows_are_prepared_merged_or_rejected_and_no_row_is_lost(outcome):
    rows = outcome.quality["rows"]
    assert rows["ingested"] == len(outcome.ingested) == 1060
    assert rows["ingested"] == rows["prepared"] + rows["merged"] + rows["rejected"]
    assert rows["prepared"] == len(outcome.prepared) == len(outcome.train) + len(outcome.test)
    assert rows["merged"] == len(outcome.repeats)
    assert rows["merged"] + rows["rejected"] == len(outcome.rejected)
    assert min(rows["merged"], rows["rejected"]) > 0
    lines = [*outcome.train.index, *outcome.test.index, *outcome.rejected.index]
    assert sorted(lines) == outcome.ingested.index.tolist()


def test_every_row_not_used_is_kept_as_it_was_with_a_reason(outcome):
    assert outcome.rejected.drop(columns="reason").equals(outcome.ingested.loc[outcome.rejected.index])
    rejected = outcome.rejected.drop(index=outcome.repeats.index)
    said = "no valid target: kredit = '" + rejected["kredit"] + "'"
    assert (rejected["reason"] == said).all()
    assert all(re.sub(r"\s|\.0", "", cell) not in ("0", "1") for cell in rejected["kredit"])


def test_a_repeat_is_merged_into_a_row_of_the_same_person(outcome):
    repeats, people = outcome.repeats, outcome.people
    assert (people[repeats.index].to_numpy() == people[repeats].to_numpy()).all()
    assert not set(repeats) & set(repeats.index)
    # Only cells that hold another value which could be true can hide a repeat.
    hidden = people[outcome.damaged.wrong.any(axis=1).to_numpy()]
    times = people.value_counts()
    twice = set(times.index[times == 2])
    assert twice - set(hidden) <= set(people[repeats.index])


def test_no_person_is_on_both_sides_of_the_split(outcome):
    people = outcome.people
    train, test = set(people[outcome.train.index]), set(people[outcome.test.index])
    hidden = set(people[outcome.damaged.wrong.any(axis=1).to_numpy()])
    assert train & test <= hidden
    assert len(train & test) <= 2  # of 60 who stand in the file twice


def test_a_prepared_cell_is_the_true_one_or_missing(outcome):
    features = DICTIONARY.features
    truth, wrong, lost = (
        table[features].set_axis(outcome.ingested.index).loc[outcome.prepared.index]
        for table in (outcome.damaged.truth, outcome.damaged.wrong, outcome.damaged.lost)
    )
    values = outcome.prepared[features]
    assert ((values == truth) | wrong | lost).all(axis=None)
    restored = lost & values.notna()  # from repeats
    assert (values[restored] == truth[restored])[restored].sum(axis=None) == restored.sum(axis=None)
    assert 0 < restored.sum(axis=None) <= outcome.quality["cells_filled_from_repeats"]


def test_the_damage_of_every_column_is_counted(outcome):
    for cells in outcome.quality["cells"]:
        assert cells["kept"] + cells["restored"] + cells["missing"] + cells["invalid"] == 1060
        assert cells["missing"] + cells["invalid"] == outcome.damaged.lost[cells["column"]].sum()
    assert outcome.quality["unknown_columns"] == ["notiz"]
