"""Remote calls: each is a process of `remote_worker` that has so many seconds, and is killed after them."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, NamedTuple

from ops.shared.redaction import one_line
from ops.sync.objects import Named
from ops.sync.processes import started
from ops.sync.remotes import secrets_known

WORKER = (sys.executable, "-m", "ops.sync.remote_worker")


class Answer(NamedTuple):
    """What a remote call came to: the reason why it failed as a whole, or None; and otherwise its result."""

    reason: str | None
    result: dict


class RemoteCall(NamedTuple):
    """A remote call under way."""

    process: subprocess.Popen
    output: IO[str]
    errors: IO[str]
    timeout: int
    ends: float

    def answer(self) -> Answer:
        """Wait for the answer, not longer than the call's time."""
        try:
            self.process.wait(max(0.0, self.ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            return Answer(f"no answer within {self.timeout} s", {})
        try:
            result = json.loads(_text(self.output))
        except ValueError:  # it ended before it could say anything: killed, or no memory, or no disk
            last = (_text(self.errors).strip().splitlines() or [f"exit code {self.process.returncode}"])[-1]
            return Answer(one_line(last, secrets_known()), {})
        return Answer(result.pop("reason"), result)


@contextmanager
def remote_call(action: str, remote: str, objects: Sequence[Named], timeout: int) -> Iterator[RemoteCall]:
    """Start a remote call; its process does not outlive the block."""
    with _text_file() as request, _text_file() as output, _text_file() as errors:
        json.dump({"action": action, "remote": remote, "timeout": timeout, "objects": objects}, request)
        request.seek(0)
        with started(WORKER, stdin=request, stdout=output, stderr=errors) as process:
            yield RemoteCall(process, output, errors, timeout, time.monotonic() + timeout)


def _text_file() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")


def _text(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()
