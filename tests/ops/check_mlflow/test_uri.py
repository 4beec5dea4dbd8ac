"""What a URI names, and that a wrong one says how to write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.check_mlflow.causes import StepError
from ops.check_mlflow.uri import parse, shown

WORD = "corr3ct-h0rse"
NEITHER = ["http:///mlflow", "databricks://profile", "sqlite+pysqlite:///a.db", "./mlruns", "mlruns", "file:///mlruns"]
DATABASES = [f"postgresql://me:{WORD}" + "@db/mlflow", "mysql+pymysql://db:3306/mlflow?password=" + WORD]
NO_PORT = ["http://a.b:70000", "https://a.b:5000x/risk", "http://fe80::1:5000", "http://[::1]:x", f"http://me:{WORD}"]


@pytest.mark.parametrize(
    ("uri", "server"),
    [
        ("http://127.0.0.1:5000", ("http", "127.0.0.1", 5000)),
        ("HTTPS://MLflow.Example.org/risk/", ("https", "mlflow.example.org", None)),
        ("http://[::1]:5000", ("http", "[::1]", 5000)),
        ("http://mlflow_server:5000/bücher", ("http", "mlflow_server", 5000)),
    ],
)
def test_a_server(uri, server):
    url = parse(uri)
    assert (url.scheme, url.host, url.port) == server


@pytest.mark.parametrize(
    ("uri", "cause", "remedy"),
    [
        (f"https://me:{WORD}" + "@a.b", "password in the URI", "MLFLOW_TRACKING_PASSWORD"),
        (f"https://me:{WORD[:5]}/{WORD[5:]}" + "@a.b", "password in the URI", "MLFLOW_TRACKING_PASSWORD"),
        ("http://a.b:5000/#/experiments/1", "address of a page", "use http://a.b:5000, "),
        ("http://a.b/?token=" + WORD, "address of a page", "use http://a.b, "),
        ("mlflow.example.org:5000/risk", "no scheme", "write http://mlflow.example.org:5000/risk"),
        ("http://a.b:5000\n", "line break", "take it out"),
        *((wrong, "a database, not an MLflow server", "the server that writes to it") for wrong in DATABASES),
        *((wrong, "the port is no number from 1 to 65535", "http://HOST:5000") for wrong in NO_PORT),
        *((wrong, "neither a server's address nor a database file", "http://HOST:PORT") for wrong in NEITHER),
    ],
)
def test_a_wrong_one(uri, cause, remedy):
    with pytest.raises(StepError, match=cause) as caught:
        parse(uri)
    assert remedy in caught.value.remedy
    assert caught.value.code == 2
    for text in (str(caught.value), caught.value.remedy, shown(uri)):
        assert WORD not in text
        assert WORD[5:] not in text


@pytest.mark.parametrize(
    ("uri", "printed"),
    [
        ("http://a.b:5000/risk", "http://a.b:5000/risk"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        *((path, path) for path in ("sqlite:////srv/m@l.db", "sqlite:/srv/m@l.db", "sqlite:m.db")),
        *((url, url) for url in ("http:/a.b", "http://a.b:")),
        (f"https://me:{WORD}#{WORD}" + "@a.b:1/x", "https://***@a.b:1/x"),
        (f"https://me:{WORD}:1]/x", "https://me:***/x"),  # the @ was forgotten
        ("http://a.b/\x1b[31m", "http://a.b/?[31m"),
    ],
)
def test_what_is_printed_of_it(uri, printed):
    assert shown(uri) == printed


@given(st.text(), st.sampled_from(["", "http://"]))
def test_any_text_is_a_server_or_an_error_with_a_remedy(text, scheme):
    assert shown(text).isprintable() or any(sign.isspace() for sign in text)
    try:
        assert parse(scheme + text).host
    except StepError as error:
        assert error.remedy


@given(st.text(alphabet=st.characters(exclude_characters="@")), st.sampled_from(["http://", "https://", ""]))
def test_no_password_before_an_at_is_printed(word, scheme):
    assert shown(f"{scheme}me:{word}@a.b") == f"{scheme}***@a.b"
