"""The PostgreSQL that keeps the runs, and in a schema of its own the logins."""

import time
from dataclasses import dataclass, field

SCHEMA = "mlflow_auth"  # of the logins: MLflow's two sets of tables shall not meet
SECONDS_TO_CONNECT = 5


class DatabaseError(Exception):
    """The database does not answer, or is not as it must be; one line."""


@dataclass(frozen=True)
class Database:
    """A database and how to reach it; a host that begins with / is the folder of a Unix socket."""

    host: str
    port: int = 5432
    name: str = "mlflow"
    user: str = "mlflow"
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_uri(cls, uri: str, password: str | None = None) -> "Database":
        """Take a URI apart.

        Raises
        ------
        ValueError
            It is no URI, names no database, or both it and `password` give a password.
        """
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(uri)
        except (ArgumentError, ValueError):
            shape = "postgresql://<user>:<password>@<host>/<name>"
            raise ValueError(f"MLFLOW_BACKEND_STORE_URI: expected {shape}, got another shape") from None
        query = dict(url.query)
        host, port = query.pop("host", url.host), query.pop("port", url.port or 5432)
        if not (url.username and isinstance(host, str) and host and str(port).isdecimal() and url.database):
            raise ValueError("MLFLOW_BACKEND_STORE_URI: expected a user, one host and a database, got fewer or more")
        if url.password and password:
            raise ValueError("MLFLOW_DATABASE_PASSWORD: expected one password, got another in MLFLOW_BACKEND_STORE_URI")
        options = tuple(sorted((name, str(value)) for name, value in query.items()))
        return cls(host, int(port), url.database, url.username, url.password or password, options)

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"

    @property
    def uri(self) -> str:
        """The URI of the runs, with the password in it."""
        return self._uri(dict(self.options))

    @property
    def uri_of_logins(self) -> str:
        """The URI of the logins, with the password in it: the same database, another schema."""
        options = dict(self.options)
        options["options"] = f"{options.get('options', '')} -csearch_path={SCHEMA}".strip()
        return self._uri(options)

    def _uri(self, options: dict[str, str]) -> str:
        from sqlalchemy.engine import URL

        # A socket's folder goes behind the question mark: Cloud SQL's has colons in it.
        place = {"host": self.host, "port": self.port}
        if self.host.startswith("/"):
            place, options = {}, {"host": self.host, "port": str(self.port), **options}
        url = URL.create("postgresql+psycopg2", self.user, self.password, database=self.name, query=options, **place)
        return url.render_as_string(hide_password=False)

    def connect(self):  # psycopg2 has no types
        """Open a connection, whoever closes it."""
        import psycopg2

        return psycopg2.connect(
            host=self.host,
            port=self.port,
            dbname=self.name,
            user=self.user,
            password=self.password,
            connect_timeout=SECONDS_TO_CONNECT,
            **dict(self.options),
        )

    def wait(self, seconds: int) -> None:
        """Wait until the database answers.

        Raises
        ------
        DatabaseError
            It does not within this time.
        """
        import psycopg2

        deadline = time.monotonic() + seconds
        while True:
            try:
                self.connect().close()
                return
            except psycopg2.OperationalError as error:
                if time.monotonic() > deadline:
                    raise DatabaseError(
                        f"expected the database {self} to answer within {seconds} s, got: {first_line(error)}"
                    ) from None
                time.sleep(0.5)


def first_line(error: BaseException) -> str:
    """Give the first line of what another program says."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
