"""What the server is told by its environment, checked before anything starts."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, IPvAnyAddress, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL

from ops.mlflow_server import validators
from ops.mlflow_server.database import host_of


class SettingsError(ValueError):
    """A variable of the environment is not as it must be; one line, never with a secret in it."""


def _whole_number(default: int, least: int, most: int) -> Any:
    return Field(default, ge=least, le=most, description=f"a whole number from {least} to {most}")


class Settings(BaseSettings):
    """The settings, named as their variables without `MLFLOW_`; README.md has a table of them."""

    model_config = SettingsConfigDict(env_prefix="MLFLOW_", frozen=True, arbitrary_types_allowed=True)

    backend_store_uri: validators.DatabaseURL = None
    database_host: str | None = None
    database_port: int = _whole_number(5432, 1, 65535)
    database_name: str = "mlflow"
    database_user: str = "mlflow"
    database_password: validators.Password | None = Field(None, description=validators.PASSWORD)
    database_wait: int = _whole_number(60, 1, 3600)  # seconds
    artifacts_destination: validators.Destination
    auth_admin_username: validators.Username = "admin"
    auth_admin_password: validators.Password
    flask_server_secret_key: validators.Key
    host: Annotated[Literal["localhost"] | IPvAnyAddress, Field(description="an IP address, or localhost")] = (
        "127.0.0.1"
    )
    port: int = _whole_number(5000, 1, 65535)
    server_allowed_hosts: Annotated[tuple[validators.HostName, ...], NoDecode] = Field(
        (), description="host names without port or wildcard, separated by commas"
    )
    workers: int = _whole_number(2, 1, 4)
    server_max_body_mb: int = _whole_number(10, 1, 1000)
    server_max_artifact_mb: int = _whole_number(1000, 1, 100_000)

    @field_validator("server_allowed_hosts", mode="before")
    @classmethod
    def _is_separated_by_commas(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value

    @field_validator("*", mode="before")
    @classmethod
    def _is_not_empty(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():  # the last validator of this kind comes first
            raise ValueError("an empty one")
        return value

    @model_validator(mode="after")
    def _agree(self) -> "Settings":
        uri = self.backend_store_uri
        if self.host != "localhost" and not self.host.is_loopback and not self.server_allowed_hosts:
            expected = f"the names by which people reach a server on {self.host} (MLFLOW_HOST)"
            raise ValueError(f"MLFLOW_SERVER_ALLOWED_HOSTS: expected {expected}, got none")
        if self.auth_admin_username.lower() in self.auth_admin_password.get_secret_value().lower():
            raise ValueError("MLFLOW_AUTH_ADMIN_PASSWORD: expected it without the user's name, got it with that")
        if (uri is None) == (self.database_host is None):
            got = "none" if uri is None else "both"
            raise ValueError(f"MLFLOW_BACKEND_STORE_URI or MLFLOW_DATABASE_HOST: expected one of them, got {got}")
        if uri is not None and uri.password and self.database_password:
            raise ValueError("MLFLOW_DATABASE_PASSWORD: expected one password, got another in MLFLOW_BACKEND_STORE_URI")
        host = host_of(self.database)
        if not self.database.password and not host.startswith("/"):  # over a Unix socket the system knows who calls
            name = "MLFLOW_DATABASE_PASSWORD" if uri is None else "MLFLOW_BACKEND_STORE_URI"
            raise ValueError(f"{name}: expected {validators.PASSWORD}, for the database on {host}, got none")
        return self

    @property
    def database(self) -> URL:
        """Where the runs are kept; it shows its password only when asked to."""
        url = self.backend_store_uri
        if url is None:  # behind the question mark a host may be a socket's folder: Cloud SQL's has colons in it
            place = {"host": self.database_host, "port": str(self.database_port)}
            url = URL.create(validators.POSTGRESQL, self.database_user, database=self.database_name, query=place)
        return url.set(password=self.database_password.get_secret_value()) if self.database_password else url

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that a request may call the server by."""
        return self.server_allowed_hosts or ("localhost", "127.0.0.1", "[::1]")


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
    """Read the secrets whose variables, with _FILE behind the name, give a path."""
    secrets = {}
    for name, field in SECRETS.items():
        if (path := os.environ.get(f"{name}_FILE")) is None:
            continue
        if name in os.environ:
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
