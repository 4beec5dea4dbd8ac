"""Whether the server lets this client in, and as whom."""

from ops.check_mlflow.client import Client
from ops.check_mlflow.refusals import unexpected
from ops.check_mlflow.stages import Code, Found, StageError

SEARCH = "/api/2.0/mlflow/experiments/search"


def authenticate(client: Client) -> Found:
    """Ask for an experiment with the credentials; where there are some, ask without them too."""
    ask = {"body": {"max_results": 1}}
    answer = client.ask("POST", SEARCH, **ask)
    if answer.status != 200:
        raise unexpected(client, answer, SEARCH)
    if not isinstance(answer.json(), dict):
        raise StageError(f"no MLflow: {SEARCH} gave no JSON", "correct the path of the URI", Code.SERVER)
    if not client.credentials:
        return Found("the server asks for none")
    if client.ask("POST", SEARCH, anonymous=True, **ask).status == 200:
        return Found(f"{client.credentials}, but the server answers without credentials too", warning=True)
    return Found(str(client.credentials))
