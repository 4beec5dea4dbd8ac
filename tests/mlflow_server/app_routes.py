"""Every route of MLflow with its logins, asked of the application: `python -m tests.mlflow_server.app_routes`.

Needs the server's environment and its database; prints a JSON list of [method, path], parameters filled in.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator

from ops.mlflow_server import environment, settings

PARAMETER = re.compile(r"<(?:\w+:)?\w+>|\{\w+(?::\w+)?\}")
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}  # Flask adds the others


def routes_of_fastapi(routes: Iterable) -> Iterator[tuple[str, set[str]]]:
    """Yield the path and the methods of all but the mounted Flask application, included routers unfolded."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from routes_of_fastapi(route.effective_candidates())
        elif getattr(route, "methods", None):
            yield route.path, route.methods


if __name__ == "__main__":
    checked = settings.read()
    with environment.configuration_of_logins(checked) as logins:
        os.environ.update(environment.of_processes(checked, logins, os.environ))
        import mlflow.server
        from mlflow.server.auth import create_app

        paths = [*routes_of_fastapi(create_app().routes)]
        paths += [(rule.rule, rule.methods) for rule in mlflow.server.app.url_map.iter_rules()]
    routes = {(method, PARAMETER.sub("1", path)) for path, methods in paths for method in set(methods) & METHODS}
    print(json.dumps(sorted(routes)))
