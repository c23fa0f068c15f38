"""The queue of outgoing webhooks: written with what caused them, called later, tried again, every try kept."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.database import TROUBLE, Database
from core.errors import NotFound
from core.vault import Vault
from handoff.webhooks.models import Webhook, WebhookCall
from handoff.webhooks.targets import Judge, Unreachable, is_public, look_up

log = structlog.get_logger(__name__)

SIGNATURE: Final = "X-Replydesk-Signature"
PAUSES: Final = tuple(timedelta(minutes=one) for one in (1, 5, 30, 120, 360, 1440))
"""After so many tries the call has failed for good."""
_TIMEOUT: Final = 10.0
_SIDE_BY_SIDE: Final = 10
_EVERY_SECONDS: Final = 2.0
PENDING: Final = "pending"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"


async def enqueue(session: AsyncSession, webhook_id: int, body: Mapping[str, Any], *, now: datetime) -> WebhookCall:
    """Raises `NotFound`. Nothing is called inside the transaction."""
    if await session.get(Webhook, webhook_id) is None:
        raise NotFound("There is no such webhook.")
    call = WebhookCall(
        webhook_id=webhook_id, body=dict(body), state=PENDING, attempts=[], next_attempt_at=now, created_at=now
    )
    session.add(call)
    return call


def sign(secret: str, content: bytes, *, at: datetime) -> str:
    """`t=<unix seconds>,v1=<HMAC-SHA256 over "t.content", in hex>`: who knows the secret can tell that it is ours."""
    stamp = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + content, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={mac}"


class WebhookCaller:
    """Calls what is due, apart from everything else: a slow target holds up nobody.

    `http` must not follow redirects by itself; `may_call` judges each looked-up address.
    """

    def __init__(
        self, *, database: Database, clock: Clock, vault: Vault, http: httpx.AsyncClient, may_call: Judge = is_public
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._http = http
        self._may_call = may_call

    async def run(self) -> None:
        while True:
            try:
                await self.call_due()
            except TROUBLE as error:
                log.warning("webhooks_wait_for_database", error=str(error))
            await asyncio.sleep(_EVERY_SECONDS)

    async def call_due(self) -> int:
        """Make the calls whose time has come, side by side. Returns how many."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(WebhookCall.id, WebhookCall.body, Webhook.url, Webhook.secret)
                .join(Webhook, Webhook.id == WebhookCall.webhook_id)
                .where(WebhookCall.state == PENDING, WebhookCall.next_attempt_at <= self._clock())
                .order_by(WebhookCall.next_attempt_at)
                .limit(_SIDE_BY_SIDE)
            )
            due = rows.all()
        await asyncio.gather(*(self._call(call_id, body, url, secret) for call_id, body, url, secret in due))
        return len(due)

    async def _call(self, call_id: int, body: dict[str, Any], url: str, sealed: bytes) -> None:
        content = json.dumps(body | {"id": call_id}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: sign(self._vault.open(sealed), content, at=self._clock()),
        }
        status: int | None = None
        error: str | None = None
        try:
            async with asyncio.timeout(_TIMEOUT):
                target = await look_up(url, may_call=self._may_call)
                async with self._http.stream(
                    "POST",
                    target.url,
                    content=content,
                    headers=headers | {"Host": target.host},
                    follow_redirects=False,
                    timeout=_TIMEOUT,
                    extensions={"sni_hostname": target.server_name},
                ) as answer:
                    status = answer.status_code
            if not 200 <= status < 300:
                error = "Redirects are not followed." if 300 <= status < 400 else f"Answered {status}."
        except Unreachable as refusal:
            error = str(refusal)
        except TimeoutError:
            error = "No answer within ten seconds."
        except httpx.HTTPError as trouble:
            error = f"{type(trouble).__name__}."
        await self._note(call_id, status=status, error=error)

    async def _note(self, call_id: int, *, status: int | None, error: str | None) -> None:
        now = self._clock()
        async with self._database.write() as session:
            call = await session.get(WebhookCall, call_id, with_for_update=True)
            if call is None or call.state != PENDING:
                return  # removed with its webhook meanwhile
            call.attempts = [*call.attempts, {"at": now.isoformat(), "status": status, "error": error}]
            if error is None:
                call.state = DELIVERED
            elif len(call.attempts) > len(PAUSES):
                call.state = FAILED
            else:
                call.next_attempt_at = now + PAUSES[len(call.attempts) - 1]
