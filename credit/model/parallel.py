"""Where work that is done beside each other runs: the one place that decides it, by joblib's own configuration.

On Linux it runs in forked processes, which have all imports already; joblib's own (loky) start anew and import for
seconds. Forking is unsafe on macOS and unknown to Windows: there loky stays.
"""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

import joblib
from joblib import Parallel, parallel_config, register_parallel_backend
from joblib.parallel import (
    BACKENDS,
    AutoBatchingMixin,
    FallbackToBackend,
    LokyBackend,
    ParallelBackendBase,
    SequentialBackend,
    get_active_backend,
)
from threadpoolctl import threadpool_limits

from credit.core.errors import InputError

VARIABLE = "JOBLIB_BACKEND"
FORK = "fork"
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux' prctl


def processes_config() -> parallel_config:
    """Choose where the `Parallel` calls within it run: `with processes_config(): ...`.

    A `parallel_config` around it stays as it is, such as that of a Dask client connected to a cluster. Else the
    environment's JOBLIB_BACKEND chooses: fork, loky, threading, sequential.

    Raises
    ------
    InputError
        There is no such backend.
    """
    if not isinstance(get_active_backend()[0], LokyBackend):
        return parallel_config()
    name = os.environ.get(VARIABLE) or (FORK if sys.platform == "linux" else "loky")
    if name not in BACKENDS:
        raise InputError(f"environment: '{VARIABLE}' must be one of {', '.join(BACKENDS)}, got {name!r}")
    return parallel_config(backend=name)


@contextmanager
def beside() -> Iterator[Callable[..., Future]]:
    """Give a function that has things done one by one beside this process: `submit(function, *arguments)`.

    The first one begins a worker, a forked one where that is safe, else a thread. What it does when the block ends is
    waited for; of the rest it does no more than the next two, which are on their way to it. An error or an
    interruption of the block ends a forked worker at once.
    """
    pools: list[Executor] = []

    def submit(function: Callable[..., Any], *arguments: Any) -> Future:
        if not pools:
            pools.append(forked(1) if sys.platform == "linux" and may_fork() else ThreadPoolExecutor(1))
        return pools[0].submit(function, *arguments)

    ended = False
    try:
        yield submit
        ended = True
    finally:
        for pool in pools:
            if not ended:
                _kill_processes(pool)
            pool.shutdown(cancel_futures=True)
            gc.unfreeze()  # else a process that does this time and again would keep its garbage


def forked(processes: int) -> ProcessPoolExecutor:
    """Fork processes that wait for work."""
    gc.freeze()  # what there is by now, mostly imports, is no longer walked, nor copied for that, here or there
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin, (os.getpid(),))
    with warnings.catch_warnings():
        # Python 3.12 warns of threads of the parent. Here they are PyArrow's, which is made to be forked.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        pool.submit(int)  # forks all processes, before the pool has a thread of its own
    return pool


def may_fork() -> bool:
    """Whether this is the main thread of the main process: elsewhere locks could be held that nobody releases."""
    return threading.current_thread() is threading.main_thread() and multiprocessing.parent_process() is None


@contextmanager
def killed_in_one_line() -> Iterator[None]:
    """Raise an InputError if a process was killed."""
    try:
        yield
    except BrokenProcessPool:
        raise InputError(
            "expected every process to end its work, one was killed from outside (out of memory?)"
        ) from None


class ForkBackend(AutoBatchingMixin, ParallelBackendBase):
    """Run joblib's tasks in processes forked from this one, by concurrent.futures.

    joblib's own backend that forks, multiprocessing, waits for ever for a process that was killed, and yields
    nothing before all is done.
    """

    supports_retrieve_callback = True
    _executor: ProcessPoolExecutor | None = None

    def effective_n_jobs(self, n_jobs: int | None) -> int:
        if n_jobs == 0:
            raise ValueError("n_jobs == 0 in Parallel has no meaning")
        if n_jobs is None or not may_fork():
            return 1
        return n_jobs if n_jobs > 0 else max(joblib.cpu_count() + 1 + n_jobs, 1)

    def configure(self, n_jobs: int = 1, parallel: Parallel | None = None, **_: Any) -> int:
        n_jobs = self.effective_n_jobs(n_jobs)
        if n_jobs == 1:
            raise FallbackToBackend(SequentialBackend(nesting_level=self.nesting_level))
        self.parallel = parallel
        self._executor = forked(n_jobs)
        return n_jobs

    def submit(self, func: Callable[[], Any], callback: Callable[[Future], None] | None = None) -> Future:
        future = self._executor.submit(func)
        future.add_done_callback(callback)
        return future

    def retrieve_result_callback(self, out: Future) -> Any:
        with killed_in_one_line():
            return out.result()

    def terminate(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None
        self.reset_batch_stats()

    def abort_everything(self, ensure_ready: bool = True) -> None:
        _kill_processes(self._executor)
        self.terminate()
        if ensure_ready:
            self.configure(n_jobs=self.parallel.n_jobs, parallel=self.parallel)


def _kill_processes(pool: Executor) -> None:
    """End the processes of a pool, if it has any, in the middle of what they do."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        process.kill()


def _begin(parent: int) -> None:
    """Make a forked process one that computes on a single thread and ends with its parent, whatever ends that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends the others
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    # Sums must not depend on the machine's cores, and the OpenMP threads of the parent do not live on in a fork.
    threadpool_limits(1)


register_parallel_backend(FORK, ForkBackend)
