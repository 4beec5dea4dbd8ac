"""MLflow's pages on this machine."""

import signal
import socket
import subprocess
import sys

import pytest
import requests

from credit.core.errors import InputError
from ops.mirror import ui
from ops.mirror.ui import HOST, open_ui
from tests.ops.mirror.git_repository import environment

pytestmark = pytest.mark.slow

DEAF = """#!{python}
import signal, socket, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pages = socket.create_server(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
time.sleep(600)
"""


@pytest.fixture
def taken():
    """Listen on a port."""
    with socket.create_server((HOST, 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def free() -> int:
    """Give a port on which nothing listens."""
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


@pytest.fixture
def python(monkeypatch, tmp_path):
    """Give a function that puts another program in the place of Python."""

    def replace(program: str) -> None:
        (tmp_path / "python").write_text(program, encoding="utf-8")
        (tmp_path / "python").chmod(0o755)
        monkeypatch.setattr(ui.sys, "executable", str(tmp_path / "python"))

    return replace


def refused(uri: str, port: int) -> str:
    with pytest.raises(InputError) as caught, open_ui(uri, port):
        pytest.fail("opened")
    return str(caught.value)


def test_what_keeps_the_pages_from_coming_is_said_in_one_line(taken, free, uri, tmp_path, python):
    said = refused(uri, taken)
    assert said.startswith(f"expected nobody on port {taken} ")
    assert said.endswith(f" choose another: --port {taken + 1}")
    (tmp_path / "no.db").write_text("no database " * 100, encoding="utf-8")
    assert refused(f"sqlite:///{tmp_path}/no.db", free) == "file is not a database"
    python("#!/bin/sh\necho broken >&2\nexit 1\n")
    assert refused(uri, free).endswith("server.log says why")


def test_a_server_has_pages_of_its_own(taken):
    with open_ui("https://ada" + ":secret-word@mlflow.example.org", taken) as address:
        assert address == "https://***@mlflow.example.org"


def test_pages_that_do_not_end_are_killed(uri, free, monkeypatch, python):
    monkeypatch.setattr(ui, "GRACE", 0.2)
    python(DEAF.format(python=sys.executable))
    with open_ui(uri, free) as address:
        assert address == f"http://{HOST}:{free}"
        assert not is_free(free)
    assert is_free(free)


def test_an_experiment_that_is_run_while_the_pages_are_open_appears(small, no_models, uri, repository, free):
    process = subprocess.Popen(
        [sys.executable, "-m", "ops.mirror", "--ui", "--port", str(free)],
        cwd=small.root,
        env={**environment(), "PYTHONPATH": str(repository)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == f"mirror: MLflow is at http://{HOST}:{free}, Ctrl-C ends it\n"
        assert process.stdout.readline().startswith("mirror: new ")
        small.experiment("wide", C=3.0)
        assert process.stdout.readline().startswith("mirror: new wide; ")
        assert "wide" in names(free)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "")
    assert is_free(free)


def names(port: int) -> set[str]:
    """Ask the pages' server for the names of its runs."""
    api = f"http://{HOST}:{port}/api/2.0/mlflow"
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{api}/experiments/get-by-name?experiment_name=credit-risk", timeout=180)
        experiment = answer.json()["experiment"]["experiment_id"]
        found = session.post(f"{api}/runs/search", json={"experiment_ids": [experiment]}, timeout=180).json()["runs"]
    return {run["info"]["run_name"] for run in found}
