"""What a URI names, and that a wrong one says how to write it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.check_mlflow.steps import StepError
from ops.check_mlflow.uri import Database, Server, is_loopback, parse, shown

WORD = "corr3ct-h0rse"


@pytest.mark.parametrize(
    ("uri", "server"),
    [
        ("http://127.0.0.1:5000", Server("http", "127.0.0.1", 5000, "")),
        ("https://mlflow.example.org", Server("https", "mlflow.example.org", 443, "")),
        ("HTTPS://MLflow.Example.org/risk/", Server("https", "mlflow.example.org", 443, "/risk")),
        ("http://[::1]:5000", Server("http", "::1", 5000, "")),
        ("http://a.b/bücher", Server("http", "a.b", 80, "/bücher")),
        ("http://mlflow_server:5000", Server("http", "mlflow_server", 5000, "")),
        ("https://bücher.example", Server("https", "xn--bcher-kva.example", 443, "")),
    ],
)
def test_a_server(uri, server):
    assert parse(uri) == server


@pytest.mark.parametrize(
    ("uri", "authority"),
    [("https://a.b", "a.b"), ("https://a.b:443", "a.b"), ("http://a.b:443", "a.b:443"), ("http://[::1]", "[::1]")],
)
def test_the_host_header_leaves_out_the_scheme_s_own_port(uri, authority):
    assert parse(uri).authority == authority


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("sqlite:///mlflow/mlflow.db", "mlflow/mlflow.db"),
        ("sqlite:////srv/my runs/m@l.db", "/srv/my runs/m@l.db"),
        ("sqlite:///mlflow.db?timeout=3", "mlflow.db"),
    ],
)
def test_a_database(uri, path):
    assert parse(uri) == Database(uri, Path(path))


@pytest.mark.parametrize(
    ("uri", "cause", "remedy"),
    [
        (f"https://me:{WORD}" + "@a.b", "password in the URI", "MLFLOW_TRACKING_PASSWORD"),
        (f"https://me:{WORD[:5]}/{WORD[5:]}" + "@a.b", "password in the URI", "MLFLOW_TRACKING_PASSWORD"),
        ("https://token" + "@a.b", "password in the URI", "MLFLOW_TRACKING_USERNAME"),
        ("http://a.b:5000/#/experiments/1", "address of a page", "use http://a.b:5000, "),
        ("http://a.b/?token=" + WORD, "address of a page", "use http://a.b, "),
        ("localhost:5000", "no scheme", "write http://localhost:5000"),
        ("mlflow.example.org/risk", "no scheme", "write http://mlflow.example.org/risk"),
        ("http://", "no host", "http://HOST:PORT"),
        ("http:///mlflow", "no host", "http://HOST:PORT"),
        ("http://a..b", "no host", "http://HOST:PORT"),
        (f"http://{'a' * 64}.b", "no host", "http://HOST:PORT"),
        ("http://a.b:port", "port", "http://HOST:PORT"),
        ("http://a.b:70000", "port", "http://HOST:PORT"),
        ("http://a.b:0", "no host", "http://HOST:PORT"),
        ("http://[::1", "port", "http://HOST:PORT"),
        ("http://a.b:5000\n", "line break", "take it out"),
        (" http://a.b", "space", "take it out"),
        ("postgresql://db/mlflow", "is a database", "address of the server"),
        (f"postgresql+psycopg2://me:{WORD}" + "@db/mlflow", "is a database", "address of the server"),
        ("mysql://db/mlflow", "is a database", "address of the server"),
        ("databricks", "got databricks", "sqlite:///PATH"),
        ("databricks://profile", "got databricks", "sqlite:///PATH"),
        ("ftp://a.b", "got ftp", "sqlite:///PATH"),
        ("sqlite+pysqlite:///a.db", "got sqlite+pysqlite", "sqlite:///PATH"),
        ("./mlruns", "folder of files", "sqlite:///PATH"),
        ("mlruns", "folder of files", "sqlite:///PATH"),
        ("file:///mlruns", "folder of files", "sqlite:///PATH"),
        ("/srv/mlruns", "folder of files", "sqlite:///PATH"),
        ("sqlite://", "no database file", "fourth slash"),
        ("sqlite:///:memory:", "no database file", "fourth slash"),
        ("sqlite:///file:a.db?mode=ro&uri=true", "no database file", "fourth slash"),
    ],
)
def test_a_wrong_one(uri, cause, remedy):
    with pytest.raises(StepError) as caught:
        parse(uri)
    assert cause in str(caught.value)
    assert remedy in caught.value.remedy
    for text in (str(caught.value), caught.value.remedy, shown(uri)):
        assert WORD not in text
        assert WORD[5:] not in text


@pytest.mark.parametrize(
    ("uri", "printed"),
    [
        ("http://a.b:5000/risk", "http://a.b:5000/risk"),
        (f"https://me:{WORD}" + "@a.b:1/x", "https://***@a.b:1/x"),
        (f"https://me:{WORD}#{WORD}" + "@a.b", "https://***@a.b"),
        (f"https://me:{WORD}", "https://me:***"),
        (f"me:{WORD}" + "@a.b", "***@a.b"),
        (f"me://{WORD}://{WORD}" + "@a.b", "me://***@a.b"),
        ("sqlite:////srv/m@l.db", "sqlite:////srv/m@l.db"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://[::1]", "http://[::1]"),
        ("http://a.b/\x1b[31m", "http://a.b/?[31m"),
    ],
)
def test_what_is_printed_of_it(uri, printed):
    assert shown(uri) == printed


@given(st.text())
def test_any_text_is_a_target_or_a_stage_error(text):
    assert shown(text).isprintable() or any(sign.isspace() for sign in text)
    try:
        assert isinstance(parse(text), Server | Database)
    except StepError as error:
        assert error.remedy


@given(st.text(alphabet=st.characters(exclude_characters="@")), st.sampled_from(["http://", "https://", ""]))
def test_no_password_before_an_at_is_printed(word, scheme):
    assert shown(f"{scheme}me:{word}@a.b") == f"{scheme}***@a.b"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("x.localhost", True), ("localhost.example", False)],
)
def test_loopback_is_told_by_the_name(host, loopback):
    assert is_loopback(host) == loopback
