"""Several instances share a database from the first moment on, and a bucket."""

import os
import subprocess
import sys
from collections.abc import Iterator

import boto3
import pytest

from ops.mlflow_server import environment, worker
from tests.mlflow_server.postgres import Postgres
from tests.mlflow_server.running_server import API, PROXY, REPOSITORY, RunningServer
from tests.mlflow_server.variables import read
from tests.remotes.s3 import ACCOUNT, S3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket() -> Iterator[S3]:
    with S3() as server:
        yield server


@pytest.fixture(scope="module")
def together(postgres: Postgres, bucket: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    """Start an instance on an empty database and a bucket while another sets up the same database.

    Gives the instance and the other's exit code and words.
    """
    instance = RunningServer(
        tmp_path_factory.mktemp("instance"),
        postgres,
        MLFLOW_BACKEND_STORE_URI=postgres.create_database("together"),
        MLFLOW_ARTIFACTS_DESTINATION=f"s3://{S3.BUCKET}/mlflow",
        MLFLOW_WORKERS="1",
        MLFLOW_S3_ENDPOINT_URL=bucket.url,
        AWS_ACCESS_KEY_ID=ACCOUNT["aws_access_key_id"],
        AWS_SECRET_ACCESS_KEY=ACCOUNT["aws_secret_access_key"],
        AWS_DEFAULT_REGION=ACCOUNT["region_name"],
    )
    checked = read(instance.environment)
    with worker.configuration_of_logins(checked) as logins:
        variables = environment.of_processes(checked, logins, instance.environment)
        with (
            subprocess.Popen(
                [sys.executable, "-m", "ops.mlflow_server.prepare"],
                cwd=REPOSITORY,
                env={**variables, "MLFLOW_AUTH_ADMIN_PASSWORD": instance.admin.password},
                stderr=subprocess.PIPE,
                text=True,
            ) as other,
            instance,
        ):
            _, said = other.communicate()
            yield instance, other.returncode, said


def test_instances_that_start_together_set_up_an_empty_database_once(together):
    instance, code, said = together
    assert code == 0, said[-500:]
    said += instance.log.read_text(encoding="utf-8")
    assert said.count("Creating initial MLflow database tables") == 1
    assert said.count("Created admin user") == 1


def test_artifacts_go_to_the_bucket_through_the_server(together, bucket: S3):
    server, *_ = together
    experiment = server.post(f"{API}/experiments/create", server.admin, name="s3")["experiment_id"]
    run = server.post(f"{API}/runs/create", server.admin, experiment_id=experiment)["run"]["info"]["run_id"]
    folder = f"{experiment}/{run}/artifacts"
    path, written = f"{PROXY}/{folder}/model.joblib", os.urandom(5_000_000)
    assert server.ask("PUT", path, server.admin, data=written).status_code == 200
    client = boto3.client("s3", endpoint_url=bucket.url, **ACCOUNT)
    assert client.get_object(Bucket=S3.BUCKET, Key=f"mlflow/{folder}/model.joblib")["Body"].read() == written
    client.close()
    assert server.ask("GET", path, server.admin).content == written
    stranger = server.new_user()
    assert server.ask("GET", path, stranger).status_code == 403
    server.post(f"{API}/registered-models/create", stranger, name="stolen")
    body = {"name": "stolen", "source": f"s3://{S3.BUCKET}/mlflow/{folder}"}
    assert server.ask("POST", f"{API}/model-versions/create", stranger, json=body).status_code == 400
