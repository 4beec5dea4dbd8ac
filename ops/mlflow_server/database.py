"""The PostgreSQL that keeps the runs, and in a schema of its own the logins.

`python -m ops.mlflow_server.database`, in the server's environment, sets it up. A process of its own, because MLflow is
large and nothing of it is needed afterwards.
"""

import os
import sys
import time

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

SCHEMA = "mlflow_auth"  # of the logins: MLflow's two sets of tables shall not meet
SECONDS_TO_CONNECT = 5
LOCK = 0x6D6C666C  # any number that nobody else uses in this database
SECONDS_TO_WAIT = 300


class DatabaseError(Exception):
    """The database does not answer, or is not as it must be; one line."""


def host_of(url: URL) -> str:
    """Give the host, or the folder of the Unix socket."""
    return url.query.get("host", url.host)


def with_schema_of_logins(url: URL) -> URL:
    """Give the URL of the logins: the same database, another schema."""
    return url.update_query_dict({"options": f"{url.query.get('options', '')} -csearch_path={SCHEMA}".strip()})


def wait(url: URL, seconds: int) -> None:
    """Wait until the database answers; DatabaseError if it does not within this time or does not take the URL."""
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": SECONDS_TO_CONNECT})
    deadline = time.monotonic() + seconds
    while True:
        try:
            return engine.connect().close()
        except DBAPIError as error:
            if time.monotonic() > deadline or not isinstance(error, OperationalError):
                expected = f"expected the database {url.database} on {host_of(url)} to answer within {seconds} s"
                raise DatabaseError(f"{expected}, got: {first_line(error.orig)}") from None
            time.sleep(0.5)


def first_line(error: BaseException) -> str:
    """Give the first line of what another program says."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def set_up(uri: str) -> None:
    """Create what is missing: tables of the runs, schema and tables of the logins, administrator.

    One instance at a time, however many start together: four that create the tables at once break each other.
    """
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


def main() -> None:
    """Set the database up; ends with one line where that cannot be done."""
    from alembic.util import CommandError
    from mlflow.exceptions import MlflowException

    try:
        set_up(os.environ["_MLFLOW_SERVER_FILE_STORE"])
    except (MlflowException, SQLAlchemyError, CommandError) as error:
        sys.exit(f"mlflow server: the database could not be set up: {first_line(error)}")


if __name__ == "__main__":
    main()
