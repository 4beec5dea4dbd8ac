"""Signals that end the program, as an exception: what it has started is ended on the way out."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Interrupted(BaseException):
    """A signal asks the program to end; no handler of errors may stop it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class _Held:
    """Whether signals wait, and the one that does."""

    on = False
    number: int | None = None


def _interrupt(number: int, _frame: object) -> None:
    if _Held.on:
        _Held.number = number
    else:
        raise Interrupted(number)


@contextmanager
def raised() -> Iterator[None]:
    """Raise `Interrupted` in the block where a signal asks the program to end."""
    before = {number: signal.signal(number, _interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Let such a signal wait for the end of the block, in which a process is started.

    The process runs before the call that starts it has returned; an exception in between would leave it behind.
    """
    _Held.on = True
    try:
        yield
    finally:
        _Held.on, number, _Held.number = False, _Held.number, None
    if number is not None:
        raise Interrupted(number)
