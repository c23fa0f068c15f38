"""The door for platforms: plain ASGI, raw bytes in; 200 means durably stored and nothing else."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.accounts import Accounts
from bot.channel import WebhookRequest
from bot.receive import Inbox
from core.errors import Refused

log = structlog.get_logger(__name__)

PREFIX: Final = "/webhooks/"
LARGEST_BODY: Final = 3 * 1024 * 1024
"""The largest body any of our platforms documents (WhatsApp, CHANNELS.md 2.9)."""
REQUESTS: Final = Counter(
    "replydesk_webhook_requests_total", "Webhook requests by status and reason.", ["channel", "status", "reason"]
)
SECONDS: Final = Histogram("replydesk_webhook_seconds", "From the request's body read to the answer.", ["channel"])


class Door:
    """Answers `/webhooks/{channel}/{account}` itself and passes everything else on."""

    def __init__(self, *, inside: ASGIApp, accounts: Accounts, inbox: Inbox) -> None:
        self._inside = inside
        self._accounts = accounts
        self._inbox = inbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._answer(scope, receive, send)
        else:
            await self._inside(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        channel, _, account = scope["path"].removeprefix(PREFIX).partition("/")
        label = channel if channel in self._accounts.kinds else "unknown"
        try:
            body = await _read_body(scope, receive)
            with SECONDS.labels(label).time():
                answer = await self._keep(scope, channel, account, body)
        except Refused as refused:
            REQUESTS.labels(label, int(refused.status), refused.reason).inc()
            await _problem(send, refused.status)
        except Exception:  # an edge: not stored means not 200, so that the platform sends it again
            log.exception("webhook_not_stored", channel=label)
            REQUESTS.labels(label, 503, "not_stored").inc()
            await _problem(send, HTTPStatus.SERVICE_UNAVAILABLE, retry_after=5)
        else:
            REQUESTS.labels(label, 200, "stored").inc()
            await _respond(send, HTTPStatus.OK, answer.encode(), b"text/plain; charset=utf-8")

    async def _keep(self, scope: Scope, channel: str, account: str, body: bytes) -> str:
        opened = self._accounts.by_name(channel, account)
        if opened is None:
            raise Refused(HTTPStatus.NOT_FOUND, "unknown_account")
        if scope["method"] not in ("GET", "POST"):
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method")
        request = WebhookRequest(
            method=scope["method"],
            body=body,
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
            query=_first_values(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        )
        received = await opened.channel.receive(request)
        await self._inbox.keep(account_id=opened.id, channel=channel, items=received.items)
        return received.answer


def _first_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    return values


async def _read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body, as soon as it is known to be too large refused, without reading the rest."""
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > LARGEST_BODY):
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(HTTPStatus.BAD_REQUEST, "disconnected")
        piece = message.get("body", b"")
        size += len(piece)
        if size > LARGEST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


async def _problem(send: Send, status: HTTPStatus, *, retry_after: int | None = None) -> None:
    body = json.dumps({"type": "about:blank", "title": status.phrase, "status": int(status)}).encode()
    extra = [] if retry_after is None else [(b"retry-after", str(retry_after).encode())]
    await _respond(send, status, body, b"application/problem+json", extra)


async def _respond(
    send: Send, status: HTTPStatus, body: bytes, media_type: bytes, extra: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    headers = [
        (b"content-type", media_type),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *extra,
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
