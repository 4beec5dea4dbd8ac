"""What the server is told by its environment, checked before anything starts.

The description of a field says what is expected, the error what came: of a secret, what it lacks.
"""

import os
import re
import tempfile
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    IPvAnyAddress,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ops.mlflow_server.database import host_of

POSTGRESQL = "postgresql+psycopg2"
LOOPBACK = IPv4Address("127.0.0.1")
SHORTEST_PASSWORD, SHORTEST_KEY = 12, 32  # the first as MLflow's own rule
LEAST_VARIED = 6  # different characters
PASSWORD = (
    f"a password of at least {SHORTEST_PASSWORD} characters, {LEAST_VARIED} of them different, "
    "neither a well-known one nor the user's name"
)
KEY = f"a random text of at least {SHORTEST_KEY} characters, as `openssl rand -hex 32` makes one"
# Nothing but such words is left of a well-known password (supersecret1234, Change-Me-2026) without digits and signs.
WELL_KNOWN = re.compile(
    "(admin|administrator|change|default|example|in|it|key|let|me|mlflow|my|pass|please|postgres|postgresql|psswrd|"
    "qwerty|root|secret|secure|super|test|top|uiop|user|wd|welcome|word|wrd)*"
)
BUCKET = re.compile(r"(gs|s3)://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[^?#]*)?")
# No port and no pattern: a foreign name is how a web page reaches a local server.
HOST_NAME = r"\s*([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])\s*"
HOST_NAMES = f"(?i)^{HOST_NAME}(,{HOST_NAME})*$"


class SettingsError(ValueError):
    """A variable of the environment is not as it must be; one line, never with a secret in it."""


def _letters(text: str) -> str:
    """Give the letters alone, all of them small."""
    return re.sub(r"[\W\d_]", "", text).lower()


def _strong(secret: SecretStr, shortest: int = SHORTEST_PASSWORD) -> SecretStr:
    """Take a secret that is neither short nor known to the world."""
    text = secret.get_secret_value()
    if len(text) < shortest:
        raise ValueError(f"{len(text)} characters")
    if len(set(text)) < LEAST_VARIED:
        raise ValueError(f"{len(set(text))} different ones")
    if not text.isprintable() or not text.isascii():
        raise ValueError("some that are not printable ASCII")
    if WELL_KNOWN.fullmatch(_letters(text)):
        raise ValueError("a well-known one")
    return secret


def _database_url(value: str) -> URL:
    """Take PostgreSQL only: sqlite locks all writers out but one, and loses nothing only on one disk."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("another shape") from None
    if url.drivername not in ("postgresql", POSTGRESQL):
        raise ValueError(repr(url.drivername[:30]))
    if not (url.username and host_of(url) and isinstance(host_of(url), str) and url.database):
        raise ValueError("not one user, one host and one database")
    if url.password:
        _strong(SecretStr(url.password))
    return url.set(drivername=POSTGRESQL)


def _artifacts_destination(value: str) -> str:
    """Take a bucket, or a folder that can be written to; the folder is made if need be."""
    if BUCKET.fullmatch(value) and ".." not in value.split("/"):
        return value
    path = Path(value)
    if "://" in value or not path.is_absolute() or ".." in path.parts or path == Path(path.anchor):
        raise ValueError(repr(value))
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise ValueError(f"{value!r} ({error.strerror})") from None
    return value


Password = Annotated[SecretStr, AfterValidator(_strong)]


def _whole_number(default: int, least: int, most: int) -> Any:
    return Field(default, ge=least, le=most, description=f"a whole number from {least} to {most}")


class Settings(BaseSettings):
    """The settings, named as their variables without `MLFLOW_`; README.md has a table of them."""

    model_config = SettingsConfigDict(
        env_prefix="MLFLOW_",
        env_ignore_empty=True,
        frozen=True,
        validate_default=False,
        arbitrary_types_allowed=True,
    )

    backend_store_uri: Annotated[URL | None, BeforeValidator(_database_url)] = Field(
        None, description=f"postgresql://<user>:<password>@<host>/<name> with {PASSWORD}"
    )
    database_host: str | None = None
    database_port: int = _whole_number(5432, 1, 65535)
    database_name: str = "mlflow"
    database_user: str = "mlflow"
    database_password: Password | None = Field(None, description=PASSWORD)
    database_wait: int = _whole_number(60, 1, 3600)  # seconds
    artifacts_destination: Annotated[str, AfterValidator(_artifacts_destination)] = Field(
        description="gs://BUCKET/..., s3://BUCKET/... or an absolute folder that can be written to"
    )
    auth_admin_username: str = Field(  # that survives the colon of basic authentication and an ini file
        "admin", pattern="^[A-Za-z0-9_.@-]{1,64}$", description="1 to 64 letters, digits or one of . _ @ -"
    )
    auth_admin_password: Password = Field(description=PASSWORD)
    flask_server_secret_key: Annotated[SecretStr, AfterValidator(lambda key: _strong(key, SHORTEST_KEY))] = Field(
        description=KEY
    )
    host: Literal["localhost"] | IPvAnyAddress = Field(LOOPBACK, description="an IP address, or localhost")
    port: int = _whole_number(5000, 1, 65535)
    server_allowed_hosts: str = Field(
        "", pattern=HOST_NAMES, description="host names without port or wildcard, separated by commas"
    )
    workers: int = _whole_number(2, 1, 4)
    server_max_body_mb: int = _whole_number(10, 1, 1000)
    server_max_artifact_mb: int = _whole_number(1000, 1, 100_000)

    @model_validator(mode="after")
    def _agree(self) -> "Settings":
        uri = self.backend_store_uri
        if self.host != "localhost" and not self.host.is_loopback and not self.server_allowed_hosts:
            expected = f"the names by which people reach a server on {self.host} (MLFLOW_HOST)"
            raise ValueError(f"MLFLOW_SERVER_ALLOWED_HOSTS: expected {expected}, got none")
        if (uri is None) == (self.database_host is None):
            got = "none" if uri is None else "both"
            raise ValueError(f"MLFLOW_BACKEND_STORE_URI or MLFLOW_DATABASE_HOST: expected one of them, got {got}")
        if uri is not None and uri.password and self.database_password:
            raise ValueError("MLFLOW_DATABASE_PASSWORD: expected one password, got another in MLFLOW_BACKEND_STORE_URI")
        database, host = self.database, host_of(self.database)
        name = "MLFLOW_DATABASE_PASSWORD" if uri is None or self.database_password else "MLFLOW_BACKEND_STORE_URI"
        if not database.password and not host.startswith("/"):  # over a Unix socket the system knows who calls
            raise ValueError(f"{name}: expected {PASSWORD}, for the database on {host}, got none")
        passwords = {
            name: (database.username, database.password or ""),
            "MLFLOW_AUTH_ADMIN_PASSWORD": (self.auth_admin_username, self.auth_admin_password.get_secret_value()),
        }
        for name, (user, password) in passwords.items():
            if password and _letters(password) == _letters(user):
                raise ValueError(f"{name}: expected {PASSWORD}, got the user's name")
        return self

    @property
    def database(self) -> URL:
        """Where the runs are kept; it shows its password only when asked to."""
        url = self.backend_store_uri
        if url is None:  # behind the question mark a host may be a socket's folder: Cloud SQL's has colons in it
            place = {"host": self.database_host, "port": str(self.database_port)}
            url = URL.create(POSTGRESQL, self.database_user, database=self.database_name, query=place)
        return url.set(password=self.database_password.get_secret_value()) if self.database_password else url

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that a request may call the server by."""
        names = self.server_allowed_hosts or "localhost,127.0.0.1,[::1]"
        return tuple(name.strip().lower() for name in names.split(","))


def _variable(field: str) -> str:
    return f"MLFLOW_{field.upper()}"


VARIABLES = {_variable(field) for field in Settings.model_fields}
SECRETS = {
    _variable(field): field
    for field in ("backend_store_uri", "database_password", "auth_admin_password", "flask_server_secret_key")
}


def read() -> Settings:
    """Check the environment; a SettingsError names the first variable that is wrong, never a secret."""
    try:
        return Settings(**_secrets_in_files())
    except ValidationError as error:
        raise SettingsError(_one_line(error.errors()[0])) from None


def _secrets_in_files() -> dict[str, str]:
    """Read the secrets whose variables, with _FILE behind the name, give a path; pydantic-settings has no such rule."""
    secrets = {}
    for name, field in SECRETS.items():
        path = os.environ.get(f"{name}_FILE")
        if not path:
            continue
        if os.environ.get(name):
            raise SettingsError(f"{name}: expected it from one place, got both {name} and {name}_FILE")
        try:
            secrets[field] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise SettingsError(f"{name}_FILE: expected a file that can be read, got {path!r} ({reason})") from None
    return secrets


def _one_line(problem: dict[str, Any]) -> str:
    """Say it in our words; the library's own know nothing of the variable."""
    got = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return got
    field = problem["loc"][0]
    name, expected = _variable(field), Settings.model_fields[field].description or "a value"
    if problem["type"] == "missing":
        got = f"nothing (nor {name}_FILE)" if name in SECRETS else "nothing"
    elif problem["type"] != "value_error":
        got = repr(problem["input"])
    return f"{name}: expected {expected}, got {got}"
