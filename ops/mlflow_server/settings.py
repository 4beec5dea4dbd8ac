"""What the server is told by its environment, checked before anything starts."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from ops.mlflow_server import rules
from ops.mlflow_server.database import Database
from ops.mlflow_server.sources import SECRETS, SettingsError, collect

MEGABYTE = 10**6


class Settings(BaseModel):
    """The settings by the names of their variables; README.md has a table of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    backend_store_uri: Annotated[SecretStr | None, BeforeValidator(rules.database_uri)] = Field(
        None, alias="MLFLOW_BACKEND_STORE_URI"
    )
    database_host: str | None = Field(None, alias="MLFLOW_DATABASE_HOST")
    database_port: Annotated[int, BeforeValidator(rules.whole_number(1, 65535))] = Field(
        5432, alias="MLFLOW_DATABASE_PORT"
    )
    database_name: str = Field("mlflow", alias="MLFLOW_DATABASE_NAME")
    database_user: str = Field("mlflow", alias="MLFLOW_DATABASE_USER")
    database_password: SecretStr | None = Field(None, alias="MLFLOW_DATABASE_PASSWORD")
    database_wait: Annotated[int, BeforeValidator(rules.whole_number(1, 3600))] = Field(
        60, alias="MLFLOW_DATABASE_WAIT", description="seconds"
    )
    artifacts: Annotated[str, BeforeValidator(rules.artifacts)] = Field(alias="MLFLOW_ARTIFACTS_DESTINATION")
    admin_username: Annotated[str, BeforeValidator(rules.username)] = Field("admin", alias="MLFLOW_AUTH_ADMIN_USERNAME")
    admin_password: Annotated[SecretStr, BeforeValidator(rules.password)] = Field(alias="MLFLOW_AUTH_ADMIN_PASSWORD")
    secret_key: Annotated[SecretStr, BeforeValidator(rules.secret_key)] = Field(alias="MLFLOW_FLASK_SERVER_SECRET_KEY")
    host: Annotated[str, BeforeValidator(rules.address)] = Field("127.0.0.1", alias="MLFLOW_HOST")
    port: Annotated[int, BeforeValidator(rules.whole_number(1, 65535))] = Field(5000, alias="MLFLOW_PORT")
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(rules.host_names)] = Field(
        (), alias="MLFLOW_SERVER_ALLOWED_HOSTS"
    )
    workers: Annotated[int, BeforeValidator(rules.whole_number(1, 4))] = Field(2, alias="MLFLOW_WORKERS")
    body_megabytes: Annotated[int, BeforeValidator(rules.whole_number(1, 1000))] = Field(
        10, alias="MLFLOW_SERVER_MAX_BODY_MB"
    )
    artifact_megabytes: Annotated[int, BeforeValidator(rules.whole_number(1, 100_000))] = Field(
        1000, alias="MLFLOW_SERVER_MAX_ARTIFACT_MB"
    )

    @model_validator(mode="after")
    def _agree(self) -> "Settings":
        if not rules.is_loopback(self.host) and not self.allowed_hosts:
            raise ValueError(
                f"MLFLOW_SERVER_ALLOWED_HOSTS: expected the names by which people reach a server on {self.host} "
                "(MLFLOW_HOST), got none"
            )
        if self.admin_username.lower() in self.admin_password.get_secret_value().lower():
            raise ValueError("MLFLOW_AUTH_ADMIN_PASSWORD: expected it without the user's name in it")
        if (self.backend_store_uri is None) == (self.database_host is None):
            got = "none" if self.database_host is None else "both"
            raise ValueError(f"MLFLOW_BACKEND_STORE_URI or MLFLOW_DATABASE_HOST: expected one of them, got {got}")
        weakness = rules.weakness_of_login(self.database.host, self.database.password)
        if weakness:
            name = "MLFLOW_BACKEND_STORE_URI" if self.backend_store_uri else "MLFLOW_DATABASE_PASSWORD"
            raise ValueError(f"{name}: expected a password for the database on {self.database.host} {weakness}")
        return self

    @property
    def database(self) -> Database:
        """Where the runs are kept."""
        password = self.database_password and self.database_password.get_secret_value()
        if self.backend_store_uri is not None:
            return Database.from_uri(self.backend_store_uri.get_secret_value(), password)
        return Database(self.database_host, self.database_port, self.database_name, self.database_user, password)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that a request may call the server by."""
        return self.allowed_hosts or ("localhost", "127.0.0.1", "[::1]")


KNOWN = {field.alias for field in Settings.model_fields.values()}


def read(environment: Mapping[str, str]) -> Settings:
    """Check the environment.

    Raises
    ------
    SettingsError
        Names the first variable that is wrong, what was expected and what came; never a secret.
    """
    try:
        return Settings.model_validate(collect(environment, KNOWN))
    except ValidationError as error:
        raise SettingsError(_one_line(error.errors(include_input=False)[0])) from None


def _one_line(problem: Mapping) -> str:
    said = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return said
    name = str(problem["loc"][0])
    if problem["type"] == "missing":
        return f"{name}: expected {rules.EXPECTED[name]}, got nothing" + (
            f" (nor {name}_FILE)" if name in SECRETS else ""
        )
    return f"{name}: {said}"
