"""The command, in processes of its own."""

import shutil
import signal
import subprocess
import sys

import pytest
from mlflow import MlflowClient

from ops.mirror.__main__ import NOT_MIRRORED, main
from tests.ops.mirror.content import everything
from tests.ops.mirror.git_repository import environment


@pytest.fixture
def start(repository, small, programs):
    """Start a program, the command if none is given, in the small repository."""

    def run(*arguments: str, program: str = "ops.mirror", **variables: str) -> subprocess.Popen:
        return subprocess.Popen(
            [programs / "python", "-m", program, *arguments],
            cwd=small.root,
            env={**environment(), "PYTHONPATH": str(repository), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return run


@pytest.mark.usefixtures("no_models")
@pytest.mark.parametrize("from_environment", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_it_mirrors_to_where_the_environment_says_unless_an_option_does(
    small, uri, monkeypatch, capsys, from_environment
):
    monkeypatch.chdir(small.root)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri if from_environment else "http://127.0.0.1:1")
    main([] if from_environment else ["--uri", uri])
    assert capsys.readouterr().out.startswith("mirror: new ")


@pytest.mark.parametrize(
    ("uri", "folder", "words"),
    [
        ("http://127.0.0.1:1", ".", "to http://127.0.0.1:1: TCP: 127.0.0.1:1 refuses the connection"),
        ("http://ada" + ":secret-word@host", ".", "to http://***@host: URI: a user name or a password"),
        ("http://ada:secret-word", ".", "to http://ada:***: URI: the port is no number"),
        ("http://127.0.0.1:1", "metrics", "expected to run at the root of the repository, beside dvc.yaml, got "),
    ],
)
def test_where_it_cannot_mirror_one_line_says_why(small, monkeypatch, capsys, uri, folder, words):
    monkeypatch.chdir(small.root / folder)
    with pytest.raises(SystemExit) as ended:
        main(["--uri", uri])
    assert ended.value.code == NOT_MIRRORED
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mirror: not mirrored ")
    assert words in line
    assert line.endswith("; when that is mended, the next mirror catches up")
    assert "secret-word" not in line
    assert not (small.root / folder / ".mlflow").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("no_models")
def test_following_ends_at_a_signal(start, uri):
    process = start("--follow", "--uri", uri)
    assert process.stdout.readline().startswith("mirror: new ")
    process.send_signal(signal.SIGTERM)
    assert process.communicate()[1] == ""
    assert process.returncode == 130


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("when", ["fork", "write"])
def test_a_signal_ends_the_mirror_whenever_it_comes_and_leaves_no_files(start, uri, tmp_path, how, when):
    (tmp_path / "temporary").mkdir()
    process = start(uri, how, when, program="tests.ops.mirror.signalled", TMPDIR=str(tmp_path / "temporary"))
    assert process.communicate() == ("", "")  # ends when no process is left that could print
    assert process.returncode == 130
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.slow
def test_two_at_once_write_everything_once_and_after_the_database_was_deleted_it_is_back(small, start):
    small.experiment("wide", C=3.0)
    both = [start() for _ in range(2)]
    said = [process.communicate() for process in both]
    assert [(process.returncode, errors) for process, (_, errors) in zip(both, said, strict=True)] == [(0, "")] * 2
    assert sorted(out.split(";")[0].split()[1].strip() for out, _ in said) == ["new", "nothing"]
    uri = f"sqlite:///{small.root}/.mlflow/mlflow.db"
    before = everything(MlflowClient(uri, registry_uri=uri))
    assert len(before["runs"]) == 6
    shutil.rmtree(small.root / ".mlflow")
    assert start().communicate()[1] == ""
    uri = f"sqlite:///{small.root}/.mlflow/./mlflow.db"  # the other spelling is of the file that is gone
    assert everything(MlflowClient(uri, registry_uri=uri)) == before
    assert before["aliases"]["champion"] == small.model("best")
