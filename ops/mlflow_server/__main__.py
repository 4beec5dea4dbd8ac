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

from ops.mlflow_server import environment, settings
from ops.mlflow_server.database import DatabaseError, wait

REFUSED, FAILED = 2, 1
ENDING = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str]) -> int:
    """Check the settings, set up the database, serve; returns the exit code."""
    raw = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser("python -m ops.mlflow_server", description=__doc__, formatter_class=raw).parse_args(
        arguments
    )
    for number in ENDING:  # until uvicorn takes over
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        checked = settings.read()
        if ignored := environment.ignored(os.environ):
            _tell(f"set, but without effect here: {', '.join(ignored)}")
        wait(checked.database, checked.database_wait)
    except (settings.SettingsError, DatabaseError) as error:
        _tell(str(error))
        return REFUSED if isinstance(error, settings.SettingsError) else FAILED
    with environment.configuration_of_logins(checked) as logins:
        variables = environment.of_processes(checked, logins, os.environ)
        # Only to set up the database needs the administrator's password.
        password = {"MLFLOW_AUTH_ADMIN_PASSWORD": checked.auth_admin_password.get_secret_value()}
        prepare = [sys.executable, "-m", "ops.mlflow_server.database"]
        failed = subprocess.run(prepare, env={**variables, **password}, check=False).returncode
        return failed or _serve(checked, variables)


def _serve(checked: settings.Settings, variables: dict[str, str]) -> int:
    import uvicorn

    for number in ENDING:  # uvicorn with one worker raises the signal again when it has served
        signal.signal(number, lambda *_: sys.exit(0))
    os.environ.clear()
    os.environ.update(variables)
    uvicorn.run(
        "ops.mlflow_server.worker:create_app",
        factory=True,
        host=str(checked.host),
        port=checked.port,
        workers=checked.workers,
        limit_concurrency=128,  # connections open at once in each process; more are told to come back (503)
        timeout_keep_alive=30,  # a client's connection that the server drops just then is an error to the client
        timeout_graceful_shutdown=20,  # for requests under way
        timeout_worker_healthcheck=60,  # of silence; a busy machine is slow to import MLflow
        server_header=False,
        ws="none",
    )
    return 0


def _tell(line: str) -> None:
    print(f"mlflow server: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
