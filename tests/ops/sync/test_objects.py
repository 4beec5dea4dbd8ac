"""What is damaged in the cache gives way only to what is intact, and DVC's index is there before it is needed."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from ops.sync.objects import repository, set_aside


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_what_was_set_aside_comes_back_where_nothing_came_after_an_interruption_too(tmp_path, error):
    cache = SimpleNamespace(oid_to_path=lambda oid: str(tmp_path / oid))
    for name in ("11", "11.aside", "22"):  # a killed program may have left one
        (tmp_path / name).write_text("damaged")
    with pytest.raises(error) if error else nullcontext(), set_aside(cache, ["11", "22", "33"]):
        assert {path.name for path in tmp_path.iterdir()} == {"11.aside", "22.aside"}
        (tmp_path / "11").write_text("intact")
        if error:
            raise error
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"11": "intact", "22": "damaged"}


@pytest.mark.slow
@pytest.mark.usefixtures("sync")
def test_dvcs_index_is_there_before_remote_calls_would_make_it_at_the_same_time(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "new"))
    with repository():
        assert list((tmp_path / "new").rglob("index/data/db.db"))
