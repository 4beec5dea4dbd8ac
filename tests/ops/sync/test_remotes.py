"""Which remotes are used, in which order, and which are refused."""

import shutil
import sys
from pathlib import Path

import pytest

from credit.core.errors import InputError
from ops.sync import __main__ as program
from ops.sync.remotes import choose, configured
from tests.dvc_project import user_environment

THREE = """\
[core]
    remote = b
['remote "a"']
    url = s3://bucket/a
    verify = true
['remote "b"']
    url = https://user:{password}@host/b
    verify = true
['remote "c"']
    url = /somewhere
"""


@pytest.fixture
def in_project(tmp_path, monkeypatch):
    """Change into a repository of DVC's without anything in it, and give what writes its configuration."""
    for name, value in user_environment(tmp_path / "user", Path(sys.executable).parent).items():
        monkeypatch.setenv(name, value)
    config = tmp_path / "project/.dvc/config"
    config.parent.mkdir(parents=True)
    config.write_text(THREE.replace("    url = /somewhere", "    url = /somewhere\n    verify = true"))
    monkeypatch.chdir(config.parent.parent)
    return config.write_text


@pytest.mark.parametrize("password", ["hunter22", "12/34@56"])
def test_the_default_remote_comes_first_unless_they_are_named_and_no_password_is_shown(in_project, password):
    in_project(THREE.format(password=password))
    assert [remote.name for remote in configured()] == ["b", "a", "c"]
    assert [remote.name for remote in choose("a,b")] == ["a", "b"]
    assert configured()[0].url == "https://***@host/b"


@pytest.mark.parametrize(
    ("config", "names", "says"),
    [
        (THREE, None, "`dvc remote modify c verify true`"),
        (THREE, "a,d", "expected some of b, a, c, got 'd'"),
        ("", None, "expected a DVC remote, none is configured"),
        ("[core]\nremote = x\n", None, "expected the default remote 'x' among the remotes"),
        ("[core\n", None, "config file error"),
    ],
)
def test_a_configuration_that_will_not_do_is_refused_in_one_line(in_project, capsys, config, names, says):
    in_project(config)
    remotes = [] if names is None else ["--remotes", names]
    with pytest.raises(SystemExit, match="2"):
        program.main(["run", *remotes, "--", "true"])
    printed = capsys.readouterr().err
    assert printed.startswith("sync: ")
    assert says in printed
    assert printed.count("\n") == 1


def test_what_is_to_be_typed_names_the_level_on_which_the_remote_was_added(in_project):
    in_project("['remote \"a\"']\nurl = /a\nverify = true\n")
    Path(".dvc/config.local").write_text("['remote \"s3\"']\nurl = s3://bucket\n")
    with pytest.raises(InputError, match="`dvc remote modify --local s3 verify true` sets it"):
        choose(None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "usage: "),
        (["push", "--timeout", "0"], "expected a number of seconds above 0, got '0'"),
        (["push", "--timeout", "x"], "expected a number of seconds above 0, got 'x'"),
        (["run", "--", "no-such-command"], "found none called 'no-such-command'"),
        (["status"], "expected the root of a DVC repository"),
    ],
)
def test_wrong_usage(in_project, arguments, says, capsys):
    if arguments == ["status"]:
        shutil.rmtree(".dvc")
    with pytest.raises(SystemExit, match="2"):
        program.main(arguments)
    assert says in capsys.readouterr().err
