"""What every request passes before MLflow sees it: who has no login is sent away, and so are large bodies.

MLflow asks for the login itself, and says who may do what. But it does so route by route, after it has read the body,
and it bounds no body. This is the lock on the front door.
"""

import asyncio
from contextlib import suppress

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PUBLIC = "/health"
# Runs programs on the server for whoever calls from the same host, which a reverse proxy there does for everyone.
ASSISTANT = "/ajax-api/3.0/mlflow/assistant"
ARTIFACTS = ("/api/2.0/mlflow-artifacts/artifacts/", "/ajax-api/2.0/mlflow-artifacts/artifacts/")
SECONDS_TO_READ_ON = 10  # a client that is still sending does not see the answer
CLOSE = {"connection": "close"}

NO_LOGIN = PlainTextResponse(
    "expected a login (basic authentication), got none", 401, {**CLOSE, "www-authenticate": 'Basic realm="mlflow"'}
)
NOT_OFFERED = PlainTextResponse("this server does not offer that", 404, CLOSE)


class AccessMiddleware:
    """An ASGI application around another one; the limits of a body and of an artifact in bytes."""

    def __init__(self, app: ASGIApp, *, body: int, artifact: int) -> None:
        self._app = app
        self._body = body
        self._artifact = artifact

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif refusal := self._refusal(scope):
            await _refuse(refusal, receive, send)
        elif _is_upload(scope):
            await self._stream(scope, receive, send)
        else:
            await self._buffer(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        """Judge by the headers alone."""
        headers = dict(scope["headers"])
        if scope["path"] == PUBLIC:
            return None
        if not headers.get(b"authorization", b"").lower().startswith(b"basic "):
            return NO_LOGIN
        if scope["path"].startswith(ASSISTANT):
            return NOT_OFFERED
        declared = headers.get(b"content-length", b"0")
        limit = self._artifact if _is_upload(scope) else self._body
        return _too_large(limit) if not declared.isdigit() or int(declared) > limit else None

    async def _buffer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body first: what is cut off may be a request as well, only another one."""
        body, message = bytearray(), {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > self._body:
                await _refuse(_too_large(self._body), receive, send)
                return
        whole = [{"type": "http.request", "body": bytes(body), "more_body": False}]
        del body, message

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count while MLflow reads; beyond the limit the client has gone, as far as MLflow can see."""
        size = 0

        async def count() -> Message:
            nonlocal size
            if size <= self._artifact:
                message = await receive()
                size += len(message.get("body", b""))
            return message if size <= self._artifact else {"type": "http.disconnect"}

        async def answer(message: Message) -> None:
            if size <= self._artifact:
                await send(message)

        try:
            await self._app(scope, count, answer)
        except Exception:  # what MLflow says of the client that has gone
            if size <= self._artifact:
                raise
        if size > self._artifact:
            await _refuse(_too_large(self._artifact), receive, send)


def _is_upload(scope: Scope) -> bool:
    return scope["method"] == "PUT" and scope["path"].startswith(ARTIFACTS)


def _too_large(limit: int) -> PlainTextResponse:
    return PlainTextResponse(f"expected a body of at most {limit} bytes, got a larger one", 413, CLOSE)


async def _refuse(refusal: PlainTextResponse, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": refusal.status_code, "headers": refusal.raw_headers}
    await send(start)
    await send({"type": "http.response.body", "body": refusal.body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS_TO_READ_ON):
            while (await receive()).get("more_body"):
                pass
    await send({"type": "http.response.body", "body": b"", "more_body": False})
