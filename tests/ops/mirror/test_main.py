"""The command."""

import signal
import subprocess
import sys
from contextlib import contextmanager, nullcontext

import pytest

from credit.core.errors import InputError
from ops.mirror import __main__ as command
from ops.mirror.__main__ import NOT_MIRRORED, main
from tests.ops.mirror.small_repository import environment

SIGNALLED = """
import os, signal, sys
from mlflow import MlflowClient
from ops.mirror.__main__ import main
uri, how, when = sys.argv[1:]
ask = lambda: os.kill(os.getpid(), signal.Signals[how])
whole = MlflowClient.log_batch
if when == "fork":
    os.register_at_fork(after_in_parent=ask)  # Python ignores what is raised while it forks
else:
    MlflowClient.log_batch = lambda *given, **options: (ask(), whole(*given, **options))
main(["--uri", uri])
"""


@pytest.fixture(autouse=True)
def here(small, monkeypatch):
    monkeypatch.chdir(small.root)


@pytest.fixture
def run(repository, small):
    """Start the command in the small repository."""

    def start(*arguments: str, **variables: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "ops.mirror", *arguments],
            cwd=small.root,
            env={**environment(), "PYTHONPATH": str(repository), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.mark.usefixtures("no_models")
@pytest.mark.parametrize("from_environment", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_it_mirrors_to_where_the_environment_says_unless_an_option_does(uri, monkeypatch, capsys, from_environment):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri if from_environment else "http://127.0.0.1:1")
    main([] if from_environment else ["--uri", uri])
    assert capsys.readouterr().out.startswith("mirror: new ")


def test_in_a_folder_of_the_repository_it_refuses_and_makes_nothing(small, monkeypatch, capsys):
    monkeypatch.chdir(small.root / "metrics")
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == NOT_MIRRORED
    assert f"expected to run at the root of the repository, beside dvc.yaml, got {small.root}/metrics" in (
        capsys.readouterr().err
    )
    assert not (small.root / "metrics/.mlflow").exists()


@pytest.mark.slow
def test_a_server_that_is_down_costs_one_line(run):
    process = run(MLFLOW_TRACKING_URI="http://ada" + ":secret-word@127.0.0.1:1")
    out, err = process.communicate()
    assert (process.returncode, out) == (NOT_MIRRORED, "")
    (line,) = err.splitlines()
    assert line.startswith("mirror: not mirrored to http://***@127.0.0.1:1: ")
    assert line.endswith("; the next mirror catches up")
    assert "secret-word" not in line


@pytest.mark.slow
@pytest.mark.usefixtures("no_models")
def test_following_ends_at_a_signal(run, uri):
    process = run("--follow", "--uri", uri)
    assert process.stdout.readline().startswith("mirror: new ")
    process.send_signal(signal.SIGTERM)
    assert process.communicate()[1] == ""
    assert process.returncode == 130


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("when", ["fork", "write"])
def test_a_signal_ends_the_mirror_whenever_it_comes_and_leaves_no_files(small, uri, repository, tmp_path, how, when):
    (tmp_path / "temporary").mkdir()
    done = subprocess.run(  # ends when no process is left that could print
        [sys.executable, "-c", SIGNALLED, uri, how, when],
        cwd=small.root,
        env={**environment(), "PYTHONPATH": str(repository), "TMPDIR": str(tmp_path / "temporary")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("fails", [False, True])
def test_pages_are_opened_and_runs_followed_else_one_line_says_why(monkeypatch, capsys, fails):
    steps = []

    @contextmanager
    def open_ui(uri: str, port: int):
        if fails:
            raise InputError("the port is taken")
        steps.append(port)
        yield f"http://127.0.0.1:{port}"
        steps.append("closed")

    monkeypatch.setattr(command, "open_ui", open_ui)
    monkeypatch.setattr(command, "follow", lambda *_: steps.append("followed"))
    with pytest.raises(SystemExit) if fails else nullcontext() as ended:
        main(["--ui", "--port", "5999"])
    said = capsys.readouterr()
    if fails:
        assert (ended.value.code, steps) == (NOT_MIRRORED, [])
        assert "the port is taken" in said.err
    else:
        assert steps == [5999, "followed", "closed"]
        assert said.out == "mirror: MLflow is at http://127.0.0.1:5999, Ctrl-C ends it\n"
