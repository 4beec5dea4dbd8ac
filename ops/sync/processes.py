"""Processes that the program starts: remote calls, which have so many seconds, and the user's command.

Each is in a session of its own: it cannot ask at the terminal, and a signal reaches all of it.
"""

import multiprocessing
import os
import pickle
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from dvc.repo import Repo

from credit.core.errors import InputError
from ops.shared.signals import Interrupted, held
from ops.sync.objects import Named
from ops.sync.report import say
from ops.sync.transfer import ACTIONS

SECONDS_TO_END = 10  # from the signal to the kill
TIMED_OUT = None, -signal.SIGALRM  # exit codes of a remote call: it has not ended, or its alarm has ended it


class Answer(NamedTuple):
    """What a remote call came to: the reason why it failed as a whole, or None; and otherwise its result."""

    reason: str | None
    result: dict


@contextmanager
def remote_call(action: str, remote: str, objects: Sequence[Named], timeout: int) -> Iterator[Callable[[], Answer]]:
    """Start a remote call and give what waits for its answer; its process and its children do not outlive the block."""
    with tempfile.NamedTemporaryFile() as file:  # a pipe would hold a long answer, and its sender, until it is read
        arguments = (file.name, action, remote, objects, timeout)
        process = multiprocessing.get_context("spawn").Process(target=_work, args=arguments)
        ends = time.monotonic() + timeout

        def answer() -> Answer:
            process.join(max(0.0, ends - time.monotonic()))
            if process.exitcode in TIMED_OUT:
                return Answer(f"no answer within {timeout} s", {})
            try:
                return pickle.load(file)
            except (EOFError, pickle.UnpicklingError):  # it was killed, or there is no memory or no room on the disk
                return Answer(f"exit code {process.exitcode}", {})

        try:
            with held():
                process.start()
            yield answer
        finally:
            if process.pid is not None:
                with suppress(ProcessLookupError):  # it has no session yet, or nothing of it is left
                    if process.exitcode in TIMED_OUT:  # one that has answered has ended its children
                        os.killpg(process.pid, signal.SIGKILL)
                process.kill()
                process.join()


def _work(path: str, action: str, remote: str, objects: Sequence[Named], timeout: int) -> None:
    """Do what is asked, in a process of its own, and write the answer."""
    os.setsid()
    signal.alarm(timeout + 1)  # ends this process even if the one that waits for it was killed
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):  # the remotes' libraries print, and may ask
        os.dup2(silence, stream)
    try:
        with Repo() as repo:
            store = repo.cloud.get_remote_odb(remote)
            answer = Answer(None, ACTIONS[action](repo.cache.local, store, objects))
    except Exception as error:  # whatever a remote's library raises is the reason why the call failed
        answer = Answer(say(error), {})
    Path(path).write_bytes(pickle.dumps(answer))
    os.killpg(0, signal.SIGKILL)  # the answer is given: the libraries' threads and children shall not go on


def run(command: Sequence[str]) -> int:
    """Run the user's command, its output streaming through; returns its exit code (128 + n after signal n).

    An interruption is passed on to the command and its children; what does not end then is killed, at a second
    interruption at once.
    """
    process = None
    try:
        with held():
            process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
        code = process.wait()
    except OSError as error:  # not a program, or its interpreter is not there
        raise InputError(f"expected a command that can be started, got {command[0]!r}: {error.strerror}") from None
    except Interrupted as interruption:
        for number in (interruption.number, signal.SIGKILL) if process else ():
            with suppress(
                ProcessLookupError, subprocess.TimeoutExpired, Interrupted
            ):  # it may have ended, and all its children
                os.killpg(process.pid, number)
                process.wait(SECONDS_TO_END)
        raise
    return code if code >= 0 else 128 - code
