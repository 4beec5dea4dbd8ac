"""A proxy that the environment names is gone through, as MLflow's client does."""

import socket
from contextlib import suppress
from threading import Thread

import pytest

from tests.ops.check_mlflow.certificates import certificate, serving
from tests.ops.check_mlflow.stubs import FakeMlflow, Reply, Stub, always, closed, heard


class Proxy:
    """Lets tunnels through to one port, whatever host is asked for, to those who know the password."""

    def __init__(self, port: int, authorization: str | None = None) -> None:
        self.port = port
        self.authorization = authorization
        self.targets: list[str] = []

    def __call__(self, connection: socket.socket) -> None:
        request = heard(connection)
        self.targets.append(request.target)
        if request.headers.get("proxy-authorization") != self.authorization:
            connection.sendall(Reply(407, "Proxy Authentication Required").encoded())
            return
        with socket.create_connection(("127.0.0.1", self.port)) as beyond:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = Thread(target=self._pass_on, args=(beyond, connection), daemon=True)
            back.start()
            self._pass_on(connection, beyond)
            back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def secure_mlflow(tmp_path, monkeypatch):
    """Give a fake MLflow that speaks TLS with a certificate that is trusted."""
    path = certificate(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(path))
    with Stub(FakeMlflow(), serving(path)) as stub:
        yield stub


def test_https_goes_through_a_tunnel(check, secure_mlflow, monkeypatch):
    proxy = Proxy(secure_mlflow.port)
    with Stub(proxy) as stub:
        monkeypatch.setenv("HTTPS_PROXY", stub.url)
        checked = check(secure_mlflow.url)
    assert checked.code == 0
    assert checked.stages["TCP"]["detail"] == f"proxy 127.0.0.1:{stub.port}"
    assert set(proxy.targets) == {f"127.0.0.1:{secure_mlflow.port}"}


def test_the_login_of_a_proxy_is_sent_and_not_printed(check, secure_mlflow, monkeypatch):
    with Stub(Proxy(secure_mlflow.port, "Basic bWU6czNjcmV0")) as stub:
        monkeypatch.setenv("HTTPS_PROXY", "http://me:s3cret" + f"@127.0.0.1:{stub.port}")
        checked = check(secure_mlflow.url)
    assert checked.code == 0
    assert "s3cret" not in checked.printed


def test_a_proxy_that_lets_nobody_pass(check, secure_mlflow, monkeypatch):
    with Stub(Proxy(secure_mlflow.port, "Basic other")) as stub:
        monkeypatch.setenv("HTTPS_PROXY", stub.url)
        check(secure_mlflow.url).assert_failed("TLS", 3, "lets nothing through", "HTTPS_PROXY")


def test_a_proxy_that_is_none(check, secure_mlflow, monkeypatch):
    with Stub(always(b"220 smtp.example.org\r\n")) as stub:
        monkeypatch.setenv("HTTPS_PROXY", stub.url)
        check(secure_mlflow.url).assert_failed("TLS", 3, "is no http proxy", "NO_PROXY")


def test_plain_http_is_asked_of_the_proxy(check, mlflow, monkeypatch):
    mlflow.replies = {f"http://mlflow.example.org{path}": reply for path, reply in mlflow.replies.items()}
    monkeypatch.setenv("http_proxy", mlflow.url)
    checked = check("http://mlflow.example.org")
    assert checked.code == 0
    assert {request.headers["host"] for request in mlflow.requests} == {"mlflow.example.org"}


def test_no_proxy_is_heeded(check, mlflow, monkeypatch):
    with closed() as url:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert check(mlflow.url).code == 0


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:port", "https://127.0.0.1:1"])
def test_a_proxy_of_another_kind_is_refused(check, monkeypatch, proxy):
    monkeypatch.setenv("https_proxy", proxy)
    check("https://mlflow.example.org").assert_failed("URI", 2, "none of the form http://HOST:PORT", "HTTPS_PROXY")


def test_a_password_does_not_go_to_a_proxy_in_the_clear(check, mlflow, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.example.org:3128")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
    check(mlflow.url).assert_failed("URI", 2, "would go over plain http to proxy proxy.example.org:3128", "https")


def test_nor_through_one_on_this_machine_to_another(check, mlflow, monkeypatch):
    monkeypatch.setenv("http_proxy", mlflow.url)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "abc")
    check("http://mlflow.example.org").assert_failed("URI", 2, "would go over plain http to proxy 127.0.0.1", "https")


def test_a_proxy_that_is_not_there(check, monkeypatch):
    with closed() as url:
        monkeypatch.setenv("https_proxy", url)
        check("https://mlflow.example.org").assert_failed("TCP", 3, "refuses the connection", "HTTPS_PROXY")
