"""Polling: kept before acknowledged, and never ended by one bad update or a passing trouble."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

import pytest

from bot.channel import Item
from bot.channels.telegram.arrival import Arrival
from bot.channels.telegram.client import open_api
from bot.channels.telegram.items import ALLOWED_UPDATES, item_of_update
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.tests.canned import canned
from bot.channels.telegram.tests.contract import TOKEN, SimulatedTelegram, simulated_telegram
from bot.simulator.telegram.errors import named_error
from bot.simulator.telegram.webhook import WebhookSettings
from core.errors import AccountStopped


@pytest.fixture
async def fake() -> AsyncIterator[SimulatedTelegram]:
    async with simulated_telegram() as fake:
        yield fake
        fake.telegram.polling.end_running(named_error("other_poller"))  # else the server waits for its long poll


class Kept:
    """Stands for the durable inbox; `fails` times it cannot store."""

    def __init__(self, *, fails: int = 0) -> None:
        self.items: list[Item] = []
        self.fails = fails
        self._grown = asyncio.Condition()

    async def __call__(self, items: Sequence[Item]) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("disk full")
        async with self._grown:
            self.items += items
            self._grown.notify_all()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(20), self._grown:
            await self._grown.wait_for(lambda: len(self.items) >= count)


class Waits:
    """Notes how long the poller would have slept, and lets others run."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.third = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if len(self.seconds) == 3:
            self.third.set()
        await asyncio.sleep(0)


def texts(kept: Kept) -> list[str]:
    return [item.body["message"]["text"] for item in kept.items]


class Running:
    """A poller in the background of a test."""

    def __init__(self, base_url: str, keep: Kept) -> None:
        self.waits = Waits()
        self.keep = keep
        self.base_url = base_url

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        async with open_api(token=TOKEN, api_url=self.base_url) as api:
            await Poller(
                api=api,
                account="main",
                split=lambda update: item_of_update(update, arrival=Arrival()),
                sleep=self.waits,
                jitter=lambda _low, high: high,
            ).run(self.keep)


async def test_updates_are_kept_in_order_and_then_acknowledged(fake: SimulatedTelegram) -> None:
    kept = Kept()
    async with Running(fake.base_url, kept):
        await kept.wait_for(1)
        fake.anna.write("second")
        fake.anna.write("third")
        await kept.wait_for(3)
        assert texts(kept) == ["Hello", "second", "third"]
        fake.anna.write("fourth")
        await kept.wait_for(4)
        assert fake.telegram.record.counters["telegram.acknowledged"] >= 3


async def test_what_could_not_be_kept_comes_again(fake: SimulatedTelegram) -> None:
    kept = Kept(fails=2)
    async with Running(fake.base_url, kept) as running:
        await kept.wait_for(1)
        assert texts(kept) == ["Hello"]
        assert running.waits.seconds == [1.0, 2.0]


async def test_an_update_that_aiogram_refuses_stops_nothing(fake: SimulatedTelegram) -> None:
    poison: dict[str, Any] = {
        "chat": fake.anna.as_chat(),
        "message_id": 1,
        "date": 1790000000,
        "old_reaction": [],
        "new_reaction": [{"type": "future_kind", "x": 1}],
    }
    kept = Kept()
    async with Running(fake.base_url, kept):
        await kept.wait_for(1)
        fake.telegram.inject({"update_id": 1, "message_reaction": poison})
        fake.anna.write("after the poison")
        await kept.wait_for(3)
    assert [next(iter(item.body.keys() - {"update_id", "replydesk"})) for item in kept.items] == [
        "message",
        "message_reaction",
        "message",
    ]


async def test_every_poll_names_the_kinds_it_wants(fake: SimulatedTelegram) -> None:
    kept = Kept()
    async with Running(fake.base_url, kept):
        await kept.wait_for(1)
        assert fake.telegram.updates.allowed == sorted(ALLOWED_UPDATES)


async def test_a_webhook_left_behind_is_removed_and_nothing_is_dropped(fake: SimulatedTelegram) -> None:
    fake.telegram.webhook.settings = WebhookSettings(url="http://127.0.0.1:9/elsewhere")
    kept = Kept()
    async with Running(fake.base_url, kept):
        await kept.wait_for(1)
    assert texts(kept) == ["Hello"]
    assert fake.telegram.webhook.settings is None


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "other_poller"},
        {"kind": "html_502"},
        {"kind": "server_error"},
        {"kind": "lost_request"},
        {"kind": "lost_answer"},
        {"kind": "error", "status": 403, "description": "Forbidden"},
    ],
)
async def test_passing_trouble_is_waited_out_longer_each_time(fake: SimulatedTelegram, fault: dict[str, Any]) -> None:
    fake.telegram.faults.add(method="getUpdates", times=3, **fault)
    kept = Kept()
    async with Running(fake.base_url, kept) as running:
        await kept.wait_for(1)
        assert running.waits.seconds == [1.0, 2.0, 4.0]


async def test_a_flood_limit_is_waited_out_as_long_as_asked(fake: SimulatedTelegram) -> None:
    fake.telegram.faults.add(kind="too_many_requests", method="getUpdates", retry_after=7)
    kept = Kept()
    async with Running(fake.base_url, kept) as running:
        await kept.wait_for(1)
        assert running.waits.seconds == [8.0]


@pytest.mark.parametrize("fault", ["unauthorized", "not_found"])
async def test_a_dead_token_ends_the_polling_with_a_sentence(fake: SimulatedTelegram, fault: str) -> None:
    fake.telegram.faults.add(kind=fault, method="getUpdates", times=None)
    async with open_api(token=TOKEN, api_url=fake.base_url) as api:
        poller = Poller(api=api, account="main", split=lambda update: item_of_update(update, arrival=Arrival()))
        with pytest.raises(AccountStopped, match="BotFather") as stopped:
            await poller.run(Kept())
    assert TOKEN not in str(stopped.value)


@pytest.mark.parametrize("result", [b"null", b'{"a": 1}', b'[{"message": {}}]', b'["text"]'])
async def test_an_answer_that_cannot_be_acknowledged_is_not_asked_for_in_haste(result: bytes) -> None:
    kept = Kept()
    async with canned(200, b'{"ok": true, "result": ' + result + b"}") as server, Running(server.base_url, kept) as it:
        await asyncio.wait_for(it.waits.third.wait(), 20)
        assert len(server.methods) <= len(it.waits.seconds) + 1
