"""Webhook delivery: a head-of-line queue per chat, retries that grow, and the health signal (CHANNELS.md 1.3).

The steps follow tdlib/telegram-bot-api WebhookActor.cpp: first retry at once, then 2, 4, 8 … s up to a random
60 to 120 s; `Retry-After` is honoured up to an hour; an update is dropped when it is a day old; 410 for 23 hours
removes the webhook; while deliveries fail only one connection is used.
"""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from bot.simulator.background import Background
from bot.simulator.delivery import Knock, Lanes, knock
from bot.simulator.faults import Faults
from bot.simulator.pace import Pace
from bot.simulator.record import Record
from bot.simulator.telegram.updates import QueuedUpdate, UpdateQueue

LONGEST_RETRY_AFTER = 3600.0
GONE_SECONDS = 23 * 3600.0
RESEND_SECONDS = 60
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    url: str
    secret_token: str = ""
    max_connections: int = 40


class WebhookDelivery:
    """Delivers the queue to the product's URL, one update in flight per lane."""

    def __init__(
        self,
        *,
        updates: UpdateQueue,
        pace: Pace,
        record: Record,
        faults: Faults,
        client: httpx.AsyncClient,
        background: Background,
        answer_seconds: float,
    ) -> None:
        self._updates = updates
        self._pace = pace
        self._record = record
        self._faults = faults
        self._client = client
        self._answer_seconds = answer_seconds
        self._random = random.Random(1)  # noqa: S311 - jitter, not a secret
        self._lanes = Lanes(background)
        self._connections = asyncio.Semaphore(40)
        self._trial = asyncio.Lock()
        self._failing = False
        self._gone_since: float | None = None
        self.settings: WebhookSettings | None = None
        self.last_error_date = 0
        self.last_error_message = ""
        self.on_reply: Callable[[dict[str, Any]], Awaitable[None]] | None = None
        updates.on_arrival = self._wake

    def set(self, settings: WebhookSettings | None) -> None:
        """Start delivering to another address, or stop with None."""
        self._lanes.cancel()
        self.settings = settings
        self._failing, self._gone_since = False, None
        self.last_error_date, self.last_error_message = 0, ""
        if settings is not None:
            self._connections = asyncio.Semaphore(settings.max_connections)
            for lane in self._updates.lanes:
                self._wake(lane)

    def _wake(self, lane: str) -> None:
        if self.settings is not None:
            self._lanes.run(lane, partial(self._run_lane, lane, self.settings))

    async def _run_lane(self, lane: str, settings: WebhookSettings) -> None:
        while (update := self._updates.head(lane)) is not None:
            await self._deliver(update, settings)

    async def _deliver(self, update: QueuedUpdate, settings: WebhookSettings) -> None:
        """Try until the update is accepted or too old."""
        fails, delay = 0, 1.0
        fault = self._faults.strike("webhook", update.lane.partition(":")[2])
        trouble = fault.kind if fault else None
        while update.expires_at > self._pace.now():
            async with self._connection():
                attempt = await self._post(update, settings, number=fails + 1, trouble=None if fails else trouble)
            self._judge(attempt)
            if attempt.succeeded:
                if trouble == "duplicate":
                    await self._post(update, settings, number=fails + 2)
                await self._accepted(update, attempt)
                return
            if self._removed_as_gone(attempt):
                return
            wait = min(attempt.retry_after, LONGEST_RETRY_AFTER)
            if wait == 0 and fails > 0:
                delay = min(self._random.uniform(RESEND_SECONDS, 2 * RESEND_SECONDS), delay * 2)
                wait = delay
            fails += 1
            await self._pace.sleep(wait)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[None]:
        async with self._connections:
            if self._failing:
                async with self._trial:
                    yield
            else:
                yield

    async def _accepted(self, update: QueuedUpdate, attempt: Knock) -> None:
        self._updates.acknowledge(update)
        with contextlib.suppress(ValueError):
            reply = json.loads(attempt.body)
            if self.on_reply is not None and isinstance(reply, dict) and "method" in reply:
                await self.on_reply(reply)

    async def _post(
        self, update: QueuedUpdate, settings: WebhookSettings, *, number: int, trouble: str | None = None
    ) -> Knock:
        headers = {"Content-Type": b"application/json"}
        secret = settings.secret_token + ("-not" if trouble == "wrong_signature" else "")
        if secret and trouble != "no_signature":
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret.encode()
        body = json.dumps(update.body, separators=(",", ":")).encode()
        attempt = await knock(self._client, settings.url, body=body, headers=headers, seconds=self._answer_seconds)
        self._record.add(
            platform="telegram",
            kind="webhook",
            name=update.kind,
            update_id=update.update_id,
            lane=update.lane,
            attempt=number,
            status=attempt.status,
            error=_trouble(attempt),
            body=update.body,
        )
        return attempt

    def _judge(self, attempt: Knock) -> None:
        self._failing = not attempt.succeeded
        if not attempt.succeeded:
            self.last_error_date = int(self._pace.now().timestamp())
            self.last_error_message = _trouble(attempt)

    def _removed_as_gone(self, attempt: Knock) -> bool:
        if attempt.status != GONE:
            self._gone_since = None
            return False
        if self._gone_since is None:
            self._gone_since = self._pace.elapsed()
        if self._pace.elapsed() - self._gone_since < GONE_SECONDS:
            return False
        self._record.add(platform="telegram", kind="notice", name="webhook_removed")
        self.set(None)
        return True


def _trouble(attempt: Knock) -> str:
    """In the words of `getWebhookInfo`; empty after a success."""
    if attempt.late:
        return "Read timeout expired"
    if attempt.status is None:
        return f"Connection failed: {attempt.error}"
    return "" if attempt.succeeded else f"Wrong response from the webhook: {attempt.status} {attempt.reason}"
