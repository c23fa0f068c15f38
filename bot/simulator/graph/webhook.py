"""Delivery of page events: signed raw bodies, redelivery, the failure hour (CHANNELS.md 2.1)."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.simulator.background import Background
from bot.simulator.delivery import Knock, Lanes, knock
from bot.simulator.faults import Faults
from bot.simulator.graph.events import ALL_FIELDS, Event, envelope
from bot.simulator.graph.signing import raw_body, signature_headers
from bot.simulator.pace import Pace
from bot.simulator.record import Record

FAILURE_HOUR_SECONDS = 3600.0
ALERT_SECONDS = 900.0
AT_ONCE = 3
LONGEST_PAUSE_SECONDS = 300.0
FIRST_PAUSE_SECONDS = 15.0


class VerificationFailedError(Exception):
    """The product did not answer the GET handshake with the challenge."""


@dataclass(slots=True, kw_only=True)
class Subscription:
    """The app's callback address and the page's subscribed fields; both are needed for anything to arrive."""

    url: str = ""
    verified: bool = False
    fields: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """An event before its first attempt; `done` after it, `on_accepted` once the product has it."""

    event: Event
    done: asyncio.Future[None]
    on_accepted: Callable[[], None]


def _nothing() -> None:
    """Nobody wants to know."""


class PageWebhook:
    """Sends events to the product.

    Events of one person go one after the other; an event that failed is repeated beside them, so that order is not
    kept after a failure. `answer_seconds`: how long an answer may take (5 s on the platform).
    """

    def __init__(
        self,
        *,
        page_id: str,
        app_secret: str,
        pace: Pace,
        record: Record,
        faults: Faults,
        client: httpx.AsyncClient,
        background: Background,
        answer_seconds: float,
    ) -> None:
        self._page_id = page_id
        self._app_secret = app_secret
        self._pace = pace
        self._record = record
        self._faults = faults
        self._client = client
        self._background = background
        self._answer_seconds = answer_seconds
        self._failing_since: float | None = None
        self._alerted = False
        self._held: list[Event] | None = None
        self._lanes = Lanes(background)
        self._waiting: defaultdict[str, deque[_Waiting]] = defaultdict(deque)
        self.subscription = Subscription()

    async def verify(self, url: str, verify_token: str) -> None:
        """The GET handshake of the dashboard. Raises VerificationFailedError."""
        challenge = "1158201444"
        query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token})
        try:
            answer = await self._client.get(f"{url}?{query}", timeout=self._answer_seconds)
        except httpx.HTTPError as error:
            raise VerificationFailedError(f"The callback did not answer: {type(error).__name__}.") from error
        right = answer.status_code == httpx.codes.OK and answer.text == challenge
        self._record.add(platform="messenger", kind="webhook", name="verify", status=answer.status_code, accepted=right)
        if not right:
            raise VerificationFailedError(f"The callback answered {answer.status_code}, not the challenge.")
        self.subscription.url, self.subscription.verified = url, True

    def subscribe_page(self, fields: set[str] | None = None) -> None:
        self.subscription.fields = set(ALL_FIELDS) if fields is None else fields
        self._failing_since = None

    def unsubscribe_page(self) -> None:
        self.subscription.fields = set()

    def hold(self) -> None:
        """Keep events back until `release`, to send them as a batch, twice, or in another order."""
        if self._held is None:
            self._held = []

    def release(self, *, shape: str = "entries", order: str = "kept", copies: int = 1) -> None:
        """Send what was held in one body (`entries` or `items`), or each on its own with shape `single`."""
        events, self._held = self._held or [], None
        if order == "reversed":
            events.reverse()
        for _ in range(copies):
            if shape == "single":
                for event in events:
                    self.send(event)
            elif events:
                body = raw_body(envelope(self._page_id, events, self._milliseconds(), shape=shape))
                self._background.start(self._deliver(body, names=[event.kind for event in events]))

    def send(self, event: Event, *, on_accepted: Callable[[], None] = _nothing) -> asyncio.Future[None] | None:
        """Send one event; the future is done after its first attempt. None when nobody subscribed to it."""
        if not self.subscription.verified or event.field not in self.subscription.fields:
            return None
        if self._held is not None:
            self._held.append(event)
            return None
        waiting = _Waiting(event=event, done=asyncio.get_running_loop().create_future(), on_accepted=on_accepted)
        self._waiting[event.customer].append(waiting)
        self._lanes.run(event.customer, partial(self._run_lane, event.customer))
        return waiting.done

    def send_raw(self, body: bytes) -> None:
        """Sign and deliver any body."""
        self._background.start(self._deliver(body, names=["raw"]))

    async def _run_lane(self, customer: str) -> None:
        lane = self._waiting[customer]
        try:
            while lane:
                body = raw_body(envelope(self._page_id, [lane[0].event], self._milliseconds()))
                await self._deliver(body, names=[lane[0].event.kind], on_accepted=lane[0].on_accepted)
                waiting = lane.popleft()
                if not waiting.done.done():
                    waiting.done.set_result(None)
        finally:
            for waiting in lane:
                waiting.done.cancel()
            lane.clear()

    async def _deliver(self, body: bytes, *, names: list[str], on_accepted: Callable[[], None] = _nothing) -> None:
        """The first attempt; a failed body is repeated in the background."""
        fault = self._faults.strike("webhook")
        trouble = fault.kind if fault else None
        if not await self._attempt(body, names, number=1, trouble=trouble):
            self._background.start(self._repeat(body, names, on_accepted))
            return
        on_accepted()
        if trouble == "duplicate":
            await self._attempt(body, names, number=2)

    async def _repeat(self, body: bytes, names: list[str], on_accepted: Callable[[], None]) -> None:
        pause = FIRST_PAUSE_SECONDS
        number = 2
        while self.subscription.fields:
            if number > AT_ONCE:
                await self._pace.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            if self.subscription.fields and await self._attempt(body, names, number=number):
                on_accepted()
                return
            number += 1

    async def _attempt(self, body: bytes, names: list[str], *, number: int, trouble: str | None = None) -> bool:
        headers = {
            "Content-Type": b"application/json",
            "User-Agent": b"facebookexternalua",
            "Facebook-API-Version": b"v25.0",
            **signature_headers(self._app_secret, body, trouble=trouble),
        }
        attempt = await knock(
            self._client, self.subscription.url, body=body, headers=headers, seconds=self._answer_seconds
        )
        accepted = attempt.status == httpx.codes.OK
        self._record.add(
            platform="messenger",
            kind="webhook",
            name="+".join(names),
            attempt=number,
            status=attempt.status,
            error=self._trouble(attempt),
            fault=trouble,
            body=body.decode(),
        )
        self._judge(accepted=accepted)
        return accepted

    def _trouble(self, attempt: Knock) -> str:
        if attempt.late:
            return f"No answer within {self._answer_seconds} s"
        if attempt.status is None:
            return attempt.error
        return "" if attempt.status == httpx.codes.OK else attempt.body[:200].decode(errors="replace")

    def _judge(self, *, accepted: bool) -> None:
        """An alert after 15 minutes of failures; after an hour the page is unsubscribed."""
        if accepted:
            self._failing_since, self._alerted = None, False
            return
        now = self._pace.elapsed()
        if self._failing_since is None:
            self._failing_since = now
        failing = now - self._failing_since
        if failing >= ALERT_SECONDS and not self._alerted:
            self._alerted = True
            self._record.add(platform="messenger", kind="notice", name="alert")
        if failing >= FAILURE_HOUR_SECONDS and self.subscription.fields:
            self.unsubscribe_page()
            self._record.add(platform="messenger", kind="notice", name="unsubscribed")

    def _milliseconds(self) -> int:
        return int(self._pace.now().timestamp() * 1000)

    def as_json(self) -> dict[str, Any]:
        subscription = self.subscription
        return {
            "url": subscription.url,
            "verified": subscription.verified,
            "fields": sorted(subscription.fields),
            "failing": self._failing_since is not None,
        }
