"""The files for containers say what the program does; no container engine is needed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ops.mlflow_server import settings
from ops.mlflow_server.database import host_of
from ops.mlflow_server.settings import SECRETS
from tests.mlflow_server.variables import KEY, read

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER = REPOSITORY / "ops" / "mlflow_server"
APART = [name for name in SECRETS if name != "MLFLOW_BACKEND_STORE_URI"]


@pytest.fixture(scope="module")
def dockerfile() -> list[list[str]]:
    """Give the instructions of the Dockerfile in their order, each with its arguments as one text."""
    text = re.sub(r"^#.*\n", "", (SERVER / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [line.split(maxsplit=1) for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def variables(dockerfile: list[list[str]]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in dict(dockerfile)["ENV"].split())


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return yaml.safe_load((SERVER / "compose.yaml").read_text(encoding="utf-8"))["services"]


def test_the_image_is_pinned_and_runs_as_nobody_in_particular(dockerfile):
    names = [name for name, _ in dockerfile]
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", dict(dockerfile)["FROM"])
    assert [rest for name, rest in dockerfile if name == "USER"] == ["10001"]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("RUN", "COPY"))


@pytest.mark.slow
def test_what_the_image_copies_starts_without_the_repository(dockerfile, tmp_path):
    copied = [rest for name, rest in dockerfile if name == "COPY"]
    assert copied == ["requirements.txt ./", "*.py ops/mlflow_server/"]
    assert (SERVER / ".dockerignore").read_text(encoding="utf-8").split() == ["*", "!*.py", "!requirements.txt"]
    (tmp_path / "ops" / "mlflow_server").mkdir(parents=True)
    for file in SERVER.glob("*.py"):
        shutil.copy(file, tmp_path / "ops" / "mlflow_server")
    assert json.loads(dict(dockerfile)["CMD"]) == ["python", "-m", "ops.mlflow_server"]
    for module, code in (("ops.mlflow_server", 2), ("ops.mlflow_server.worker", 0)):
        command = [sys.executable, "-m", module]
        ended = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
        assert ended.returncode == code, ended.stderr


def test_the_versions_in_the_image_are_those_of_the_tests():
    def pinned(*paths: str) -> dict[str, SpecifierSet]:
        lines = "".join((REPOSITORY / path).read_text(encoding="utf-8") for path in paths).splitlines()
        return {one.name: one.specifier for one in map(Requirement, lines)}

    image = pinned("ops/mlflow_server/requirements.txt")
    tested = pinned("requirements.txt", "requirements-dev.txt")
    assert {"mlflow", "psycopg2-binary", "pydantic-settings", "boto3", "google-cloud-storage"} <= set(image)
    assert {name: pin for name, pin in image.items() if pin != tested.get(name, pin)} == {}


def test_compose_stops_without_a_secret_and_gives_what_the_server_starts_with(services, dockerfile, tmp_path):
    server, postgres = services["mlflow"], services["postgres"]
    told = server["environment"]
    assert set(told) <= settings.VARIABLES
    for name in APART:
        assert re.fullmatch(rf"\$\{{{name}:\?[^}}]+\}}", told[name])
    assert told["MLFLOW_DATABASE_PASSWORD"] == postgres["environment"]["POSTGRES_PASSWORD"]

    defaults = {name: text.partition(":-")[2].rstrip("}") or text for name, text in told.items()}
    own = {**dict.fromkeys(APART, KEY), "MLFLOW_ARTIFACTS_DESTINATION": str(tmp_path)}
    started = read({**variables(dockerfile), **defaults, **own})
    assert started.database.database == postgres["environment"]["POSTGRES_DB"]
    assert started.database.username == postgres["environment"]["POSTGRES_USER"]
    assert host_of(started.database) in services
    assert (str(started.host), started.hosts) == ("0.0.0.0", ("localhost", "127.0.0.1"))
    assert server["ports"] == [f"127.0.0.1:5000:{started.port}"]
    assert "ports" not in postgres
    assert (server["read_only"], server["cap_drop"]) == (True, ["ALL"])


def test_the_table_of_settings_is_complete():
    text = (SERVER / "README.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1:4] for line in text.splitlines() if line.startswith("| `")]
    rows = [(re.findall(r"\bMLFLOW_[A-Z_]+\b", names), default, rest) for names, default, rest in cells]
    assert {name for names, _, _ in rows for name in names} == settings.VARIABLES
    assert {name for names, _, rest in rows for name in names if "a secret" in rest} == set(SECRETS)
    for names, defaults, _ in rows:
        for name, shown in zip(names, defaults.split(","), strict=False):
            default = settings.Settings.model_fields[name.removeprefix("MLFLOW_").lower()].default
            if shown.strip() and default:
                assert str(default) == shown.strip(), name


GCLOUD = """#!/bin/sh
echo "$*" >> {folder}/notes
case "$*" in
  *"secrets create"*) wc -c >> {folder}/notes ;;
  *"versions access"*) printf 7ab1e5ec2e7 ;;
  *connectionName*) echo project:region:instance ;;
  *projectNumber*) echo 1234 ;;
  *status.url*) echo https://mlflow-abc-ey.a.run.app ;;
  *" describe "*) exit 1 ;;
  *"users create"*) for last; do :; done; cat "${{last#--flags-file=}}" > {folder}/flags ;;
esac
"""
TOLD = {
    "PROJECT": "bank",
    "REGION": "europe-west3",
    "INSTANCE": "risk",
    "BUCKET": "artifacts",
    "INVOKERS": "group:risk@bank.example,user:ana@bank.example",
}


def deploy(folder: Path, variables: dict[str, str]) -> tuple[subprocess.CompletedProcess, str]:
    """Run the deploy script with a `gcloud` that takes notes; give the script's end and the notes."""
    (folder / "gcloud").write_text(GCLOUD.format(folder=folder), encoding="utf-8")
    (folder / "gcloud").chmod(0o700)
    (folder / "notes").touch()
    command = ["bash", str(SERVER / "deploy_cloud_run.sh")]
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", **variables}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return ended, (folder / "notes").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TOLD)
def test_the_deploy_script_does_nothing_without_a_variable(tmp_path, name):
    ended, notes = deploy(tmp_path, {other: value for other, value in TOLD.items() if other != name})
    assert (ended.returncode, notes) == (1, "")
    assert f"{name}: expected " in ended.stderr


def test_the_deploy_script_makes_everything_private_and_gives_settings_that_the_server_knows(tmp_path):
    ended, notes = deploy(tmp_path, TOLD)
    assert ended.returncode == 0, ended.stderr
    (command,) = [line for line in notes.splitlines() if " run deploy " in line]
    assert "--no-allow-unauthenticated" in command
    assert "allUsers" not in notes
    assert "--public-access-prevention" in notes
    assert notes.splitlines().count("64") == 3  # secrets of so many characters came through the standard input
    assert "7ab1e5ec2e7" not in notes + ended.stdout + ended.stderr
    assert (tmp_path / "flags").read_text(encoding="utf-8") == '--password: "7ab1e5ec2e7"\n'
    assert [line.count("roles/run.invoker") for line in notes.splitlines()].count(1) == 2

    (pairs,) = re.findall(r"--set-env-vars=\^@\^(\S+)", notes)
    told = dict(pair.split("=", 1) for pair in pairs.split("@"))
    files = {name: told.pop(f"{name}_FILE") for name in APART}
    assert set(told) <= settings.VARIABLES
    (mounts,) = re.findall(r"--set-secrets=(\S+)", notes)
    assert {mount.partition("=")[0] for mount in mounts.split(",")} == set(files.values())
    (hosts,) = re.findall(r"--update-env-vars=\^@\^MLFLOW_SERVER_ALLOWED_HOSTS=(\S+)", notes)
    assert hosts == "mlflow-1234.europe-west3.run.app,mlflow-abc-ey.a.run.app"
    started = read({**told, **dict.fromkeys(files, KEY), "MLFLOW_HOST": "0.0.0.0"})
    assert host_of(started.database) == "/cloudsql/project:region:instance"
