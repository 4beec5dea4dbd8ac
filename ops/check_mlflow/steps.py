"""The steps of a check: each is timed and told; the first that fails ends the check."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from traceback import extract_tb
from typing import Any

from ops.check_mlflow.causes import StepError, failure
from ops.shared.redaction import one_line, spellings

LONGEST = 600


@dataclass
class Step:
    """How a step ended; `ok` is None where that cannot be told. Once told, its texts hold no secret."""

    detail: str
    ok: bool | None = True
    warning: bool = False
    remedy: str | None = None
    name: str = ""
    milliseconds: float | None = None


class Steps:
    """The steps that have ended, and the one gate for what is printed of them."""

    def __init__(self, tell: Callable[[Step], None] = lambda step: None) -> None:
        self._tell = tell
        self._secrets: set[str] = set()
        self.ended: list[Step] = []
        self.code = 0

    def hide(self, *secrets: str | None) -> None:
        """Keep these out of everything that is told from now on."""
        for secret in filter(None, secrets):
            self._secrets |= spellings(secret)

    def run(self, names: Sequence[str], steps: Iterator[Step]) -> bool:
        """Tell each step as it ends; returns whether none has failed. There may be fewer steps than names."""
        for name in names:
            started, step, failed = time.perf_counter(), None, None
            try:
                step = next(steps, None)
            except StepError as error:
                failed = error
            except ImportError as error:
                failed = failure("version", reason=f"no MLflow client is installed here ({error})")
            except Exception as error:  # its message might hold a secret, which a traceback would print
                last = extract_tb(error.__traceback__)[-1]
                cause = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}: {error}"
                failed = StepError(cause, "none: this is a fault of ops.check_mlflow itself", 1)
            if failed:
                step = Step(str(failed), ok=False, remedy=failed.remedy)
                self.code = self.code or failed.code
            if step is None:
                break
            step.name, step.milliseconds = name, round(1000 * (time.perf_counter() - started), 1)
            # Cut here alone, when the secrets are hidden: half of one would not be found.
            step.detail = one_line(step.detail, self._secrets, LONGEST)
            step.remedy = step.remedy and one_line(step.remedy, self._secrets, LONGEST)
            self.ended.append(step)
            self._tell(step)
            if failed:
                return False
        return True


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
            except BaseException as error:  # whatever it is, it is raised where the call was asked for
                future.set_exception(error)

        Thread(target=run, daemon=True).start()
        return future.result(timeout=self.left())
