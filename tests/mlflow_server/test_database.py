"""Addresses of the database, as SQLAlchemy reads them."""

import pytest
from sqlalchemy.engine import make_url

from ops.mlflow_server.database import first_line, host_of, with_schema_of_logins
from ops.mlflow_server.settings import Settings
from tests.mlflow_server.test_settings import ENVIRONMENT

PASSWORD = "p@ss/w:rd %?# x"  # all that an address does not take as it is
QUOTED = "p%40ss%2Fw%3Ard%20%25%3F%23%20x"


@pytest.fixture
def url(monkeypatch, tmp_path):
    """Give the URL of the runs of some variables, written and read again."""

    def read(**variables: str):
        own = {"MLFLOW_ARTIFACTS_DESTINATION": str(tmp_path), **variables}
        for name, value in (ENVIRONMENT | own).items():
            monkeypatch.setenv(name, value)
        if "MLFLOW_DATABASE_HOST" in variables:
            monkeypatch.delenv("MLFLOW_BACKEND_STORE_URI")
        database = Settings().database
        assert PASSWORD not in f"{database} {database!r}"
        return make_url(database.render_as_string(hide_password=False))

    return read


@pytest.mark.parametrize("host", ["db.bank.example", "/cloudsql/project:region:instance"])
def test_parts_reach_psycopg2_as_they_are(url, host):
    parts = {"MLFLOW_DATABASE_PORT": "5433", "MLFLOW_DATABASE_NAME": "runs", "MLFLOW_DATABASE_PASSWORD": PASSWORD}
    database = url(MLFLOW_DATABASE_HOST=host, **parts)
    assert host_of(database) == host
    _, arguments = database.get_dialect()().create_connect_args(database)
    expected = {"host": host, "port": "5433", "dbname": "runs", "user": "mlflow", "password": PASSWORD}
    assert arguments.items() >= expected.items()


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        (f"postgresql://me:{QUOTED}@db/runs?sslmode=require", "db"),
        (f"postgresql+psycopg2://me:{QUOTED}@/runs?host=/run/pg&port=5433", "/run/pg"),
    ],
)
def test_an_address_is_kept_with_its_options(url, uri, host):
    database = url(MLFLOW_BACKEND_STORE_URI=uri)
    assert database.drivername == "postgresql+psycopg2"  # SQLAlchemy 2.1 takes another one if none is named
    assert (host_of(database), database.password, database.database) == (host, PASSWORD, "runs")
    assert database.query == make_url(uri).query


def test_the_password_may_come_apart_from_the_address(url):
    variables = {"MLFLOW_BACKEND_STORE_URI": "postgresql://me@db/runs", "MLFLOW_DATABASE_PASSWORD": PASSWORD}
    assert url(**variables).password == PASSWORD


def test_logins_have_a_schema_of_their_own_in_the_same_database():
    database = make_url("postgresql://me@db/runs?sslmode=verify-full")
    with_options = database.update_query_dict({"options": "-cstatement_timeout=9s"})
    assert with_schema_of_logins(database) == database.update_query_dict({"options": "-csearch_path=mlflow_auth"})
    assert with_schema_of_logins(with_options).query["options"] == "-cstatement_timeout=9s -csearch_path=mlflow_auth"


def test_the_first_line_of_an_error_is_never_empty():
    assert first_line(ValueError("\n  what it is\nmore")) == "what it is"
    assert first_line(ValueError()) == "ValueError"
