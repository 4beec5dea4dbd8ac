"""The command line: lines for people, an object for programs, and what it says of itself."""

import json
import re

import pytest

from ops.check_mlflow import __main__ as program
from ops.check_mlflow import server, write
from ops.check_mlflow.stages import Code
from tests.ops.check_mlflow.stubs import closed

LINE = re.compile(r"(ok  |warn|FAIL|-   ) (\w[\w-]*) +\d+\.\d ms  \S.*")


def test_a_line_for_each_stage(mlflow, capsys):
    assert program.main([mlflow.url]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [LINE.fullmatch(line)[2] for line in lines] == list(server.NAMES)
    assert len({line.index(" ms  ") for line in lines}) == 1


def test_below_the_one_that_failed_the_remedy_and_nothing_more(capsys):
    with closed() as url:
        assert program.main([url]) == 3
    *_, failed, remedy = capsys.readouterr().out.splitlines()
    assert LINE.fullmatch(failed).groups() == ("FAIL", "TCP")
    assert remedy.split()[0] == "remedy"
    assert failed.index("127.0.0.1") == remedy.index("start the server")


def test_json_has_the_stages_that_were_not_reached_too(capsys):
    with closed() as url:
        assert program.main([url, "--json", "--write"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert (report["uri"], report["exit_code"]) == (url, 3)
    assert [stage["name"] for stage in report["stages"]] == [*server.NAMES, *write.NAMES]
    assert [stage["ok"] for stage in report["stages"]][:4] == [True, True, False, None]
    assert report["stages"][2]["remedy"].startswith("start the server")
    assert report["stages"][2]["milliseconds"] >= 0


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "4000", "soon"])
def test_a_time_that_is_none(seconds, capsys):
    with pytest.raises(SystemExit) as ended:
        program.main(["--timeout", seconds])
    assert ended.value.code == Code.USAGE
    assert "expected a number of seconds" in capsys.readouterr().err


def test_help_names_every_exit_code(capsys):
    with pytest.raises(SystemExit):
        program.main(["--help"])
    printed = capsys.readouterr().out
    assert [int(code) for code in re.findall(r"^    (\d) ", printed, flags=re.MULTILINE)] == list(Code)
