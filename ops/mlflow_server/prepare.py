"""Set up the database before anything serves: `python -m ops.mlflow_server.prepare`, in the server's environment.

One instance at a time, whatever number of them start together: four that create the tables at once break each other.
A process of its own, because MLflow is large and nothing of it is needed afterwards.
"""

import os
import sys

from alembic.util import CommandError
from mlflow.exceptions import MlflowException
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from ops.mlflow_server.database import SCHEMA, first_line

LOCK = 0x6D6C666C  # any number that nobody else uses in this database
SECONDS_TO_WAIT = 300


def set_up(uri: str) -> None:
    """Create what is missing: tables of the runs, schema and tables of the logins, administrator."""
    from mlflow.server.auth import auth_config, bootstrap_admin_user, store
    from mlflow.server.handlers import initialize_backend_stores

    with create_engine(uri, poolclass=NullPool).connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{SECONDS_TO_WAIT}s'"))
        connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))  # until the connection is closed
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        connection.commit()
        initialize_backend_stores(uri, uri, os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"])
        bootstrap_admin_user()
        if not store.authenticate_user(auth_config.admin_username, auth_config.admin_password):
            print(
                f"mlflow server: {auth_config.admin_username!r} had another password before, and has it still; "
                "MLFLOW_AUTH_ADMIN_PASSWORD counts only when the user is made",
                file=sys.stderr,
            )


if __name__ == "__main__":
    try:
        set_up(os.environ["_MLFLOW_SERVER_FILE_STORE"])
    except (MlflowException, SQLAlchemyError, CommandError) as error:
        sys.exit(f"mlflow server: the database could not be set up: {first_line(error)}")
