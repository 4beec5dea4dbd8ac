"""Pushes to retry are kept whole, and a file that is not ours is refused."""

import pytest

from credit.core.errors import InputError
from ops.sync import state
from ops.sync.objects import Named
from ops.sync.processes import Answer
from ops.sync.push import _resolve
from ops.sync.state import Pending
from ops.sync.transfer import GONE

FIRST = Pending("far", "abc", "2026-01-01T00:00:00+00:00", "quota", (Named("d1.dir", "parts"), Named("f1", "t", 3)))
LATER = Pending("far", "def", "2026-01-02T00:00:00+00:00", "quota", (Named("f2", "t", 4),))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_what_is_written_is_read_the_oldest_first_and_an_edit_that_fails_changes_nothing():
    state.change_pending(lambda _: [LATER, FIRST])
    with pytest.raises(ZeroDivisionError):
        state.change_pending(lambda _: [1 / 0])
    assert state.pending() == [FIRST, LATER]
    state.change_pending(lambda _: [])
    assert state.pending() == []
    assert not state.PENDING.exists()


@pytest.mark.parametrize("text", ["", '[{"remote": "far"}]', '{"a": 1}'])
def test_another_file_is_refused(text):
    state.PENDING.parent.mkdir(parents=True)
    state.PENDING.write_text(text)
    with pytest.raises(InputError, match="expected the pushes to retry"):
        state.pending()


def test_objects_that_are_gone_are_given_up_only_for_a_revision_that_is_not_the_present_one(capsys):
    state.change_pending(lambda _: [FIRST, LATER])
    answer = Answer(None, {"failed": {"d1.dir": f"parts/a: {GONE}", "f2": GONE}, "uploaded": 0})
    assert not _resolve("far", [FIRST, LATER], answer, "def")
    assert [record.revision for record in state.pending()] == ["def"]
    assert "WARNING: objects of abc" in capsys.readouterr().err
