"""SIGKILL for `replydesk serve` at random moments under messages from both fakes; then the promises, against their records.

The command is the real one with its real understanding (by words); Telegram is polled, Messenger knocks; the fakes
repeat what was not taken and lose answers to send calls.
"""

import asyncio
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.models import Delivery, InboxItem, InboxState
from bot.simulator.app import Simulator, create_simulator
from bot.simulator.faults import Fault
from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.server import serve_simulator
from bot.simulator.telegram.customer import TelegramCustomer
from core.database import Database
from core.messages import Author, EventKind, MessageState, Purpose
from core.models import Account, Conversation, Event, Message
from tests.integration.processes import KNOWN, answer_to, forking_server, prepare, until
from tests.running_house import free_port

KILLS = 32
CUSTOMERS = 14
PATIENCE_SECONDS = 8.0
SEED = 20261122
ENTRY_OF = {question: entry for entry, question in KNOWN.items()}
UNFINISHED = (MessageState.PENDING, MessageState.SENDING)
TELEGRAM_TROUBLE = (
    Fault(kind="lost_answer", method="sendMessage", times=None, probability=0.04),
    Fault(kind="too_many_requests", method="sendMessage", times=None, probability=0.03, retry_after=1),
    Fault(kind="html_502", method="sendMessage", times=None, probability=0.03),
)
MESSENGER_TROUBLE = (
    Fault(kind="duplicate", method="webhook", times=None, probability=0.2),
    Fault(kind="lost_answer", method="messages", times=None, probability=0.05),
    Fault(kind="lost_request", method="messages", times=None, probability=0.03),
    Fault(kind="rate", method="messages", times=None, probability=0.02),
)

Customer = TelegramCustomer | MessengerCustomer


@dataclass(slots=True)
class Stream:
    """Who asked what, in order. Nobody asks the same twice; what is not in `KNOWN` has no answer."""

    simulator: Simulator
    chance: random.Random
    asked: dict[Customer, list[str]] = field(default_factory=lambda: defaultdict(list))
    going: bool = True

    async def run(self) -> None:
        """Always so many customers, until it is enough."""
        async with asyncio.TaskGroup() as group:
            for _ in range(CUSTOMERS):
                group.create_task(self._visits())

    async def _visits(self) -> None:
        while self.going:
            customer = self._newcomer()
            for entry in self.chance.sample(sorted(KNOWN), 5):
                known = self.chance.random() > 1 / 20
                text = KNOWN[entry] if known else f"zxqv brrr {len(self.asked)}"
                self.asked[customer].append(text)
                if not await self._ask(customer, text):
                    break

    async def _ask(self, customer: Customer, text: str) -> bool:
        """Whether the bot answered, so that he asks on; he has a little patience and then goes."""
        seen = len(customer.screen.texts())
        customer.write(text)
        with suppress(TimeoutError):
            await until(lambda: len(customer.screen.texts()) > seen or not self.going, seconds=PATIENCE_SECONDS)
        await asyncio.sleep(self.chance.uniform(0.01, 0.3))
        return self.going and len(customer.screen.texts()) > seen and text in KNOWN.values()

    def _newcomer(self) -> Customer:
        name = f"Customer {len(self.asked) + 1}"
        if self.chance.random() < 0.5:
            return self.simulator.telegram.customer(name)
        return self.simulator.messenger.customer(name)


@pytest.mark.timeout(600)
async def test_killed_again_and_again_it_loses_nothing_and_answers_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)
    database = Database(f"sqlite:///{tmp_path / 'replydesk.sqlite3'}")
    await prepare(database)
    port = free_port()
    application = create_simulator(
        product_url=f"http://127.0.0.1:{port}",
        faults=TELEGRAM_TROUBLE,
        messenger_faults=MESSENGER_TROUBLE,
        seed=SEED,
        speed=10.0,
    )
    try:
        async with (
            serve_simulator(application) as simulator,
            forking_server(tmp_path, port=port, simulator=simulator) as product,
        ):
            stream = Stream(simulator, chance)
            await product.start()
            await until(lambda: simulator.messenger.webhook.subscription.verified)
            asking = asyncio.create_task(stream.run())
            for _ in range(KILLS):
                if chance.random() < 0.8:  # the others die while they start
                    await product.up()
                await asyncio.sleep(chance.uniform(0.05, 1.5))
                await product.kill()
                await product.start()
            stream.going = False
            await asking
            await until(lambda: _is_quiet(simulator, database, stream), seconds=180)
            await product.stop()
            summary = await _check_promises(simulator, database, stream)
    finally:
        await database.close()
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills, {summary}\n")


async def _is_quiet(simulator: Simulator, database: Database, stream: Stream) -> bool:
    """Everything the customers sent has been taken, thought about and sent or given up."""
    if len(simulator.telegram.updates):
        return False
    async with database.read() as session:
        pending = await session.scalar(select(InboxItem.id).where(InboxItem.state == InboxState.PENDING).limit(1))
        waiting = await session.scalar(select(Message.id).where(Message.state == MessageState.RECEIVED).limit(1))
        unsent = await session.scalar(
            select(Message.id)
            .where(
                Message.state.in_(UNFINISHED)
                | ((Message.state == MessageState.IN_DOUBT) & Message.next_attempt_at.is_not(None))
            )
            .limit(1)
        )
        texts = set(await session.scalars(select(Message.text).where(Message.author == Author.CUSTOMER)))
    everything = {text for asked in stream.asked.values() for text in asked}
    return pending is None and waiting is None and unsent is None and everything <= texts


@dataclass(slots=True)
class Ledger:
    """What the database says of one conversation."""

    conversation: Conversation
    channel: str
    messages: list[Message]
    handoffs: list[Event]
    deliveries: dict[int, list[Delivery]]

    def questions(self) -> list[Message]:
        return [message for message in self.messages if message.author == Author.CUSTOMER]

    def answers_to(self, question: str) -> list[Message]:
        entry = ENTRY_OF.get(question)
        return [message for message in self.messages if any(one["entry"] == entry for one in message.sources)]

    def doubts(self, message: Message) -> int:
        return sum(delivery.doubts for delivery in self.deliveries.get(message.id, []))


async def _check_promises(simulator: Simulator, database: Database, stream: Stream) -> str:
    ledgers = await _ledgers(database)
    tally: Counter[str] = Counter()
    for customer, asked in stream.asked.items():
        ledger = ledgers[customer.channel, customer.id]
        seen = customer.screen.texts()
        kept = [message.text for message in ledger.questions()]
        assert sorted(kept) == sorted(asked), f"{customer.name}: every message is there, and once"
        for question in asked:
            tally["messages"] += 1
            _check_question(ledger, question, seen, tally)
        _check_order(ledger, asked, seen)
        assert max(Counter(text for text in seen if not text.startswith("answer ")).values(), default=0) <= 2
    async with database.read() as session:
        dead = (await session.scalars(select(InboxItem).where(InboxItem.state != InboxState.DONE))).all()
    assert not dead, "no item is left behind"
    assert tally["answers"] > tally["messages"] / 2, f"it was hardly up: {tally}"
    return ", ".join(f"{count} {name}" for name, count in sorted(tally.items()))


def _answer(question: str) -> str:
    return answer_to(ENTRY_OF.get(question, ""))


def _check_question(ledger: Ledger, question: str, seen: Sequence[str], tally: Counter[str]) -> None:
    answers = ledger.answers_to(question)
    shown = seen.count(_answer(question))
    assert len(answers) <= 1, f"{question} was decided once"
    if not answers or answers[0].purpose == Purpose.DRAFT:
        assert shown == 0
        assert ledger.handoffs, f"{question} had no answer, so a person must have it"
        tally["cases"] += 1
        return
    answer, doubts = answers[0], ledger.doubts(answers[0])
    tally["in doubt"] += bool(doubts)
    if answer.state in (MessageState.SENT, MessageState.DELIVERED, MessageState.READ):
        tally["answers"] += 1
        if doubts == 0 or ledger.channel == "telegram":
            assert shown == 1, f"{question}: {answer.state}, shown {shown} times"
        else:  # the written policy: one repeat after the echo stayed away
            assert shown in (1, 2), f"{question} was shown {shown} times"
            tally["repeated by policy"] += shown == 2
    else:
        assert answer.state in (MessageState.IN_DOUBT, MessageState.FAILED), f"{question} ended as {answer.state}"
        assert doubts, f"{question} ended as {answer.state} without a doubt: {answer.error}"
        assert shown <= (1 if ledger.channel == "telegram" else 2)
        assert ledger.handoffs, f"{question} is in doubt, so a person must have it"
        tally["handed over in doubt"] += 1


def _check_order(ledger: Ledger, asked: Sequence[str], seen: Sequence[str]) -> None:
    """Answers appear in the order of the outbox, and on Telegram, which keeps order, in that of the questions."""
    shown = list(dict.fromkeys(text for text in seen if text.startswith("answer ")))
    written = [message.text for message in ledger.messages if message.text in shown]
    assert shown == written, f"{shown} were written as {written}"
    if ledger.channel == "telegram":
        wanted = [_answer(question) for question in asked]
        assert shown == [answer for answer in wanted if answer in shown]


async def _ledgers(database: Database) -> dict[tuple[str, str], Ledger]:
    async with database.read() as session:
        rows = (await session.execute(select(Conversation, Account.channel).join(Account))).all()
        messages: dict[int, list[Message]] = defaultdict(list)
        for message in await session.scalars(select(Message).order_by(Message.id)):
            messages[message.conversation_id].append(message)
        handoffs: dict[int, list[Event]] = defaultdict(list)
        for event in await session.scalars(select(Event).where(Event.kind == EventKind.HANDOFF)):
            handoffs[event.conversation_id].append(event)
        deliveries: dict[int, list[Delivery]] = defaultdict(list)
        for delivery in await session.scalars(select(Delivery)):
            deliveries[delivery.message_id].append(delivery)
    return {
        (channel, conversation.thread): Ledger(
            conversation, channel, messages[conversation.id], handoffs[conversation.id], deliveries
        )
        for conversation, channel in rows
    }
