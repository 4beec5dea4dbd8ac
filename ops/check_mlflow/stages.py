"""The stages of a check: each is run, timed and told; the first that fails ends the check."""

import time
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Any, NamedTuple

from ops.check_mlflow.redaction import Redaction


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


class StageError(Exception):
    """Ends the check: what is wrong, what to do, and the class of it where that is not the stage's own."""

    def __init__(self, cause: str, remedy: str, code: Code | None = None) -> None:
        super().__init__(cause)
        self.remedy = remedy
        self.code = code


class Found(NamedTuple):
    """What a stage found: a detail to print, a value for the stages after it; `ok` is None where it cannot be told."""

    detail: str
    value: Any = None
    ok: bool | None = True
    warning: bool = False


class Stage(NamedTuple):
    """A stage that has been run; its texts hold no secret."""

    name: str
    ok: bool | None
    warning: bool
    milliseconds: float
    detail: str
    remedy: str | None = None


class StoppedError(Exception):
    """A stage has failed, and that has been told."""


class Stages:
    """Runs stages and tells each of them when it has ended, through the one gate for what is printed."""

    def __init__(self, tell: Callable[[Stage], None]) -> None:
        self._tell = tell
        self.redaction = Redaction()
        self.done: list[Stage] = []
        self.code = Code.WELL

    def run(self, name: str, code: Code, step: Callable[..., Found], *arguments: Any) -> Any:
        """Run a stage and give the value that it found.

        Raises
        ------
        StoppedError
            It failed, for a cause of this class if the failure itself names no other.
        """
        started = time.perf_counter()
        try:
            found = step(*arguments)
        except StageError as failure:
            self._end(name, started, False, str(failure), remedy=failure.remedy)
            self._stop(failure.code or code)
        except Exception as error:  # its message might hold a secret, which a traceback would print
            self._end(name, started, False, _fault(error), remedy="none: this is a fault of ops.check_mlflow itself")
            self._stop(Code.FAULT)
        self._end(name, started, found.ok, found.detail, warning=found.warning)
        return found.value

    def _end(
        self,
        name: str,
        started: float,
        ok: bool | None,
        detail: str,
        *,
        warning: bool = False,
        remedy: str | None = None,
    ) -> None:
        milliseconds = round(1000 * (time.perf_counter() - started), 1)
        clean = self.redaction.clean
        stage = Stage(name, ok, warning, milliseconds, clean(detail), remedy and clean(remedy))
        self.done.append(stage)
        self._tell(stage)

    def _stop(self, code: Code) -> None:
        self.code = self.code or code
        raise StoppedError


def _fault(error: Exception) -> str:
    """Say what was raised and where."""
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
    return f"{type(error).__name__} in {where}: {error}"
