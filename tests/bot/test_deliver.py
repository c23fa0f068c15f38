"""The deliverer against a channel of its own that does what the test says, on a real database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, cast

import pytest
from pydantic import BaseModel
from sqlalchemy import select, text

from bot.accounts import OpenAccount
from bot.channel import Acceptance, Channel, ChannelKind, DoubtPolicy, Limits, Outbound, Received, WebhookRequest
from bot.deliver import Deliverer
from bot.wakeups import Wakeups
from core.clock import utc_now
from core.database import Database
from core.errors import AccountStopped, TryLater
from core.logs import Scrubber
from core.messages import Author, MessageState, Purpose
from core.models import Account, Contact, Conversation, Message


class Platform:
    """A channel whose calls end as `answer` says: a number of the acceptance, or an error to raise."""

    def __init__(self, answer: Callable[[Outbound], object]) -> None:
        self.answer = answer
        self.calls: list[str] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def receive(self, request: WebhookRequest) -> Received:
        return Received()

    async def send(self, outbound: Outbound) -> Acceptance:
        self.calls.append(outbound.text)
        await self.hold.wait()
        found = self.answer(outbound)
        if isinstance(found, Exception):
            raise found
        return Acceptance(external_id=outbound.key, at=utc_now())


@asynccontextmanager
async def delivering(database: Database, platform: Platform) -> AsyncIterator[asyncio.Task[None]]:
    def never_opened(opening: object) -> Any:
        raise AssertionError("The test hands the channel in itself.")

    kind = ChannelKind(
        name="test",
        title="Test",
        credentials=BaseModel,
        environment_prefix="TEST_",
        limits=Limits(text_length=100, account_per_second=1000.0, recipient_per_second=1000.0),
        doubt=DoubtPolicy.HAND_OVER,
        parse=lambda _body: (),
        open=never_opened,
    )
    account = OpenAccount(id=1, name="main", kind=kind, channel=cast("Channel", platform))
    deliverer = Deliverer(
        database=database, clock=utc_now, account=account, wakeups=Wakeups(database), scrubber=Scrubber()
    )
    task = asyncio.create_task(deliverer.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, AccountStopped):
            await task


@pytest.fixture
async def outbox(database: Database) -> Database:
    """Three messages of ours to three customers."""
    now = utc_now()
    async with database.write() as session:
        session.add(Account(id=1, channel="test", name="main", created_at=now))
        await session.flush()
        for number in (1, 2, 3):
            session.add(Contact(id=number, account_id=1, external_id=str(number), created_at=now))
            await session.flush()
            session.add(
                Conversation(
                    id=number,
                    account_id=1,
                    contact_id=number,
                    thread=str(number),
                    created_at=now,
                    last_message_at=now,
                )
            )
            await session.flush()
            session.add(
                Message(
                    id=number,
                    conversation_id=number,
                    account_id=1,
                    author=Author.BOT,
                    purpose=Purpose.ANSWER,
                    text=f"to {number}",
                    at=now,
                    created_at=now,
                    state=MessageState.PENDING,
                    deadline=now + timedelta(minutes=30),
                )
            )
    return database


async def states(database: Database) -> list[MessageState]:
    async with database.read() as session:
        return list(await session.scalars(select(Message.state).order_by(Message.id)))


async def until_states(database: Database, *wanted: MessageState) -> None:
    async with asyncio.timeout(20):
        while await states(database) != list(wanted):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)


SENT, FAILED, IN_DOUBT, PENDING = MessageState.SENT, MessageState.FAILED, MessageState.IN_DOUBT, MessageState.PENDING


async def test_a_surprise_in_an_adapter_is_a_doubt_and_the_others_go_out(outbox: Database) -> None:
    platform = Platform(lambda outbound: ZeroDivisionError() if outbound.text == "to 2" else None)
    async with delivering(outbox, platform):
        await until_states(outbox, SENT, IN_DOUBT, SENT)
    assert sorted(platform.calls) == ["to 1", "to 2", "to 3"]


async def test_a_message_that_cannot_be_laid_out_is_shelved_and_the_others_go_out(outbox: Database) -> None:
    async with outbox.write() as session:
        (await session.get_one(Message, 2)).attachments = [{"kind": "nonsense"}]
    platform = Platform(lambda _outbound: None)
    async with delivering(outbox, platform):
        await until_states(outbox, SENT, FAILED, SENT)
    assert sorted(platform.calls) == ["to 1", "to 3"]


async def test_a_stopped_account_keeps_its_queue(outbox: Database) -> None:
    platform = Platform(lambda _outbound: AccountStopped("The token is dead."))
    async with delivering(outbox, platform) as task:
        with pytest.raises(AccountStopped):
            await task
    assert await states(outbox) == [PENDING, PENDING, PENDING]


async def test_the_outcome_of_a_call_is_written_though_the_database_is_away_for_a_while(outbox: Database) -> None:
    platform = Platform(lambda _outbound: None)
    platform.hold.clear()
    async with delivering(outbox, platform):
        await until_states(outbox, *[MessageState.SENDING] * 3)
        async with outbox.write() as session:
            await session.execute(text("ALTER TABLE messages RENAME TO messages_away"))
        platform.hold.set()
        await asyncio.sleep(0.3)
        async with outbox.write() as session:
            await session.execute(text("ALTER TABLE messages_away RENAME TO messages"))
        await until_states(outbox, SENT, SENT, SENT)
    assert sorted(platform.calls) == ["to 1", "to 2", "to 3"]


async def test_a_cancelled_deliverer_lets_a_call_under_way_end(outbox: Database) -> None:
    platform = Platform(lambda _outbound: None)
    platform.hold.clear()
    async with delivering(outbox, platform) as task:
        await until_states(outbox, *[MessageState.SENDING] * 3)
        task.cancel()
        await asyncio.sleep(0)
        platform.hold.set()
        await asyncio.wait([task])
    assert await states(outbox) == [SENT, SENT, SENT]


async def test_asked_to_wait_by_the_platform_it_holds_the_account_and_not_the_deliverer(outbox: Database) -> None:
    platform = Platform(lambda _outbound: TryLater("Slow down.", after_seconds=3600, scope="account"))
    async with delivering(outbox, platform) as task:
        async with asyncio.timeout(20):
            while not platform.calls:  # noqa: ASYNC110 - a plain list
                await asyncio.sleep(0.02)
        await until_states(outbox, PENDING, PENDING, PENDING)
        assert not task.done()
