"""The command line: lines for people, an object for programs, and no secret in either, whatever a server does."""

import base64
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from urllib.parse import quote

import pytest

from credit.core.errors import InputError
from ops.check_mlflow import __main__ as program
from ops.check_mlflow import check as checking
from ops.check_mlflow import database, server, write
from ops.check_mlflow.causes import ROWS, TABLE
from tests.ops.check_mlflow.stubs import Reply, closed

LINE = re.compile(r"(ok  |warn|FAIL|-   ) (\w[\w-]*) +\d+\.\d ms  \S.*")
PASSWORD = 'c0rrect "horse"&<battery>\\ staple'
SPELLINGS = {
    "itself": PASSWORD,
    "base64": base64.b64encode(PASSWORD.encode()).decode(),
    "header": base64.b64encode(f"me:{PASSWORD}".encode()).decode(),
    "address": quote(PASSWORD),
    "JSON": json.dumps(PASSWORD)[1:-1],
    "repr": repr(PASSWORD)[1:-1],
}


def run(repository, *code: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    command = [sys.executable, *code]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, env=environment)


def test_a_line_for_each_step_and_below_the_one_that_failed_the_remedy(mlflow, capsys):
    assert program.main([mlflow.url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [LINE.fullmatch(line)[2] for line in lines] == list(server.NAMES)
    assert len({line.index(" ms  ") for line in lines}) == 1
    with closed() as url:
        assert program.main([url]) == 3
    *_, failed, remedy = capsys.readouterr().out.splitlines()
    assert LINE.fullmatch(failed).groups() == ("FAIL", "TCP")
    assert remedy.split()[0] == "remedy"
    assert failed.index("127.0.0.1") == remedy.index("start the server")


def test_json_has_the_steps_that_were_not_reached_too_and_programs_get_the_one_that_failed(check):
    with closed() as url:
        checked = check(url, "--write")
        with pytest.raises(InputError, match=r"^TCP: 127.0.0.1.* nothing listens there; start the server"):
            checking.ensure_readable(url)
    assert (checked.code, json.loads(checked.printed)["uri"]) == (3, url)
    assert list(checked.stages) == [*server.NAMES, *write.NAMES, write.CLEAN_UP]
    assert [stage["ok"] for stage in checked.stages.values()][:4] == [True, True, False, None]
    failed = checked.stages["TCP"]
    assert set(failed) == {"name", "ok", "warning", "milliseconds", "detail", "remedy"}
    assert failed["milliseconds"] >= 0


@pytest.mark.parametrize("seconds", ["0", "nan", "4000", "soon"])
def test_a_time_that_is_none(seconds, capsys):
    with pytest.raises(SystemExit) as ended:
        program.main(["--timeout", seconds])
    assert ended.value.code == 2
    assert "--timeout" in capsys.readouterr().err


def test_help_names_every_step_and_every_exit_code_of_the_table(capsys):
    with pytest.raises(SystemExit):
        program.main(["--help"])
    printed = capsys.readouterr().out
    named = set(re.findall(r"^    (\d) ", printed, flags=re.MULTILINE))
    assert named == {"0", "1", *(code for code, *_ in ROWS)}
    for names in (server.NAMES, database.NAMES, (*write.NAMES, write.CLEAN_UP)):
        assert ", ".join(names) in printed
    assert 2 * len(ROWS) == len(TABLE.strip().splitlines())


def test_mlflow_is_not_imported_to_read(repository, mlflow):
    """It takes seconds."""
    start = "import sys; sys.modules['mlflow'] = None; from ops.check_mlflow.__main__ import main;"
    ended = run(repository, "-c", f"{start} main([{mlflow.url!r}])")
    assert ended.stderr == ""
    assert len(re.findall(r"^ok ", ended.stdout, flags=re.MULTILINE)) == len(server.NAMES)


def test_no_client_is_a_failure_of_the_versions(check, mlflow, monkeypatch):
    monkeypatch.setattr(server, "version", lambda _: version("no-such-package"))
    check(mlflow.url).assert_failed("version", 6, "no MLflow client is installed", "requirements.txt")


def assert_clean(printed: str) -> None:
    for name, spelling in SPELLINGS.items():
        assert spelling not in printed, name
    assert "c0rrect" not in printed


@pytest.mark.parametrize("as_json", [False, True])
def test_a_server_that_echoes_a_secret(mlflow, check, login, as_json):
    login(USERNAME="me", PASSWORD=PASSWORD)
    said = "bad header: " + " ".join(json.dumps(text)[1:-1] if as_json else text for text in SPELLINGS.values())
    mlflow.replies["/version"] = Reply(500, f'{{"message": "{said}"}}' if as_json else said)
    checked = check(mlflow.url)
    checked.assert_failed("version", 5, "has a fault at /version (500): bad header: ", "log")
    assert_clean(checked.printed)


@pytest.mark.parametrize("cut", [300, 600])
def test_a_secret_is_hidden_where_an_answer_is_cut(mlflow, check, login, cut):
    login(USERNAME="me", PASSWORD=PASSWORD)
    for before in range(cut - len(PASSWORD) - 40, cut, 4):
        mlflow.replies["/version"] = Reply(500, "x " * (before // 2) + PASSWORD)
        assert "c0rrect" not in check(mlflow.url).printed


def test_an_error_of_the_check_itself(mlflow, check, login, monkeypatch):
    login(USERNAME="me", PASSWORD=PASSWORD)

    def fail(*_):
        raise RuntimeError(f"Authorization: {PASSWORD}")

    monkeypatch.setattr(server, "compare_versions", fail)
    checked = check(mlflow.url)
    checked.assert_failed("version", 1, "RuntimeError in test_main.py, line ", "fault of ops.check_mlflow")
    assert_clean(checked.printed)


@pytest.mark.parametrize(
    "arguments", [["http://me:{}" + "@127.0.0.1:1", "--json"], ["http://me:{}"], ["--timeout", "http://me:{}" + "@a.b"]]
)
def test_a_command_line_with_a_secret(repository, arguments):
    ended = run(repository, "-m", "ops.check_mlflow", *(one.format("c0rrect-h0rse") for one in arguments))
    assert ended.returncode == 2
    assert_clean(ended.stdout + ended.stderr)
