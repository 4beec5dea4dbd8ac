"""What every request passes before MLflow sees it: who has no login is sent away, and so are large bodies.

MLflow asks for the login itself, and says who may do what. But it does so route by route, after it has read the body,
and it bounds no body. This is the lock on the front door.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, NamedTuple

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

PUBLIC = {"/health"}
# Runs programs on the server for whoever calls from the same host, which a reverse proxy there does for everyone.
CLOSED = ("/ajax-api/3.0/mlflow/assistant",)
ARTIFACTS = ("/api/2.0/mlflow-artifacts/artifacts/", "/ajax-api/2.0/mlflow-artifacts/artifacts/")
SECONDS_TO_READ_ON = 10  # a client that is still sending does not see the answer


class Refusal(NamedTuple):
    """An answer without MLflow."""

    status: int
    text: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


NO_LOGIN = Refusal(
    401, "expected a login (basic authentication), got none", ((b"www-authenticate", b'Basic realm="mlflow"'),)
)
NOT_OFFERED = Refusal(404, "this server does not offer that")


class Guard:
    """An ASGI application around another one; limits in bytes."""

    def __init__(self, app: App, *, body: int, artifact: int) -> None:
        self._app = app
        self._body = body
        self._artifact = artifact

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif refusal := self._refusal(scope):
            await _refuse(refusal, receive, send)
        elif _is_upload(scope):
            await self._stream(scope, receive, send)
        else:
            await self._buffer(scope, receive, send)

    def _refusal(self, scope: Message) -> Refusal | None:
        """Judge by the headers alone."""
        headers = dict(scope["headers"])
        if scope["path"] in PUBLIC:
            return None
        if not headers.get(b"authorization", b"").lower().startswith(b"basic "):
            return NO_LOGIN
        if scope["path"].startswith(CLOSED):
            return NOT_OFFERED
        declared = headers.get(b"content-length", b"0")
        limit = self._artifact if _is_upload(scope) else self._body
        return _too_large(limit) if not declared.isdigit() or int(declared) > limit else None

    async def _buffer(self, scope: Message, receive: Receive, send: Send) -> None:
        """Read the whole body first: what is cut off may be a request as well, only another one."""
        chunks, size, message = [], 0, {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self._body:
                await _refuse(_too_large(self._body), receive, send)
                return
        whole = [{"type": "http.request", "body": b"".join(chunks), "more_body": False}]
        del chunks, message

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)

    async def _stream(self, scope: Message, receive: Receive, send: Send) -> None:
        """Count while MLflow reads; beyond the limit the client has gone, as far as MLflow can see."""
        size, gone = 0, False

        async def count() -> Message:
            nonlocal size, gone
            if gone:
                return {"type": "http.disconnect"}
            message = await receive()
            size += len(message.get("body", b""))
            gone = size > self._artifact
            return {"type": "http.disconnect"} if gone else message

        async def say(message: Message) -> None:
            if not gone:
                await send(message)

        try:
            await self._app(scope, count, say)
        except Exception:  # what MLflow says of the client that has gone
            if not gone:
                raise
        if gone:
            await _refuse(_too_large(self._artifact), receive, send)


def _is_upload(scope: Message) -> bool:
    return scope["method"] == "PUT" and scope["path"].startswith(ARTIFACTS)


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"expected a body of at most {limit} bytes, got a larger one")


async def _refuse(refusal: Refusal, receive: Receive, send: Send) -> None:
    text = refusal.text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),
        *refusal.headers,
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": text, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS_TO_READ_ON):
            while (await receive()).get("more_body"):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})
