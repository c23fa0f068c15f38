"""A Page on the simulator, and our channel open on it with a clock that a test can turn."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.channel import Opening, Outbound
from bot.channels.messenger.adapter import MessengerChannel
from bot.channels.messenger.graph import Graph
from bot.channels.messenger.media import Download
from bot.channels.messenger.tests.contract import PAGE, SECRET, TOKEN, VERIFY, credentials
from bot.simulator.app import Simulator
from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.server import running_simulator
from core.messages import Author, Purpose


class Turnable:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(kw_only=True)
class Desk:
    """One Page: the fake behind it, its customer, and our channel. `pauses` are the waits before sends, in seconds."""

    simulator: Simulator
    clock: Turnable
    customer: MessengerCustomer
    http: httpx.AsyncClient
    channel: MessengerChannel
    pauses: list[float] = field(default_factory=list)

    def calls(self, name: str = "messages") -> list[dict[str, Any]]:
        """What the platform was asked, oldest first."""
        return self.simulator.record.entries(platform="messenger", kind="call", name=name)

    def outbound(self, text: str = "We open at nine.", *, author: Author = Author.BOT, **more: Any) -> Outbound:
        last = self.customer.last_action_at
        purpose = Purpose.REPLY if author is Author.AGENT else Purpose.ANSWER
        given = {"key": "delivery-1", "thread": self.customer.id, "last_customer_at": last, **more}
        return Outbound(author=author, purpose=purpose, text=text, **given)

    def turn(self, **by: float) -> None:
        self.clock.now += timedelta(**by)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    clock, pauses = Turnable(), []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with (
        running_simulator(
            clock=clock,
            page_id=PAGE,
            page_token=TOKEN,
            app_secret=SECRET,
            verify_token=VERIFY,
            receipts="none",
            echo_mode="never",
        ) as simulator,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        opening = Opening(
            account="main",
            credentials=(given := credentials(f"{simulator.base_url}/graph")),
            http=http,
            clock=clock,
            webhook_url="https://desk.example/webhooks/messenger/main",
            derived_secret="",
        )
        channel = MessengerChannel(
            opening=opening,
            credentials=given,
            graph=Graph(credentials=given, http=http, sleep=pause),
            download=Download(http=http, trusted="127.0.0.1"),
        )
        customer = simulator.messenger.customer("Anna")
        customer.write("Hello")
        yield Desk(simulator=simulator, clock=clock, customer=customer, http=http, channel=channel, pauses=pauses)
