"""MLflow's pages on this machine, for a database file; a server has its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from credit.core.errors import InputError
from ops.check_mlflow.uri import shown
from ops.shared import signals
from ops.shared.redaction import one_line
from ops.shared.tracking import (
    artifact_location,
    as_input_error,
    connect,
    database_file,
    experiment_id,
    is_embedded,
    sole_writer,
)

HOST = "127.0.0.1"
GRACE = 10  # seconds to end in
PATIENCE = 60  # seconds to begin in
QUIET = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}


@contextmanager
def open_ui(uri: str, port: int) -> Iterator[str]:
    """Serve MLflow's pages on loopback while the block runs; gives their address.

    Raises
    ------
    InputError
        The port is taken, or the pages do not come.
    """
    if not is_embedded(uri):
        yield one_line(shown(uri))
        return
    check_is_free(port)
    with as_input_error(), sole_writer(uri):
        experiment_id(connect(uri), uri)  # the server, too, would make the tables
    command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", uri, "--default-artifact-root", artifact_location(uri)]
    log, server = database_file(uri).with_name("server.log"), None
    with log.open("w", encoding="utf-8") as stream:
        settings = {"stdout": stream, "stderr": stream, "env": {**os.environ, **QUIET}, "start_new_session": True}
        try:
            with signals.held():
                server = subprocess.Popen(command, **settings)
            wait(server, port, log)
            yield f"http://{HOST}:{port}"
        finally:
            if server:
                end(server)


def check_is_free(port: int) -> None:
    """Refuse a port on which something listens; MLflow would say so only in its log."""
    if listens(port):
        raise InputError(f"expected nobody on port {port} of this machine; choose another: --port {port + 1}")


def listens(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def wait(server: subprocess.Popen, port: int, log: Path) -> None:
    """Wait until the pages are there."""
    for _ in range(PATIENCE):
        if server.poll() is not None:
            break
        if listens(port):
            return
        time.sleep(1)
    raise InputError(f"expected MLflow's pages within {PATIENCE} s, got none; {log} says why")


def end(server: subprocess.Popen) -> None:
    """End a server and its workers."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
