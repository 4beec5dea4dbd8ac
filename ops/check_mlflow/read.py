"""Whether experiments and runs can be read, those of this project above all."""

from urllib.parse import quote

from ops.check_mlflow.client import Answer, Client
from ops.check_mlflow.refusals import unexpected
from ops.check_mlflow.stages import Code, Found, StageError
from ops.shared.tracking import EXPERIMENT

BY_NAME = "/api/2.0/mlflow/experiments/get-by-name"
RUNS = "/api/2.0/mlflow/runs/search"


def read(client: Client) -> Found:
    """Read this project's experiment and a run of it, where it is there."""
    answer = client.ask("GET", f"{BY_NAME}?experiment_name={quote(EXPERIMENT)}")
    if answer.status == 404 and _error(answer) == "RESOURCE_DOES_NOT_EXIST":
        return Found(f"experiment {EXPERIMENT} is not there yet: the first mirror makes it")
    experiment = _body(client, answer, BY_NAME).get("experiment", {}).get("experiment_id")
    if not isinstance(experiment, str):
        raise StageError(f"no experiment in what {BY_NAME} gave", "look at the server's log")
    answer = client.ask("POST", RUNS, body={"experiment_ids": [experiment], "max_results": 1})
    runs = _body(client, answer, RUNS).get("runs", [])
    return Found(f"experiment {EXPERIMENT}, {'with runs' if runs else 'no runs in it yet'}")


def _body(client: Client, answer: Answer, path: str) -> dict:
    body = answer.json()
    if answer.status == 200 and isinstance(body, dict):
        return body
    failure = unexpected(client, answer, path)
    code = Code.READ if failure.code == Code.SERVER else failure.code  # MLflow is there, it has answered before
    raise StageError(f"experiment {EXPERIMENT}: {failure}", failure.remedy, code)


def _error(answer: Answer) -> str | None:
    body = answer.json()
    return body.get("error_code") if isinstance(body, dict) else None
