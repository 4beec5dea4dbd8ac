import logging
from pathlib import Path

import pandas as pd
import pytest

from credit.core.errors import InputError
from credit.data.statlog import HEADER, PUBLISHED_DIGEST, digest
from stages import source

LOG = logging.getLogger("source")


def test_writes_the_published_table(workspace: Path):
    source.main(LOG)
    lines = source.OUTPUT.read_bytes().decode().split("\n")
    assert lines[0] == ",".join(HEADER)
    assert len(lines) == 1002
    assert lines[-1] == ""
    assert digest(pd.read_csv(source.OUTPUT)) == PUBLISHED_DIGEST


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace("36,alter,25,24", "36,alter,25,23"), "expected the published digest"),
        (
            lambda text: text.replace("36,alter,25,24", "36,alter,24,24"),
            "errata: expected alter = 24 in Statlog row 36",
        ),
        (lambda text: text.replace("36,alter", "36,age"), "errata: expected a cell of the Statlog table"),
        (
            lambda text: text.replace("36,alter,25,24", "36,alter,old,24"),
            "errata.csv: expected the columns statlog_row",
        ),
        (lambda text: "", "data/south_german_errata.csv: expected the columns statlog_row"),
    ],
)
def test_refuses_to_write_any_other_table(workspace: Path, change, expected: str):
    source.ERRATA.write_text(change(source.ERRATA.read_text()))
    with pytest.raises(InputError) as caught:
        source.main(LOG)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not source.OUTPUT.parent.exists()
