"""What is damaged in the cache gives way only to what is intact."""

from types import SimpleNamespace

import pytest

from ops.sync.stores import set_aside


@pytest.fixture
def cache(tmp_path):
    """Give a store with two objects, as far as it is needed: where its objects lie."""
    store = SimpleNamespace(path=str(tmp_path), oid_to_path=lambda oid: str(tmp_path / oid[:2] / oid[2:]))
    for oid in ("aa11", "bb22"):
        (tmp_path / oid[:2]).mkdir()
        (tmp_path / oid[:2] / oid[2:]).write_text("damaged")
    return store


def contents(root):
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_what_was_set_aside_comes_back_where_nothing_came(cache, tmp_path):
    with set_aside(cache, ["aa11", "bb22", "cc33"]):
        assert not (tmp_path / "aa/11").exists()
        (tmp_path / "aa/11").write_text("intact")
    assert contents(tmp_path) == {"aa/11": "intact", "bb/22": "damaged"}


def test_it_comes_back_after_an_interruption_too(cache, tmp_path):
    before = contents(tmp_path)
    with pytest.raises(KeyboardInterrupt), set_aside(cache, ["aa11"]):
        raise KeyboardInterrupt
    assert contents(tmp_path) == before


def test_a_folder_is_set_aside_as_well_and_what_a_killed_program_left_there_gives_way(cache, tmp_path):
    (tmp_path / "aa/11").unlink()
    for folder in ("aa/11/below", "aa/11.aside/below"):
        (tmp_path / folder).mkdir(parents=True)
    with set_aside(cache, ["aa11"]):
        (tmp_path / "aa/11").write_text("intact")
    assert contents(tmp_path) == {"aa/11": "intact", "bb/22": "damaged"}
    assert not (tmp_path / "aa/11.aside").exists()
