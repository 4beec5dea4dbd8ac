"""MLflow's pages on this machine."""

import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
import requests

from credit.core.errors import InputError
from ops.mirror import ui
from ops.mirror.ui import HOST, check_is_free, end, open_ui
from tests.ops.mirror.small_repository import environment

pytestmark = pytest.mark.slow

SECONDS_TO_START = 180  # on busy cores


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@pytest.fixture
def taken():
    """Listen on a port."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_that_is_taken_is_refused(taken, uri):
    with pytest.raises(InputError, match=rf"nobody on port {taken} .* choose another: --port {taken + 1}"):
        check_is_free(taken)
    with pytest.raises(InputError), open_ui(uri, taken):
        pytest.fail("opened")
    check_is_free(free_port())


def test_a_server_has_pages_of_its_own(taken):
    with open_ui("https://ada" + ":secret-word@mlflow.example.org", taken) as address:
        assert address == "https://***@mlflow.example.org"


def test_a_database_that_is_none_is_said_in_one_line(tmp_path):
    (tmp_path / "mlflow.db").write_text("no database " * 100, encoding="utf-8")
    with (
        pytest.raises(InputError, match=r"^file is not a database$"),
        open_ui(f"sqlite:///{tmp_path}/mlflow.db", free_port()),
    ):
        pytest.fail("opened")


def test_pages_that_do_not_come_are_said(uri, monkeypatch, tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho broken >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(ui.sys, "executable", str(program))
    with pytest.raises(InputError, match=r"got none; .*server\.log says why$"), open_ui(uri, free_port()):
        pytest.fail("opened")


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_server_ends_with_its_workers():
    parent = "import subprocess, sys; subprocess.Popen(['sleep', '600']); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as server:
        server.stdout.readline()
        (worker,) = psutil.Process(server.pid).children()
        end(server)
        end(server)
    assert server.returncode == -signal.SIGTERM
    # It was signalled with the server, and dies when it is next scheduled.
    until = time.monotonic() + 10
    while is_alive(worker) and time.monotonic() < until:
        time.sleep(0.01)
    assert not is_alive(worker)


def test_a_server_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(ui, "GRACE", 0.2)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    server = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True)
    server.stdout.readline()
    end(server)
    assert server.returncode == -signal.SIGKILL
    server.stdout.close()


def test_an_experiment_that_is_run_while_the_pages_are_open_appears(small, no_models, uri, repository):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "ops.mirror", "--ui", "--port", str(port)],
        cwd=small.root,
        env={**environment(), "PYTHONPATH": str(repository)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == f"mirror: MLflow is at http://{HOST}:{port}, Ctrl-C ends it\n"
        assert process.stdout.readline().startswith("mirror: new ")
        small.experiment("wide", C=3.0)
        assert process.stdout.readline().startswith("mirror: new wide; ")
        assert "wide" in names(port)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "")
    check_is_free(port)


def names(port: int) -> set[str]:
    """Ask the pages' server for the names of its runs."""
    api = f"http://{HOST}:{port}/api/2.0/mlflow"
    with requests.Session() as session:
        session.trust_env = False
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            answer = session.get(f"{api}/experiments/get-by-name?experiment_name=credit-risk", timeout=60)
            if answer.ok:
                break
            time.sleep(0.2)
        experiment = answer.json()["experiment"]["experiment_id"]
        found = session.post(f"{api}/runs/search", json={"experiment_ids": [experiment]}, timeout=60).json()["runs"]
    return {run["info"]["run_name"] for run in found}
