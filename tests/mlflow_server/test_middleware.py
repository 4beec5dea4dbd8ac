"""The middleware alone, with an application behind it that says what has reached it."""

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from ops.mlflow_server.middleware import AccessMiddleware

LOGIN = (b"authorization", b"Basic eDp5")
UPLOAD = "/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/model.joblib"
BODY, ARTIFACT = 10, 100


class Exchange:
    """One request to the middleware: what reached the application behind it, and what was answered."""

    def __init__(self, path: str = "/x", *chunks: bytes, headers=(LOGIN,), method="POST"):
        self.reached: list[bytes | str] = []
        self.answered: list[dict] = []
        self._messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        if self._messages:
            self._messages[-1]["more_body"] = False
        scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
        middleware = AccessMiddleware(self._application, body=BODY, artifact=ARTIFACT)
        asyncio.run(middleware(scope, self._receive, self._send))

    @property
    def status(self) -> int:
        (start,) = [message for message in self.answered if message["type"] == "http.response.start"]
        return start["status"]

    async def _receive(self) -> dict:
        return self._messages.pop(0) if self._messages else {"type": "http.disconnect"}

    async def _send(self, message: dict) -> None:
        self.answered.append(message)

    async def _application(self, scope, receive, send) -> None:
        message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                self.reached.append("gone")
                await PlainTextResponse("not heard")(scope, receive, send)
                raise ConnectionError("the client has gone")
            self.reached.append(message["body"])
        await PlainTextResponse("done")(scope, receive, send)


@pytest.mark.parametrize("headers", [(), [(b"authorization", b"Bearer x")], [(b"authorization", b"")]])
@pytest.mark.parametrize("path", ["/x", "/health/", "//health"])
def test_without_a_login_only_the_health_check_reaches_the_application(path, headers):
    assert Exchange("/health", b"a", headers=headers).reached == [b"a"]
    exchange = Exchange(path, b"a", b"b", headers=headers)
    assert (exchange.status, exchange.reached) == (401, [])
    assert (b"www-authenticate", b'Basic realm="mlflow"') in exchange.answered[0]["headers"]


def test_a_body_within_the_limit_arrives_whole():
    assert Exchange("/x", b"12345", b"67890").reached == [b"1234567890"]
    assert Exchange("/x", b"1234567890", headers=[LOGIN, (b"content-length", b"10")]).status == 200


@pytest.mark.parametrize("length", [None, b"11", b"5"])
def test_of_a_body_beyond_the_limit_nothing_arrives(length):
    headers = [LOGIN] if length is None else [LOGIN, (b"content-length", length)]
    exchange = Exchange("/x", b"12345", b"67890", b"1", headers=headers)
    assert (exchange.status, exchange.reached) == (413, [])


@pytest.mark.parametrize("length", [b"-1", b"1e3", b"", b"0x5"])
def test_a_length_that_is_no_number_is_refused(length):
    assert Exchange("/x", b"", headers=[LOGIN, (b"content-length", length)]).status == 413


def test_an_artifact_streams_through():
    exchange = Exchange(UPLOAD, b"a" * 50, b"b" * 50, method="PUT")
    assert (exchange.status, exchange.reached) == (200, [b"a" * 50, b"b" * 50])


def test_an_artifact_beyond_the_limit_looks_like_a_client_that_has_gone():
    exchange = Exchange(UPLOAD, b"a" * 60, b"b" * 60, b"c" * 60, method="PUT")
    assert (exchange.status, exchange.reached) == (413, [b"a" * 60, "gone"])
    assert exchange.answered[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


@pytest.mark.parametrize(
    ("method", "path", "size"),
    [("POST", UPLOAD, 50), ("PUT", "/x", 50), ("PUT", f"/x{UPLOAD}", 50), ("GET", "/health", 11)],
)
def test_only_an_upload_may_be_as_large_as_an_artifact(method, path, size):
    assert Exchange(path, b"a" * size, method=method).status == 413


def test_a_client_that_goes_before_its_body_is_whole_is_not_heard():
    exchange = Exchange()
    assert (exchange.reached, exchange.answered) == ([], [])


def test_an_error_of_the_application_is_not_hidden():
    with pytest.raises(ConnectionError):
        Exchange(UPLOAD, method="PUT")
