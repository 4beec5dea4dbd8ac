"""A Python without the packages, or too old, is told so in one line by whatever is started with it."""

import ast
import os
import subprocess
import sys

import pytest

from credit.core.python import check_python

REMEDY = "; run `make run`, or activate the Python that it has set up: `source .venv/bin/activate`\n"


@pytest.mark.parametrize(
    "module", ["stages.source", "stages.train", "stages.card", "ops.summary", "ops.sync", "ops.check_environment"]
)
def test_without_the_packages_one_line_says_what_to_do(module: str, repository):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, "-S", "-B", "-m", module],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    program = module.split(".", maxsplit=1)[0]
    assert ended.stderr.startswith(f"{program}: expected the packages of requirements.txt in this Python (")
    assert "got none of numpy, " in ended.stderr
    assert ended.stderr.endswith(REMEDY)
    assert ended.stderr.count("\n") == 1


def test_only_those_that_lack_are_named(capsys):
    check_python("stages", "numpy", "pandas")
    with pytest.raises(SystemExit) as ended:
        check_python("stages", "numpy", "no_such_package", "pandas")
    assert ended.value.code == 2
    assert f"({sys.executable}), got none of no_such_package; run" in capsys.readouterr().err


def test_an_older_python_is_told_which_is_expected(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    with pytest.raises(SystemExit) as ended:
        check_python("ops", "numpy")
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"ops: expected Python 3.11 or later ({sys.executable}), got Python 3.10.13{REMEDY}"
    )


@pytest.mark.parametrize(
    "file", ["credit/__init__", "credit/core/__init__", "credit/core/python", "stages/__init__", "ops/__init__"]
)
def test_what_says_it_is_understood_by_an_older_python(file: str, repository):
    tree = ast.parse((repository / f"{file}.py").read_text(encoding="ascii"))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    arguments = [argument for node in functions for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
    assert not [node for node in functions if node.returns or node.args.kwonlyargs or node.args.posonlyargs]
    assert not [argument for argument in arguments if argument.annotation]
