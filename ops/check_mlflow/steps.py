"""The steps of a check: each is timed and told; the first that fails ends the check."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from threading import Thread
from traceback import extract_tb
from typing import Any

from ops.shared.redaction import one_line, spellings

LONGEST = 2000


class Code(IntEnum):
    """The exit codes: a class of causes each."""

    WELL = 0
    FAULT = 1
    USAGE = 2
    NETWORK = 3
    TLS = 4
    SERVER = 5
    VERSION = 6
    REFUSED = 7
    READ = 8
    WRITE = 9


class StepError(Exception):
    """Ends the check: what is wrong, what to do, and the class of it."""

    def __init__(self, cause: str, remedy: str, code: Code) -> None:
        super().__init__(cause)
        self.remedy = remedy
        self.code = code


class StoppedError(Exception):
    """A step has failed, and that has been told."""


@dataclass
class Step:
    """A step and how it ended; `ok` is None where that cannot be told. Once told, its texts hold no secret."""

    name: str
    ok: bool | None = True
    warning: bool = False
    milliseconds: float | None = None
    detail: str = ""
    remedy: str | None = None


class Check:
    """The steps that have ended, and the one gate for what is printed of them."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        self._tell = tell
        self._secrets: set[str] = set()
        self.steps: list[Step] = []
        self.code = Code.WELL

    def hide(self, *secrets: str | None) -> None:
        """Keep these out of everything that is told from now on."""
        for secret in filter(None, secrets):
            self._secrets |= spellings(secret)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Run the block as a step, which says in `detail` what it found.

        Raises
        ------
        StoppedError
            It failed, and that has been told.
        """
        step, started = Step(name), time.perf_counter()
        try:
            yield step
        except StepError as failure:
            self._fail(step, str(failure), failure.remedy, failure.code)
        except Exception as error:  # its message might hold a secret, which a traceback would print
            self._fail(step, _fault(error), "none: this is a fault of ops.check_mlflow itself", Code.FAULT)
        step.milliseconds = round(1000 * (time.perf_counter() - started), 1)
        step.detail = one_line(step.detail, self._secrets, LONGEST)
        step.remedy = step.remedy and one_line(step.remedy, self._secrets, LONGEST)
        self.steps.append(step)
        self._tell(step)
        if step.ok is False:
            raise StoppedError

    def _fail(self, step: Step, cause: str, remedy: str, code: Code) -> None:
        step.ok, step.detail, step.remedy = False, cause, remedy
        self.code = self.code or code


def _fault(error: Exception) -> str:
    """Say what was raised and where."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}: {error}"


class Deadline:
    """So many seconds from now on, for all steps that share it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left; raises TimeoutError if none are."""
        if (seconds := self._ends - time.monotonic()) <= 0:
            raise TimeoutError
        return seconds

    def within(self, call: Callable, *arguments: Any) -> Any:
        """Give what a call returns or raises, or raise TimeoutError at the deadline.

        It runs in a thread: a name server keeps its caller waiting, and the timeout of a socket starts anew with every
        byte that drips.
        """
        future: Future = Future()

        def run() -> None:
            try:
                future.set_result(call(*arguments))
            except BaseException as error:
                future.set_exception(error)

        Thread(target=run, daemon=True).start()
        return future.result(timeout=self.left())
