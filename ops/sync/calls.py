"""Remote calls: each in a child process that has so many seconds, and is killed with its children after them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, NamedTuple

from ops.shared.redaction import one_line
from ops.shared.signals import held
from ops.sync.objects import Named
from ops.sync.remotes import secrets_known

TRANSPORT = (sys.executable, "-m", "ops.sync.transport")


class Answer(NamedTuple):
    """What a remote call came to: the reason why it failed as a whole, or None; and otherwise its result."""

    reason: str | None
    result: dict


class Call(NamedTuple):
    """A remote call under way."""

    process: subprocess.Popen
    printed: IO[bytes]
    complained: IO[bytes]
    timeout: int
    ends: float

    def answer(self) -> Answer:
        """Wait for the answer, not longer than the call's time."""
        try:
            self.process.wait(max(0.0, self.ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            return Answer(f"no answer within {self.timeout} s", {})
        try:
            result = json.loads(_text(self.printed))
        except ValueError:  # it ended before it could say anything: killed, or no memory, or no disk
            last = (_text(self.complained).strip().splitlines() or [f"exit code {self.process.returncode}"])[-1]
            return Answer(one_line(last, secrets_known()), {})
        return Answer(result.pop("reason"), result)


@contextmanager
def calling(action: str, remote: str, objects: Sequence[Named], timeout: int) -> Iterator[Call]:
    """Start a remote call. At the end of the block nothing of it is left running, whatever happened."""
    asked = json.dumps({"action": action, "remote": remote, "timeout": timeout, "objects": objects})
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        given.write(asked.encode())
        given.seek(0)
        process = None
        try:
            with held():
                process = subprocess.Popen(
                    TRANSPORT, stdin=given, stdout=printed, stderr=complained, start_new_session=True
                )
            yield Call(process, printed, complained, timeout, time.monotonic() + timeout)
        finally:
            if process is not None:
                with suppress(ProcessLookupError):  # it has ended, and everything that it started
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def call(action: str, remote: str, objects: Sequence[Named], timeout: int) -> Answer:
    """Make one remote call and wait for its answer."""
    with calling(action, remote, objects, timeout) as started:
        return started.answer()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")
