"""A `python` and a `dvc` that have the libraries' imports behind them, which take most of a small program's time.

A server imports the libraries once. `python -m PROGRAM` asks it for a process, a fork of its own, with the asker's
environment, folder and open files, which imports the project's modules anew; so do those that `multiprocessing` spawns.
All else asked of `python` the real one does.
"""

import atexit
import contextlib
import fcntl
import gc
import importlib
import marshal
import multiprocessing
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path

LIBRARIES = """
category_encoders celery dvc.cli dvc.repo.experiments.queue.celery dvc.repo.plots dvc.repo.reproduce dvc.scm
dvc_gdrive dvc_s3 hydra
imblearn.over_sampling imblearn.pipeline matplotlib.backends.backend_agg matplotlib.figure mlflow.sklearn
mlflow.store.model_registry.sqlalchemy_store mlflow.store.tracking.sqlalchemy_store networkx optbinning pyarrow.parquet
sklearn.calibration sklearn.ensemble sklearn.linear_model skops.io
""".split()
CLIENT = """\
#!{python} -IS
import marshal, os, signal, socket, sys
name, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
if name == "dvc":
    arguments = ["-m", "dvc", *arguments]
if arguments[:1] != ["-m"] and arguments[-1:] != ["--multiprocessing-fork"]:
    os.execv({python!r}, [{python!r}, *arguments])
files = [int(file) for file in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + file)]
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"!"], files)
    server.sendall(marshal.dumps((arguments, files, os.getcwd(), dict(os.environ))))
    answers = server.makefile()
    process = int(answers.readline())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(process, number))
    code = int(answers.readline())
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


def start(folder: Path, lasts_with: int) -> None:
    """Make the folder of both programs, and start their server, which ends with another process."""
    folder.mkdir()
    address, python = folder / "server", folder / "python"
    with socket.socket(socket.AF_UNIX) as listening, (folder / "log").open("wb") as log:
        listening.bind(str(address))
        listening.listen(100)
        server = subprocess.Popen(
            [sys.executable, __file__, str(listening.fileno()), str(lasts_with), python],
            env={**os.environ, "PYTHONHASHSEED": "7"},  # of every program: the tests' own is another in each run
            pass_fds=[listening.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    server.returncode = 0  # it is not waited for
    python.write_text(CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    python.chmod(0o755)
    (folder / "dvc").symlink_to(python)


def serve(listening: socket.socket, lasts_with: int) -> None:
    """Import the libraries, then give a process to whoever asks."""
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that look after one
    while Path(f"/proc/{lasts_with}").exists():
        if select.select([listening], [], [], 1)[0]:
            client, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                look_after(client)
            client.close()


def look_after(client: socket.socket) -> None:
    """Start a process, say its number and how it ended; it is killed if who has asked for it is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, received, _, _ = socket.recv_fds(client, 1, 100)
    with client.makefile("rb") as request:
        arguments, files, folder, environment = marshal.load(request)
    if (process := os.fork()) == 0:
        client.close()
        take_over(received, files)
        become(folder, environment)
        leave(exit_code(arguments))
    for file in received:
        os.close(file)
    client.sendall(b"%d\n" % process)
    if client in select.select([os.pidfd_open(process), client], [], [])[0]:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    with contextlib.suppress(BrokenPipeError):
        client.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def take_over(received: Sequence[int], files: Sequence[int]) -> None:
    """Give open files the numbers that they had where they come from."""
    out_of_the_way = [fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, 1000) for file in received]
    for file in received:
        os.close(file)
    for file, number in zip(out_of_the_way, files, strict=True):
        os.dup2(file, number)
        os.close(file)


def become(folder: str, environment: dict[str, str]) -> None:
    """Be as a new process would be, in a folder and an environment."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.executable = sys.argv[3]
    multiprocessing.set_executable(sys.executable)
    sys.path[:1] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    sys.modules.pop("sitecustomize", None)
    with contextlib.suppress(ImportError):
        importlib.import_module("sitecustomize")


def exit_code(arguments: list[str]) -> int:
    """Run a module as a program, or what `multiprocessing` asks for."""
    sys.argv[:] = arguments[1:] if arguments[0] == "-m" else ["-c", arguments[-1]]
    try:
        if arguments[0] == "-m":
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            exec(arguments[-2], {"__name__": "__main__"})
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        return int(isinstance(ended.code, str)) or ended.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def leave(code: int) -> None:
    """End as the interpreter does, but do not take all modules apart, which takes longer than many a program."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
