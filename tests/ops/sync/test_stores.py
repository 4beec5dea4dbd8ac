"""What is damaged in the cache gives way only to what is intact."""

from types import SimpleNamespace

import pytest

from ops.sync.stores import set_aside


@pytest.fixture
def cache(tmp_path):
    """Give a store with two objects, as far as it is needed: where its objects lie."""
    for name in ("11", "22"):
        (tmp_path / name).write_text("damaged")
    return SimpleNamespace(oid_to_path=lambda oid: str(tmp_path / oid))


def contents(root):
    return {path.name: path.read_text() for path in root.iterdir()}


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_what_was_set_aside_comes_back_where_nothing_came_after_an_interruption_too(cache, tmp_path, error):
    def block():
        with set_aside(cache, ["11", "22", "33"]):
            assert contents(tmp_path).keys() == {"11.aside", "22.aside"}
            (tmp_path / "11").write_text("intact")
            if error:
                raise error

    if error:
        with pytest.raises(error):
            block()
    else:
        block()
    assert contents(tmp_path) == {"11": "intact", "22": "damaged"}


def test_a_folder_is_set_aside_as_well_and_what_a_killed_program_left_there_gives_way(cache, tmp_path):
    (tmp_path / "11").unlink()
    for folder in ("11/below", "11.aside/below"):
        (tmp_path / folder).mkdir(parents=True)
    with set_aside(cache, ["11"]):
        (tmp_path / "11").write_text("intact")
    assert contents(tmp_path) == {"11": "intact", "22": "damaged"}
