"""What README.md says about letting people in is true."""

import os
import re
import subprocess
import sys

import pytest

from tests.mlflow_server.running_server import API, Login, RunningServer, without_mlflow

pytestmark = pytest.mark.slow


def test_the_lines_of_the_readme_let_a_person_in(mlflow_server: RunningServer, repository):
    text = (repository / "ops/mlflow_server/README.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    found = mlflow_server.ask("GET", f"{API}/experiments/get-by-name?experiment_name=credit-risk", mlflow_server.admin)
    if found.status_code == 404:
        mlflow_server.post(f"{API}/experiments/create", mlflow_server.admin, name="credit-risk")
    subprocess.run(
        [sys.executable, "-c", lines],
        env={**without_mlflow(os.environ), **mlflow_server.client_environment()},
        check=True,
        timeout=120,
    )
    ana = Login("ana", "a password of 12 characters or more")
    own = f"{API}/experiments/get-by-name?experiment_name=credit-risk"
    assert mlflow_server.ask("GET", own, ana).status_code == 200
    body = {"experiment_id": mlflow_server.ask("GET", own, ana).json()["experiment"]["experiment_id"]}
    assert mlflow_server.ask("POST", f"{API}/runs/create", ana, json=body).status_code == 403
