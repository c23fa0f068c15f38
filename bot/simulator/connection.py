"""Answers of the fakes, among them the answer that never comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

BROKEN_PROXY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the fake answers: a status and a JSON body, or an HTML page, or nothing at all (`lost`)."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False

    def as_response(self) -> Response:
        if self.lost:
            return LostAnswer()
        if isinstance(self.body, str):
            return HTMLResponse(self.body, status_code=self.status, headers=dict(self.headers))
        return JSONResponse(self.body, status_code=self.status, headers=dict(self.headers))


class AnswerLostError(ConnectionError):
    """Raised where there is no socket to cut (an in-process client): the caller gets an error instead of an answer."""


class LostAnswer(Response):
    """Ends the connection without a single byte of HTTP."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hang_up = scope.get("simulator.transport")
        if hang_up is None:
            raise AnswerLostError("The simulator lost this answer on purpose.")
        hang_up.abort()
        del send  # nothing is sent: that is the point
        while (await receive())["type"] != "http.disconnect":
            pass


def transport_of(send: Send) -> Any:
    """The socket under uvicorn's `send`, or None elsewhere. ASGI has no way to hang up, hence the look behind it."""
    return getattr(getattr(send, "__self__", None), "transport", None)
