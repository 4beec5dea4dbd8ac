"""The database's address reaches the driver as its parts say, and the logins have a schema of their own in it."""

import pytest
from sqlalchemy.engine import make_url

from ops.mlflow_server.database import host_of, with_schema_of_logins
from tests.mlflow_server.variables import LEAST, PARTS, read

SPECIAL = "p@ss/w:rd %?# x"  # all that an address does not take as it is
QUOTED = "p%40ss%2Fw%3Ard%20%25%3F%23%20x"
APART = {"MLFLOW_DATABASE_PASSWORD": SPECIAL}


@pytest.mark.parametrize(
    ("variables", "host", "port"),
    [
        (PARTS | APART, "db", "5432"),
        (PARTS | APART | {"MLFLOW_DATABASE_HOST": "/cloudsql/p:r:i"}, "/cloudsql/p:r:i", "5432"),
        (LEAST | {"MLFLOW_BACKEND_STORE_URI": f"postgresql://mlflow:{QUOTED}@db/mlflow?sslmode=require"}, "db", None),
        (
            LEAST | {"MLFLOW_BACKEND_STORE_URI": "postgresql://mlflow@/mlflow?host=/run/pg&port=5433"} | APART,
            "/run/pg",
            "5433",
        ),
    ],
)
def test_host_port_and_password_reach_psycopg2_as_they_are(variables, host, port):
    database = read(variables).database
    assert SPECIAL not in f"{database} {database!r}"
    written = make_url(database.render_as_string(hide_password=False))
    assert (written, host_of(written)) == (database, host)
    _, arguments = written.get_dialect()().create_connect_args(written)
    expected = {"host": host, "dbname": "mlflow", "user": "mlflow", "password": SPECIAL}
    assert arguments.items() >= (expected | ({"port": port} if port else {})).items()
    assert written.drivername == "postgresql+psycopg2"  # SQLAlchemy 2.1 takes another one if none is named


def test_logins_have_a_schema_of_their_own_in_the_same_database():
    database = make_url("postgresql://me@db/runs?sslmode=verify-full")
    assert with_schema_of_logins(database) == database.update_query_dict({"options": "-csearch_path=mlflow_auth"})
    database = database.update_query_dict({"options": "-cstatement_timeout=9s"})
    assert with_schema_of_logins(database).query["options"] == "-cstatement_timeout=9s -csearch_path=mlflow_auth"
