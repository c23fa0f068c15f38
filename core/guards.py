"""What every request to our own routes passes: a limit on its size; and every answer: headers that keep browsers careful."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.problems import problem

LARGEST_BODY: Final = 10_000_000
_TOO_BIG: Final = "The request is too big."


class Guards:
    """ASGI middleware. A body over `largest_body` bytes is answered 413, unread where its length is told beforehand."""

    def __init__(self, app: ASGIApp, *, largest_body: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest_body = largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and (len(announced) > 18 or int(announced) > self._largest_body):
            await problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_BIG)(scope, receive, _careful(send))
            return
        await self._app(scope, self._counted(receive), _careful(send))

    def _counted(self, receive: Receive) -> Receive:
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._largest_body:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_BIG)
            return message

        return counted


def install_guards(app: FastAPI) -> None:
    app.add_middleware(Guards)


def _careful(send: Send) -> Send:
    async def careful(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Cache-Control", "no-store")  # what we answer is about people (ASVS 14.3.2)
        await send(message)

    return careful
