"""One run or pull at a time: a second one would change files under the stage that the first is running."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from credit.core.errors import InputError

FILE = Path(".dvc/tmp/sync/run.lock")


@contextmanager
def run_lock() -> Iterator[None]:
    """Be the only one in the block; raises InputError, at once, while another program is in it."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # goes with the process, however that ends
        except BlockingIOError:
            lock.seek(0)
            raise InputError(f"another run is under way (PID {lock.read()})") from None
        lock.truncate(0)
        print(os.getpid(), end="", file=lock, flush=True)
        yield
