"""TLS: each failure with its remedy, and the certificates that MLflow's client would take."""

import pytest

from tests.ops.check_mlflow.certificates import certificate, serving
from tests.ops.check_mlflow.stubs import FakeMlflow, Reply, Stub, always, silent_after

TRUSTED, INSECURE = "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"


@pytest.fixture
def served(tmp_path):
    """Serve a fake MLflow with a certificate; gives the server and the certificate's path."""
    stubs = []

    def serve(**settings):
        path = certificate(tmp_path, **settings)
        stub = Stub(FakeMlflow(), serving(path))
        stubs.append(stub.__enter__())
        return stub, str(path)

    yield serve
    for stub in stubs:
        stub.__exit__()


@pytest.mark.parametrize("name", [TRUSTED, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_that_is_trusted(check, served, monkeypatch, name):
    stub, path = served()
    monkeypatch.setenv(name, path)
    checked = check(stub.url)
    assert checked.code == 0
    assert checked.stages["TLS"]["detail"].startswith("TLSv1.3, certificate valid until ")
    assert not checked.stages["TLS"]["warning"]


def test_a_password_goes_over_tls(check, served, monkeypatch):
    stub, path = served()
    monkeypatch.setenv(TRUSTED, path)
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret")
    assert check(stub.url).code == 0


def test_one_that_ends_soon_is_a_warning(check, served, monkeypatch):
    stub, path = served(days=(-80, 5))
    monkeypatch.setenv(TRUSTED, path)
    checked = check(stub.url)
    assert checked.code == 0
    assert checked.stages["TLS"]["warning"]


def test_one_that_nobody_knows(check, served):
    stub, _ = served()
    check(stub.url).assert_failed("TLS", 4, "signed by nobody known here", f"set {TRUSTED} to a PEM file")


@pytest.mark.parametrize(
    ("settings", "cause", "remedy"),
    [
        ({"days": (-2, -1)}, "has expired", "renew"),
        ({"days": (1, 2)}, "not valid yet", "clock"),
        ({"address": "127.0.0.2"}, "for another host than 127.0.0.1", "subjectAltName"),
    ],
)
def test_one_that_is_trusted_and_does_not_fit(check, served, monkeypatch, settings, cause, remedy):
    stub, path = served(**settings)
    monkeypatch.setenv(TRUSTED, path)
    check(stub.url).assert_failed("TLS", 4, cause, remedy)


def test_no_verification_is_a_warning(check, served, monkeypatch):
    stub, _ = served()
    monkeypatch.setenv(INSECURE, "true")
    checked = check(stub.url)
    assert checked.code == 0
    assert checked.stages["TLS"]["warning"]
    assert "not verified" in checked.stages["TLS"]["detail"]


@pytest.mark.parametrize(
    ("variables", "cause", "remedy"),
    [
        ({TRUSTED: "absent.pem"}, f"{TRUSTED}: no certificates in absent.pem", "PEM"),
        ({TRUSTED: "empty.pem"}, f"{TRUSTED}: no certificates in empty.pem", "PEM"),
        ({TRUSTED: "empty.pem", INSECURE: "true"}, "both set", "unset"),
        ({INSECURE: "1", "MLFLOW_TRACKING_CLIENT_CERT_PATH": "empty.pem"}, "no certificate with its key", "PEM"),
    ],
)
def test_files_that_are_not_there(check, served, write, monkeypatch, variables, cause, remedy):
    stub, _ = served()
    write("empty.pem", "")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    check(stub.url).assert_failed("TLS", 4, cause, remedy)


def test_https_to_a_port_of_plain_http(check):
    def talk(connection):
        connection.recv(100)
        connection.sendall(Reply(400, "Bad Request").encoded())

    with Stub(talk) as stub:
        url = stub.url.replace("http", "https")
        check(url).assert_failed("TLS", 4, "speaks plain http, not https", f"use {stub.url}")


def test_https_to_a_port_that_ends_the_connection(check):
    with Stub(lambda connection: connection.recv(100)) as stub:
        check(stub.url.replace("http", "https")).assert_failed("TLS", 4, "", "does it speak plain http? try http://")


def test_https_to_a_port_that_says_nothing(check):
    with silent_after() as stub:
        checked = check(stub.url.replace("http", "https"), "--timeout", "0.5")
    checked.assert_failed("TLS", 4, "no TLS answer within 0.5 s", "does it speak plain http? try http://")


def test_plain_http_to_a_port_of_https(check, served):
    stub, _ = served()
    url = stub.url.replace("https", "http")
    check(url).assert_failed("health", 4, "speaks TLS, not plain http", f"use {stub.url}")


def test_a_client_certificate_that_is_wanted(check, tmp_path, monkeypatch):
    import ssl

    path = certificate(tmp_path)
    context = serving(path)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(path)
    monkeypatch.setenv(TRUSTED, str(path))
    with Stub(always(Reply(body="OK").encoded()), context) as stub:
        check(stub.url).assert_failed(
            "health", 4, "ends the connection after the handshake", "MLFLOW_TRACKING_CLIENT_CERT_PATH"
        )
        monkeypatch.setenv("MLFLOW_TRACKING_CLIENT_CERT_PATH", str(path))
        assert check(stub.url).stages["health"]["ok"]
