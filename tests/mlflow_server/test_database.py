"""Addresses of the database."""

import pytest
from sqlalchemy.engine import make_url

from ops.mlflow_server.database import Database, first_line

PASSWORD = "p@ss/w:rd %?#"  # all that an address does not take as it is
QUOTED = "p%40ss%2Fw%3Ard%20%25%3F%23"


def test_parts_make_an_address_that_gives_them_back():
    url = make_url(Database("db.bank.example", 5433, "runs", "me", PASSWORD).uri)
    assert url.drivername == "postgresql+psycopg2"
    assert (url.host, url.port, url.database, url.username) == ("db.bank.example", 5433, "runs", "me")
    assert url.password == PASSWORD


def test_the_socket_of_cloud_sql_is_a_host():
    url = make_url(Database("/cloudsql/project:region:instance", password=PASSWORD).uri)
    assert (url.host, url.query) == (None, {"host": "/cloudsql/project:region:instance", "port": "5432"})


def test_logins_have_a_schema_of_their_own_in_the_same_database():
    database = Database("db", options=(("options", "-cstatement_timeout=9s"), ("sslmode", "verify-full")))
    url, logins = make_url(database.uri), make_url(database.uri_of_logins)
    assert (logins.host, logins.database) == (url.host, url.database)
    assert logins.query == {**url.query, "options": "-cstatement_timeout=9s -csearch_path=mlflow_auth"}
    assert make_url(Database("db").uri_of_logins).query == {"options": "-csearch_path=mlflow_auth"}


@pytest.mark.parametrize(
    ("uri", "database"),
    [
        (f"postgresql://me:{QUOTED}@db/runs", Database("db", 5432, "runs", "me", PASSWORD)),
        ("postgresql://me@/runs?host=/run/pg&port=5433", Database("/run/pg", 5433, "runs", "me")),
        ("postgresql://me@db/r?sslmode=require", Database("db", 5432, "r", "me", None, (("sslmode", "require"),))),
    ],
)
def test_an_address_is_taken_apart(uri, database):
    assert Database.from_uri(uri) == database
    assert Database.from_uri(database.uri) == database


def test_the_password_may_come_apart_from_the_address():
    assert Database.from_uri("postgresql://me@db/runs", "secret").password == "secret"
    with pytest.raises(ValueError, match="expected one password"):
        Database.from_uri(f"postgresql://me:{QUOTED}@db/runs", "secret")


def test_a_database_shows_no_password():
    database = Database("db", password=PASSWORD)
    assert PASSWORD not in f"{database} {database!r}"


def test_the_first_line_of_an_error_is_never_empty():
    assert first_line(ValueError("\n  what it is\nmore")) == "what it is"
    assert first_line(ValueError()) == "ValueError"
