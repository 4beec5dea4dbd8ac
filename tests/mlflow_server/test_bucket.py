"""A server of one process, with its artifacts in a bucket to which only the server has the key."""

import os
from collections.abc import Iterator

import pytest

from tests.mlflow_server.postgres import Postgres
from tests.mlflow_server.running_server import API, PROXY, RunningServer
from tests.remotes.s3 import ACCOUNT, S3

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bucket() -> Iterator[S3]:
    with S3() as server:
        yield server


@pytest.fixture(scope="module")
def server(postgres: Postgres, bucket: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Serve on a database of its own and the bucket."""
    server = RunningServer(tmp_path_factory.mktemp("bucket"), postgres)
    server.environment |= {
        "MLFLOW_BACKEND_STORE_URI": postgres.create_database("bucket"),
        "MLFLOW_ARTIFACTS_DESTINATION": f"s3://{S3.BUCKET}/mlflow",
        "MLFLOW_WORKERS": "1",
        "MLFLOW_S3_ENDPOINT_URL": bucket.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ACCOUNT["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": ACCOUNT["region_name"],
    }
    with server:
        yield server


def test_artifacts_go_to_the_bucket_through_the_server(server: RunningServer, bucket: S3):
    experiment = server.post(f"{API}/experiments/create", server.admin, name="s3")["experiment_id"]
    run = server.post(f"{API}/runs/create", server.admin, experiment_id=experiment)["run"]["info"]["run_id"]
    folder = f"{experiment}/{run}/artifacts"
    path, written = f"{PROXY}/{folder}/model.joblib", os.urandom(5_000_000)
    assert server.ask("PUT", path, server.admin, data=written).ok
    assert bucket.objects == {f"mlflow/{folder}/model.joblib": written}
    assert server.ask("GET", path, server.admin).content == written
    stranger = server.new_user()
    assert server.ask("GET", path, stranger).status_code == 403
    server.post(f"{API}/registered-models/create", stranger, name="stolen")
    body = {"name": "stolen", "source": f"s3://{S3.BUCKET}/mlflow/{folder}"}
    assert server.ask("POST", f"{API}/model-versions/create", stranger, json=body).status_code == 400


def test_its_exit_code_says_that_it_has_served(server: RunningServer):
    assert server.stop() == 0
