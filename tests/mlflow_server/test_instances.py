"""Several instances share a database from the first moment on, and a bucket."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from ops.mlflow_server import settings, worker
from tests.mlflow_server.postgres import Postgres
from tests.mlflow_server.running_server import API, PROXY, REPOSITORY, RunningServer
from tests.remotes.s3 import ACCOUNT, S3

pytestmark = pytest.mark.slow

INSTANCES = 2


@pytest.fixture(scope="module")
def bucket() -> Iterator[S3]:
    with S3() as server:
        yield server


@pytest.fixture(scope="module")
def instance(postgres: Postgres, bucket: S3, tmp_path_factory: pytest.TempPathFactory) -> RunningServer:
    """Give an instance on an empty database and a bucket; it does not run yet."""
    return RunningServer(
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


def test_instances_that_start_together_set_up_an_empty_database_once(instance: RunningServer, tmp_path: Path):
    checked = settings.read(instance.environment)
    with worker.configuration_of_logins(checked) as logins:
        environment = {
            **worker.environment(checked, logins, os.environ),
            "MLFLOW_AUTH_ADMIN_PASSWORD": instance.admin.password,
        }

        def set_up(_: int) -> subprocess.CompletedProcess:
            command = [sys.executable, "-m", "ops.mlflow_server.prepare"]
            return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)

        with ThreadPoolExecutor(INSTANCES) as pool:
            ended = list(pool.map(set_up, range(INSTANCES)))
    assert [one.returncode for one in ended] == [0] * INSTANCES, [one.stderr[-500:] for one in ended]
    assert sum(one.stderr.count("Creating initial MLflow database tables") for one in ended) == 1
    assert sum(one.stderr.count("Created admin user") for one in ended) == 1


def test_artifacts_go_to_the_bucket_through_the_server(instance: RunningServer, bucket: S3):
    with instance as running:
        experiment = running.post(f"{API}/experiments/create", running.admin, name="s3")["experiment_id"]
        run = running.post(f"{API}/runs/create", running.admin, experiment_id=experiment)["run"]["info"]["run_id"]
        path = f"{PROXY}/{experiment}/{run}/artifacts/model.joblib"
        written = os.urandom(5_000_000)
        assert running.ask("PUT", path, running.admin, data=written).status_code == 200
        client = boto3.client("s3", endpoint_url=bucket.url, **ACCOUNT)
        kept = client.get_object(Bucket=S3.BUCKET, Key=f"mlflow/{experiment}/{run}/artifacts/model.joblib")
        assert kept["Body"].read() == written
        client.close()
        assert running.ask("GET", path, running.admin).content == written
        stranger = running.new_user()
        assert running.ask("GET", path, stranger).status_code == 403
        running.post(f"{API}/registered-models/create", stranger, name="stolen")
        body = {"name": "stolen", "source": f"s3://{S3.BUCKET}/mlflow/{experiment}/{run}/artifacts"}
        assert running.ask("POST", f"{API}/model-versions/create", stranger, json=body).status_code == 400
