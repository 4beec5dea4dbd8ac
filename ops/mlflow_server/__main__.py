"""A shared MLflow tracking server: `python -m ops.mlflow_server`.

PostgreSQL keeps the runs and the logins, a folder or a bucket the artifacts, to which only the server has the key.
Settings come from the environment; README.md beside this file has a table of them.

Exit codes: 0 stopped after it has served; 1 the database or the port is not to be had; 2 a setting is missing or weak.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from ops.mlflow_server import settings, sources, worker
from ops.mlflow_server.database import DatabaseError

CONNECTIONS = 128  # open at once in each process; more are told to come back (503)
SECONDS_TO_END = 20  # for requests under way when the server is stopped
SECONDS_OF_SILENCE = 60  # after which a process is taken for dead; a busy machine is slow to import MLflow

REFUSED, FAILED = 2, 1


def main(arguments: Sequence[str]) -> int:
    """Check the settings, set up the database, serve; returns the exit code."""
    head, _, epilog = __doc__.partition("\n")
    raw = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser(
        "python -m ops.mlflow_server", description=head, epilog=epilog, formatter_class=raw
    ).parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):  # until uvicorn takes over
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        checked = settings.read(os.environ)
        if ignored := sources.ignored(os.environ, settings.KNOWN):
            _tell(f"set, but without effect here: {', '.join(ignored)}")
        checked.database.wait(checked.database_wait)
    except (sources.SettingsError, DatabaseError) as error:
        _tell(str(error))
        return REFUSED if isinstance(error, sources.SettingsError) else FAILED
    with worker.configuration_of_logins(checked) as logins:
        environment = worker.environment(checked, logins, os.environ)
        return _prepare(checked, environment) or _serve(checked, environment)


def _prepare(checked: settings.Settings, environment: dict[str, str]) -> int:
    """Set up the database; only here is the administrator's password needed."""
    command = [sys.executable, "-m", "ops.mlflow_server.prepare"]
    password = {"MLFLOW_AUTH_ADMIN_PASSWORD": checked.admin_password.get_secret_value()}
    return subprocess.run(command, env={**environment, **password}, check=False).returncode


def _serve(checked: settings.Settings, environment: dict[str, str]) -> int:
    import uvicorn

    os.environ.clear()
    os.environ.update(environment)
    uvicorn.run(
        "ops.mlflow_server.worker:create_app",
        factory=True,
        host=checked.host,
        port=checked.port,
        workers=checked.workers,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=SECONDS_TO_END,
        timeout_worker_healthcheck=SECONDS_OF_SILENCE,
        server_header=False,
        ws="none",
    )
    return 0


def _tell(line: str) -> None:
    print(f"mlflow server: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
