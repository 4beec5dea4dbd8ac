"""Weak or missing settings are refused with one line, which never shows a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.mlflow_server import __main__ as entry_point
from ops.mlflow_server import environment, settings
from ops.mlflow_server.settings import SECRETS, SettingsError
from tests.mlflow_server.variables import KEY, LEAST, PARTS, PASSWORD, read

SHORT = "short-Pw-1"
NAMESAKE = "Risk-Team-2026"


def refusal(variables: dict[str, str]) -> str:
    """Give the line with which some variables are refused."""
    with pytest.raises(SettingsError) as refused:
        read(variables)
    line = str(refused.value)
    assert "\n" not in line
    assert PASSWORD not in line
    assert KEY not in line
    return line


def test_the_least_is_enough_for_a_server_on_loopback():
    server = read(LEAST)
    assert (str(server.host), server.port, server.auth_admin_username) == ("127.0.0.1", 5000, "admin")
    assert server.hosts == ("localhost", "127.0.0.1", "[::1]")
    assert PASSWORD not in repr(server)
    assert KEY not in repr(server)


@pytest.mark.parametrize("name", ["MLFLOW_ARTIFACTS_DESTINATION", *SECRETS])
def test_there_is_no_default_for_what_matters(name):
    least = PARTS if name == "MLFLOW_DATABASE_PASSWORD" else LEAST
    line = refusal({other: value for other, value in least.items() if other != name})
    assert line.startswith(name)
    assert "got no" in line


WRONG = {
    "MLFLOW_BACKEND_STORE_URI": {
        "sqlite:///mlflow.db": "expected postgresql://<user>:<password>@<host>/<name>",
        "mlruns": "got another shape",
        f"postgresql://u:{PASSWORD}@/x": "not one user, one host and one database",
        f"postgresql://u:{PASSWORD}@/x?host=a&host=b": "not one user, one host and one database",
        f"postgresql://u:{PASSWORD}@db:port/x": "another shape",
        "postgresql://u@db/x": "nor the user's name, for the database on db, got none",
        f"postgresql://u:{SHORT}@db/x": "got 10 characters",
        f"postgresql://riskteam:{NAMESAKE}@db/x": "got the user's name",
    },
    "MLFLOW_ARTIFACTS_DESTINATION": {
        "mlruns": "an absolute folder that can be written to, got 'mlruns'",
        "/": "got '/'",
        "/srv/../etc": "got '/srv/../etc'",
        "file:///srv/artifacts": "got 'file:///srv/artifacts'",
        "gs://bucket/../other": "got 'gs://bucket/../other'",
        "/proc/artifacts": "got '/proc/artifacts' (No such file or directory)",
    },
    "MLFLOW_AUTH_ADMIN_PASSWORD": {
        "short-Pw-12": "6 of them different, neither a well-known one nor the user's name, got 11 characters",
        **dict.fromkeys(
            ("Change-Me-2026", "supersecret1234", "Passw0rd!2026", "1234-5678-9012"), "got a well-known one"
        ),
        "aaaaaaaaaaaaaaaaaaaa": "got 1 different ones",
        "Correct-9-hörse": "not printable ASCII",
    },
    "MLFLOW_FLASK_SERVER_SECRET_KEY": {
        "0123456789abcdef": "at least 32 characters, as `openssl rand -hex 32` makes one, got 16 characters",
    },
    "MLFLOW_AUTH_ADMIN_USERNAME": {"a:b": "letters, digits", "ä": "letters, digits"},
    "MLFLOW_SERVER_ALLOWED_HOSTS": {
        "*": "without port or wildcard, separated by commas, got '*'",
        "a.example:5000": "got 'a.example:5000'",
        "a.example,,b.example": "got 'a.example,,b.example'",
        "[not-ipv6]": "got '[not-ipv6]'",
    },
    "MLFLOW_HOST": {"everywhere": "expected an IP address, or localhost, got 'everywhere'"},
    "MLFLOW_PORT": {"0": "from 1 to 65535, got '0'", "http": "got 'http'"},
    "MLFLOW_WORKERS": {"5": "from 1 to 4", "2.5": "from 1 to 4", "²": "from 1 to 4"},
    "MLFLOW_SERVER_MAX_BODY_MB": {"unlimited": "from 1 to 1000"},
    "MLFLOW_SERVER_MAX_ARTIFACT_MB": {"0": "from 1 to 100000"},
    "MLFLOW_DATABASE_WAIT": {"forever": "from 1 to 3600"},
    "MLFLOW_DATABASE_PASSWORD": {"short": "got 5 characters"},
}


@pytest.mark.parametrize(
    ("name", "value", "says"), [(name, value, says) for name in WRONG for value, says in WRONG[name].items()]
)
def test_a_weak_or_wrong_setting_is_refused(name, value, says):
    line = refusal(LEAST | {name: value})
    assert line.startswith(f"{name}: expected ")
    assert says in line
    assert name not in SECRETS or value not in line


def test_a_password_that_is_the_users_name_is_refused():
    line = refusal(LEAST | {"MLFLOW_AUTH_ADMIN_USERNAME": "risk.team", "MLFLOW_AUTH_ADMIN_PASSWORD": NAMESAKE})
    assert line.startswith("MLFLOW_AUTH_ADMIN_PASSWORD: expected a password")
    assert line.endswith("got the user's name")


def test_a_well_known_word_in_a_strong_password_is_no_fault():
    for strong in ("mlflow-x7Kq92mZxPv4tR8w", "my-Admin-horse-9"):
        assert read(LEAST | {"MLFLOW_AUTH_ADMIN_PASSWORD": strong}).auth_admin_password.get_secret_value() == strong


def test_a_setting_that_needs_another_names_it():
    line = refusal(LEAST | {"MLFLOW_HOST": "0.0.0.0"})
    assert line.startswith("MLFLOW_SERVER_ALLOWED_HOSTS: expected the names by which people")
    line = "MLFLOW_BACKEND_STORE_URI or MLFLOW_DATABASE_HOST: expected one of them, got both"
    assert refusal(LEAST | PARTS) == line
    line = "MLFLOW_DATABASE_PASSWORD: expected one password, got another in MLFLOW_BACKEND_STORE_URI"
    assert refusal(LEAST | {"MLFLOW_DATABASE_PASSWORD": "another one-2026"}) == line
    names = {"MLFLOW_SERVER_ALLOWED_HOSTS": "MLflow.bank.example, [::1],10.0.0.5"}
    hosts = read(LEAST | names | {"MLFLOW_HOST": "0.0.0.0"}).hosts
    assert hosts == ("mlflow.bank.example", "[::1]", "10.0.0.5")


@pytest.mark.parametrize("name", sorted(settings.VARIABLES))
def test_an_empty_setting_is_as_one_that_is_not_there(name):
    least = {other: value for other, value in LEAST.items() if other != name}
    if name in LEAST:
        assert refusal(least | {name: ""}) == refusal(least)
    else:
        assert read(least | {name: ""}) == read(least)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file(tmp_path, name):
    variables = {**PARTS, name: PASSWORD} if name == "MLFLOW_DATABASE_PASSWORD" else dict(LEAST)
    expected = read(variables)
    (tmp_path / "secret").write_text(variables.pop(name) + "\n", encoding="utf-8")
    assert read(variables | {f"{name}_FILE": str(tmp_path / "secret")}) == expected


def test_a_secret_comes_from_one_place_that_can_be_read(tmp_path):
    name, path = "MLFLOW_AUTH_ADMIN_PASSWORD", tmp_path / "absent"
    variables = LEAST | {f"{name}_FILE": str(path)}
    assert "expected it from one place" in refusal(variables)
    del variables[name]
    assert f"{name}_FILE: expected a file that can be read" in refusal(variables)
    path.write_bytes(b"\xff\xfe\x00")
    assert "(not UTF-8)" in refusal(variables)
    path.write_bytes(b"\n")
    assert refusal(variables).endswith("got 0 characters")


def test_artifacts_may_go_to_a_bucket_or_a_folder_which_is_made(tmp_path):
    for place in ("s3://bucket.with-dots/a/b", str(tmp_path / "a/b")):
        assert read(LEAST | {"MLFLOW_ARTIFACTS_DESTINATION": place}).artifacts_destination == place
    assert (tmp_path / "a/b").is_dir()


# What would take a lock off -> what the server's processes find.
LOOSENED = {
    "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": ("true", None),
    "MLFLOW_BASIC_AUTH_FAIL_CLOSED": ("false", "true"),
    "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": ("*", None),
    "MLFLOW_ENABLE_REMOTE_ASSISTANT": ("true", None),
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": ("true", "false"),
    "MLFLOW_DISABLE_TELEMETRY": ("false", "true"),
    "_MLFLOW_IN_JOB_EXECUTOR": ("true", "false"),
    "_MLFLOW_SERVER_ARTIFACTS_ONLY": ("true", None),
    "prometheus_multiproc_dir": ("/tmp", None),
}


def test_the_environment_takes_no_lock_off():
    loosened = {name: loose for name, (loose, _) in LOOSENED.items()}
    base = {**LEAST, **loosened, "MLFLOW_S3_ENDPOINT_URL": "http://s3", "PATH": "/bin"}
    processes = environment.of_processes(read(base), Path("logins.ini"), base)
    assert {name: processes.get(name) for name in LOOSENED} == {name: safe for name, (_, safe) in LOOSENED.items()}
    assert (processes["MLFLOW_S3_ENDPOINT_URL"], processes["PATH"]) == ("http://s3", "/bin")
    assert "MLFLOW_AUTH_ADMIN_PASSWORD" not in processes
    assert environment.ignored(base) == sorted(LOOSENED)


UNREACHABLE = f"postgresql://u:{PASSWORD}@127.0.0.1:1/x"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"MLFLOW_AUTH_ADMIN_PASSWORD": "password1234"}, entry_point.REFUSED, "MLFLOW_AUTH_ADMIN_PASSWORD: expected"),
        (
            {"MLFLOW_BACKEND_STORE_URI": UNREACHABLE, "MLFLOW_DATABASE_WAIT": "1"},
            entry_point.FAILED,
            "expected the database x on 127.0.0.1 to answer within 1 s, got: connection to server at",
        ),
        (
            {"MLFLOW_BACKEND_STORE_URI": f"{UNREACHABLE}?sslmod=require"},
            entry_point.FAILED,
            "expected the database x on 127.0.0.1 to answer within 60 s, got: invalid dsn: invalid connection option",
        ),
    ],
)
def test_the_program_ends_with_one_line_and_a_code(repository, change, code, says):
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", "ops.mlflow_server"],
        cwd=repository,
        env={"PATH": os.defpath, **LEAST, **change},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.startswith(f"mlflow server: {says}")
    assert ended.stderr.count("\n") == 1
    assert PASSWORD not in ended.stderr
