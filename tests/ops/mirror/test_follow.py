"""A mirror that goes on: what it waits for, and what it does when something fails."""

import os
from itertools import pairwise

import pytest

from credit.core.errors import InputError
from ops.mirror import follow as module
from ops.mirror.follow import AGAIN, EVERY, follow
from tests.ops.mirror.git_repository import BEGAN


class Clock:
    """Stands in for time; ends the following when all that is to happen has happened."""

    def __init__(self, *events) -> None:
        self.now, self.events = 0.0, list(events)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if not self.events:
            raise KeyboardInterrupt
        self.events.pop(0)()


@pytest.fixture
def at_rest(small):
    """Let all files of the workspace be old."""

    def rest() -> None:
        for name in ("dvc.lock", "params.yaml"):
            os.utime(small.root / name, (BEGAN, BEGAN))

    rest()
    return rest


@pytest.fixture
def watch(small, monkeypatch):
    """Follow while events happen, one each time it waits; gives what was mirrored, as often as it was."""

    def run(*events, fails: int = 0) -> list[float]:
        clock, mirrored = Clock(*events), []

        def mirror_to(*_: object) -> str:
            mirrored.append(clock.now)
            if len(mirrored) <= fails:
                raise InputError("the server is down")
            return "nothing new"

        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(module, "mirror_to", mirror_to)
        with pytest.raises(KeyboardInterrupt):
            follow(small.root, "https://ada" + ":secret-word@mlflow.example.org")
        return mirrored

    return run


def nothing() -> None:
    """Let time pass."""


@pytest.mark.parametrize("new", ["dvc.lock", "params.yaml", "commit", "experiment"])
def test_it_mirrors_at_once_and_then_when_something_is_new(small, at_rest, watch, capsys, new):
    def change() -> None:
        if new in ("commit", "experiment"):
            small.commit() if new == "commit" else small.experiment("wide", C=3.0)
            at_rest()
        else:
            os.utime(small.root / new, (BEGAN + 9,) * 2)

    assert watch(nothing, change, nothing, nothing) == [0, 4]
    assert capsys.readouterr().out == "mirror: nothing new\n"  # said at the start, and not again


def test_a_file_that_dvc_is_writing_is_waited_for(small, at_rest, watch):
    os.utime(small.root / "dvc.lock")
    assert watch(nothing, at_rest, nothing) == [4]


def test_what_fails_is_said_and_tried_again_after_a_while(at_rest, watch, capsys):
    moments = watch(*[nothing] * 40, fails=2)
    assert len(moments) == 3
    assert all(AGAIN < later - earlier <= AGAIN + 2 * EVERY for earlier, later in pairwise(moments))
    said = capsys.readouterr()
    assert said.err.splitlines() == ["mirror: not mirrored to https://***@mlflow.example.org: the server is down"] * 2
    assert said.out == "mirror: nothing new\n"


def test_git_that_fails_is_said_and_tried_again(small, at_rest, watch, capsys):
    (small.root / ".git").rename(small.root / "away")
    assert len(watch(nothing, lambda: (small.root / "away").rename(small.root / ".git"), *[nothing] * 15)) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "not a git repository" in said


def test_a_repository_without_results_is_followed(small, watch):
    for name in ("dvc.lock", "params.yaml"):
        (small.root / name).unlink()
    assert watch(nothing) == [0]
