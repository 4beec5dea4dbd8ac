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

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER = REPOSITORY / "ops" / "mlflow_server"
SECRET = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Give the instructions of the Dockerfile."""
    text = (SERVER / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in lines.splitlines() if line.strip()]


def value(dockerfile: list[tuple[str, str]], instruction: str) -> str:
    (rest,) = [rest for name, rest in dockerfile if name == instruction]
    return rest


def read(monkeypatch, variables: dict[str, str]) -> settings.Settings:
    """Read the settings from these variables alone."""
    monkeypatch.setattr(os, "environ", variables)
    return settings.read()


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return yaml.safe_load((SERVER / "compose.yaml").read_text(encoding="utf-8"))["services"]


def test_the_image_is_pinned_holds_no_secret_and_runs_as_nobody_in_particular(dockerfile):
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", value(dockerfile, "FROM"))
    assert value(dockerfile, "USER") == "10001"
    names = [name for name, _ in dockerfile]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("RUN", "COPY"))
    assert "ARG" not in names
    variables = {pair.partition("=")[0] for pair in value(dockerfile, "ENV").split()}
    assert variables & settings.VARIABLES == {"MLFLOW_HOST", "MLFLOW_PORT", "MLFLOW_ARTIFACTS_DESTINATION"}


def test_what_the_image_copies_starts_without_the_repository(dockerfile, tmp_path):
    copied = [rest.split() for name, rest in dockerfile if name == "COPY"]
    assert copied == [["requirements.txt", "./"], ["*.py", "ops/mlflow_server/"]]
    assert (SERVER / ".dockerignore").read_text(encoding="utf-8").split() == ["*", "!*.py", "!requirements.txt"]
    (tmp_path / "ops" / "mlflow_server").mkdir(parents=True)
    for file in SERVER.glob("*.py"):
        shutil.copy(file, tmp_path / "ops" / "mlflow_server")
    command = json.loads(value(dockerfile, "CMD"))
    assert command == ["python", "-m", "ops.mlflow_server"]
    for module, code in (("ops.mlflow_server", 2), ("ops.mlflow_server.worker", 0)):
        ended = subprocess.run(
            [sys.executable, "-m", module], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
        )
        assert ended.returncode == code, ended.stderr


def test_the_versions_in_the_image_are_those_of_the_tests():
    def pinned(*paths: str) -> dict[str, SpecifierSet]:
        lines = "".join((REPOSITORY / path).read_text(encoding="utf-8") for path in paths).splitlines()
        return {one.name: one.specifier for one in map(Requirement, lines)}

    image = pinned("ops/mlflow_server/requirements.txt")
    tested = pinned("requirements.txt", "requirements-dev.txt")
    assert {"mlflow", "psycopg2-binary", "pydantic-settings", "boto3", "google-cloud-storage"} <= set(image)
    assert {name: pin for name, pin in image.items() if pin != tested.get(name, pin)} == {}


def test_compose_stops_without_a_secret(services):
    variables = services["mlflow"]["environment"]
    for name in ("MLFLOW_DATABASE_PASSWORD", "MLFLOW_AUTH_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY"):
        assert re.fullmatch(rf"\$\{{{name}:\?[^}}]+\}}", variables[name])
    assert variables["MLFLOW_DATABASE_PASSWORD"] == services["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert set(variables) <= settings.VARIABLES


def test_compose_gives_what_the_server_starts_with(services, dockerfile, tmp_path, monkeypatch):
    defaults = {
        name: text.partition(":-")[2].rstrip("}") or text for name, text in services["mlflow"]["environment"].items()
    }
    image = dict(pair.split("=", 1) for pair in value(dockerfile, "ENV").split())
    folder = {"MLFLOW_ARTIFACTS_DESTINATION": str(tmp_path)}
    server = read(
        monkeypatch, {**image, **defaults, **{name: SECRET for name in SECRETS if name in defaults}, **folder}
    )
    postgres = services["postgres"]["environment"]
    database = server.database
    assert (database.database, database.username) == (postgres["POSTGRES_DB"], postgres["POSTGRES_USER"])
    assert host_of(database) in services
    assert (str(server.host), server.hosts) == ("0.0.0.0", ("localhost", "127.0.0.1"))
    assert services["mlflow"]["ports"] == [f"127.0.0.1:5000:{server.port}"]


def test_compose_keeps_the_database_inside_and_the_server_small(services):
    postgres, server = services["postgres"], services["mlflow"]
    assert re.fullmatch(r"postgres:\d+\.\d+", postgres["image"])
    assert "ports" not in postgres
    assert server["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert (server["read_only"], server["cap_drop"]) == (True, ["ALL"])
    assert all(service["security_opt"] == ["no-new-privileges:true"] for service in services.values())
    mounts = [mount for service in services.values() for mount in service["volumes"]]
    assert sorted(mounts) == ["artifacts:/artifacts", "database:/var/lib/postgresql"]


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


@pytest.fixture
def deploy(tmp_path: Path):
    """Run the deploy script with a `gcloud` that takes notes; give the script's end and the notes."""
    notes = tmp_path / "notes"
    gcloud = tmp_path / "gcloud"
    gcloud.write_text(
        f"""#!/bin/sh
echo "$*" >> {notes}
case "$*" in
  *"secrets create"*) wc -c >> {notes} ;;
  *"versions access"*) printf 7ab1e5ec2e7 ;;
  *connectionName*) echo project:region:instance ;;
  *projectNumber*) echo 1234 ;;
  *status.url*) echo https://mlflow-abc-ey.a.run.app ;;
  *" describe "*) exit 1 ;;
  *"users create"*) for last; do :; done; cat "${{last#--flags-file=}}" > {tmp_path}/flags ;;
esac
""",
        encoding="utf-8",
    )
    gcloud.chmod(0o700)

    def run(**environment: str) -> tuple[subprocess.CompletedProcess, str]:
        ended = subprocess.run(
            ["bash", str(SERVER / "deploy_cloud_run.sh")],
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return ended, notes.read_text(encoding="utf-8") if notes.exists() else ""

    return run


GIVEN = {
    "PROJECT": "bank",
    "REGION": "europe-west3",
    "INSTANCE": "risk",
    "BUCKET": "artifacts",
    "INVOKERS": "group:risk@bank.example,user:ana@bank.example",
}


@pytest.mark.parametrize("name", GIVEN)
def test_the_deploy_script_does_nothing_without_a_variable(deploy, name):
    ended, notes = deploy(**{other: value for other, value in GIVEN.items() if other != name})
    assert (ended.returncode, notes) == (1, "")
    assert f"{name}: expected " in ended.stderr


def test_the_deploy_script_makes_everything_private_and_shows_no_secret(deploy, tmp_path):
    ended, notes = deploy(**GIVEN)
    assert ended.returncode == 0, ended.stderr
    (command,) = [line for line in notes.splitlines() if " run deploy " in line]
    assert "--no-allow-unauthenticated" in command
    assert "allUsers" not in notes
    assert "--public-access-prevention" in notes
    assert notes.splitlines().count("64") == 3  # secrets of so many characters came through the standard input
    assert "7ab1e5ec2e7" not in notes + ended.stdout + ended.stderr
    assert (tmp_path / "flags").read_text(encoding="utf-8") == '--password: "7ab1e5ec2e7"\n'
    assert [line.count("roles/run.invoker") for line in notes.splitlines()].count(1) == 2


def test_the_deployed_server_gets_settings_that_it_knows(deploy, monkeypatch):
    _, notes = deploy(**GIVEN)
    (variables,) = re.findall(r"--set-env-vars=\^@\^(\S+)", notes)
    given = dict(pair.split("=", 1) for pair in variables.split("@"))
    files = {name: given.pop(name) for name in list(given) if name.endswith("_FILE")}
    assert set(given) <= settings.VARIABLES
    assert {name.removesuffix("_FILE") for name in files} == set(SECRETS) - {"MLFLOW_BACKEND_STORE_URI"}
    (mounts,) = re.findall(r"--set-secrets=(\S+)", notes)
    assert {mount.partition("=")[0] for mount in mounts.split(",")} == set(files.values())
    (hosts,) = re.findall(r"--update-env-vars=\^@\^MLFLOW_SERVER_ALLOWED_HOSTS=(\S+)", notes)
    assert hosts == "mlflow-1234.europe-west3.run.app,mlflow-abc-ey.a.run.app"
    secrets = {name.removesuffix("_FILE"): SECRET for name in files}
    server = read(monkeypatch, {**given, **secrets, "MLFLOW_HOST": "0.0.0.0"})
    assert host_of(server.database) == "/cloudsql/project:region:instance"
