"""The PostgreSQL that keeps the runs, and in a schema of its own the logins."""

import time

from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

SCHEMA = "mlflow_auth"  # of the logins: MLflow's two sets of tables shall not meet
SECONDS_TO_CONNECT = 5


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
