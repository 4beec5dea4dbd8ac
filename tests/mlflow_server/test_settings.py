"""Weak or missing settings are refused with one line, which never shows a secret."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops.mlflow_server import __main__ as entry_point
from ops.mlflow_server import settings, sources
from ops.mlflow_server.sources import SECRETS, SettingsError

PASSWORD, KEY = "Correct-9-horse", "0123456789abcdef" * 4


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give the least that the server starts with."""
    return {
        "MLFLOW_BACKEND_STORE_URI": f"postgresql://mlflow:{PASSWORD}@db/mlflow",
        "MLFLOW_ARTIFACTS_DESTINATION": str(tmp_path / "artifacts"),
        "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": KEY,
    }


def refusal(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        settings.read(environment)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_the_least_is_enough_for_a_server_on_loopback(environment):
    read = settings.read(environment)
    assert (read.host, read.port, read.workers, read.admin_username) == ("127.0.0.1", 5000, 2, "admin")
    assert read.hosts == ("localhost", "127.0.0.1", "[::1]")
    assert Path(read.artifacts).is_dir()


@pytest.mark.parametrize("name", ["MLFLOW_ARTIFACTS_DESTINATION", *SECRETS])
def test_there_is_no_default_for_what_matters(environment, name):
    if name == "MLFLOW_DATABASE_PASSWORD":
        environment |= {"MLFLOW_DATABASE_HOST": "db"}
        del environment["MLFLOW_BACKEND_STORE_URI"]
    else:
        del environment[name]
    assert refusal(environment).startswith(f"{name}")


WRONG = {
    "MLFLOW_BACKEND_STORE_URI": {
        "sqlite:///mlflow.db": "expected postgresql://..., got 'sqlite'",
        f"mysql://u:{PASSWORD}@db/x": "got 'mysql'",
        "mlruns": "got 'no scheme'",
        f"postgresql://u:{PASSWORD}@/x": "a user, one host and a database",
        f"postgresql://u:{PASSWORD}@db": "a user, one host and a database",
        f"postgresql://u:{PASSWORD}@/x?host=a&host=b": "a user, one host and a database",
        f"postgresql://u:{PASSWORD}@db:port/x": "expected postgresql://<user>:<password>@<host>",
        "postgresql://u@db/x": "at least 12 characters, got none",
        f"postgresql://u:{'short-Pw-1'}@db/x": "at least 12 characters, got 10",
        f"postgresql://u:{'password1234'}@db/x": "well-known",
    },
    "MLFLOW_ARTIFACTS_DESTINATION": {
        "mlruns": "an absolute folder, got 'mlruns'",
        "./artifacts": "an absolute folder",
        "/": "an absolute folder",
        "/srv/../etc": "an absolute folder",
        "file:///srv/artifacts": "an absolute folder",
        "http://host/artifacts": "an absolute folder",
        "s3://": "an absolute folder",
        "gs://bucket/../other": "an absolute folder",
        "/proc/artifacts": "that can be written to",
    },
    "MLFLOW_AUTH_ADMIN_PASSWORD": {
        "short-Pw-12": "at least 12 characters, got 11",
        "password1234": "well-known",
        "Change-Me-2026": "well-known",
        "123456789012": "well-known",
        "aaaaaaaaaaaaaaaaaaaa": "at least 6 different characters, got 1",
        "my-Admin-horse-9": "without the user's name in it",
        "Correct-9-hörse": "printable ASCII",
    },
    "MLFLOW_FLASK_SERVER_SECRET_KEY": {
        "0123456789abcdef": "at least 32 characters, got 16",
        "0" * 64: "at least 6 different characters, got 1",
    },
    "MLFLOW_AUTH_ADMIN_USERNAME": {"a:b": "letters, digits", "a b": "letters, digits"},
    "MLFLOW_SERVER_ALLOWED_HOSTS": {
        "*": "without port or wildcard, separated by commas, got '*'",
        "*.bank.example": "without port or wildcard",
        "mlflow.bank.example:5000": "without port or wildcard",
        "https://mlflow.bank.example": "without port or wildcard",
        "a.example,,b.example": "got ''",
        "[not-ipv6]": "without port or wildcard",
    },
    "MLFLOW_HOST": {"everywhere": "expected an IP address", "0.0.0.0": "expected the names by which people reach"},
    "MLFLOW_PORT": {"0": "from 1 to 65535, got '0'", "http": "got 'http'", "65536": "got '65536'", "-1": "got '-1'"},
    "MLFLOW_WORKERS": {"0": "from 1 to 4", "64": "from 1 to 4", "2.5": "from 1 to 4", "²": "from 1 to 4"},
    "MLFLOW_SERVER_MAX_BODY_MB": {"0": "from 1 to 1000", "unlimited": "from 1 to 1000"},
    "MLFLOW_SERVER_MAX_ARTIFACT_MB": {"0": "from 1 to 100000"},
    "MLFLOW_DATABASE_WAIT": {"forever": "from 1 to 3600"},
    "MLFLOW_DATABASE_PASSWORD": {"Another-9-horse": "another in MLFLOW_BACKEND_STORE_URI"},
    "MLFLOW_DATABASE_HOST": {"db": "expected one of them, got both"},
}
SAYS_ANOTHER_NAME = {"0.0.0.0": "MLFLOW_SERVER_ALLOWED_HOSTS", "db": "MLFLOW_BACKEND_STORE_URI or MLFLOW_DATABASE_HOST"}


@pytest.mark.parametrize(
    ("name", "value", "said"), [(name, value, said) for name in WRONG for value, said in WRONG[name].items()]
)
def test_a_weak_or_wrong_setting_is_refused(environment, name, value, said):
    line = refusal(environment | {name: value})
    assert line.startswith(f"{SAYS_ANOTHER_NAME.get(value, name)}: expected ")
    assert said in line
    if name in SECRETS:
        assert value not in line
    assert PASSWORD not in line
    assert KEY not in line


@pytest.mark.parametrize("name", sorted(settings.KNOWN - {"MLFLOW_BACKEND_STORE_URI"}))
def test_an_empty_setting_is_not_the_default(environment, name):
    assert refusal(environment | {name: " "}) == f"{name}: expected a value, got an empty one"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file(environment, tmp_path, name):
    if name == "MLFLOW_DATABASE_PASSWORD":
        environment |= {"MLFLOW_DATABASE_HOST": "db", name: PASSWORD}
        del environment["MLFLOW_BACKEND_STORE_URI"]
    expected = settings.read(environment)
    (tmp_path / "secret").write_text(environment.pop(name) + "\n", encoding="utf-8")
    assert settings.read(environment | {f"{name}_FILE": str(tmp_path / "secret")}) == expected


def test_a_secret_comes_from_one_place_that_can_be_read(environment, tmp_path):
    name = "MLFLOW_AUTH_ADMIN_PASSWORD"
    environment[f"{name}_FILE"] = str(tmp_path / "absent")
    assert "expected it from one place" in refusal(environment)
    del environment[name]
    assert f"{name}_FILE: expected a file that can be read" in refusal(environment)
    (tmp_path / "absent").write_bytes(b"\xff\xfe\x00")
    assert "(not UTF-8)" in refusal(environment)
    (tmp_path / "absent").write_bytes(b"\n")
    assert refusal(environment) == f"{name}: expected a value, got an empty one"


def test_a_public_server_names_its_hosts(environment):
    public = environment | {
        "MLFLOW_HOST": "0.0.0.0",
        "MLFLOW_SERVER_ALLOWED_HOSTS": "MLflow.bank.example, [::1],10.0.0.5",
    }
    assert settings.read(public).hosts == ("mlflow.bank.example", "[::1]", "10.0.0.5")


@pytest.mark.parametrize("place", ["gs://bucket", "gs://bucket/mlflow", "s3://bucket.with-dots/a/b"])
def test_artifacts_may_go_to_a_bucket(environment, place):
    assert settings.read(environment | {"MLFLOW_ARTIFACTS_DESTINATION": place}).artifacts == place


def test_no_secret_shows_when_the_settings_are_printed(environment):
    assert PASSWORD not in repr(settings.read(environment)) + repr(settings.read(environment).database)
    assert KEY not in repr(settings.read(environment))


LOOSENED = {
    "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": "true",
    "MLFLOW_BASIC_AUTH_FAIL_CLOSED": "false",
    "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": "*",
    "MLFLOW_ENABLE_REMOTE_ASSISTANT": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true",
    "MLFLOW_DISABLE_TELEMETRY": "false",
    "_MLFLOW_IN_JOB_EXECUTOR": "true",
    "_MLFLOW_SERVER_ARTIFACTS_ONLY": "true",
}


def test_the_environment_takes_no_lock_off(environment, tmp_path):
    from ops.mlflow_server import worker

    base = {**environment, **LOOSENED, "MLFLOW_S3_ENDPOINT_URL": "http://s3", "PATH": "/bin"}
    served = worker.environment(settings.read(base), tmp_path / "logins.ini", base)
    assert {name: served.get(name) for name in LOOSENED} == {
        "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE": None,
        "MLFLOW_BASIC_AUTH_FAIL_CLOSED": "true",
        "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": None,
        "MLFLOW_ENABLE_REMOTE_ASSISTANT": None,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "_MLFLOW_IN_JOB_EXECUTOR": "false",
        "_MLFLOW_SERVER_ARTIFACTS_ONLY": None,
    }
    assert (served["MLFLOW_S3_ENDPOINT_URL"], served["PATH"]) == ("http://s3", "/bin")
    assert "MLFLOW_AUTH_ADMIN_PASSWORD" not in served
    assert sources.ignored(base, settings.KNOWN) == sorted(LOOSENED)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"MLFLOW_AUTH_ADMIN_PASSWORD": "password1234"}, entry_point.REFUSED, "MLFLOW_AUTH_ADMIN_PASSWORD: expected"),
        (
            {"MLFLOW_BACKEND_STORE_URI": f"postgresql://u:{PASSWORD}@127.0.0.1:1/x", "MLFLOW_DATABASE_WAIT": "1"},
            entry_point.FAILED,
            "expected the database x on 127.0.0.1 to answer within 1 s, got: connection to server at",
        ),
    ],
)
def test_the_program_ends_with_one_line_and_a_code(repository, environment, change, code, said):
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", "ops.mlflow_server"],
        cwd=repository,
        env={"PATH": "/usr/bin:/bin", **environment, **change},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.startswith(f"mlflow server: {said}")
    assert ended.stderr.count("\n") == 1
    assert PASSWORD not in ended.stderr
