"""Remote calls: each is a process of `remote_worker` that has so many seconds, and is killed after them."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
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


@contextmanager
def remote_call(action: str, remote: str, objects: Sequence[Named], timeout: int) -> Iterator[Callable[[], Answer]]:
    """Start a remote call and give what waits for its answer; its process does not outlive the block."""
    with _text_file() as request, _text_file() as output, _text_file() as errors:
        json.dump({"action": action, "remote": remote, "timeout": timeout, "objects": objects}, request)
        request.seek(0)
        with started(WORKER, stdin=request, stdout=output, stderr=errors) as process:
            ends = time.monotonic() + timeout

            def answer() -> Answer:
                try:
                    code = process.wait(max(0.0, ends - time.monotonic()))
                except subprocess.TimeoutExpired:
                    return Answer(f"no answer within {timeout} s", {})
                try:
                    result = json.loads(_text(output))
                except ValueError:  # it ended before it could say anything: killed, or no memory, or no disk
                    last = (_text(errors).strip().splitlines() or [f"exit code {code}"])[-1]
                    return Answer(one_line(last, secrets_known()), {})
                return Answer(result.pop("reason"), result)

            yield answer


def _text_file() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")


def _text(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()
