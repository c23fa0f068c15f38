"""How often answers turned out wrong, from what customers and agents said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.database import Database
from core.messages import Author, EventKind, MessageState, Purpose
from core.models import Account, Contact, Conversation, Event, Message
from nlu.intervals import wilson
from nlu.models import Miss, UnansweredQuestion
from nlu.observing import Observed, observe

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def _answers(database: Database, count: int) -> tuple[int, list[int]]:
    """A conversation with so many answers of the bot."""
    async with database.write() as session:
        account = Account(channel="telegram", name="main", created_at=NOW)
        session.add(account)
        await session.flush()
        contact = Contact(account_id=account.id, external_id="1", name="A", created_at=NOW)
        session.add(contact)
        await session.flush()
        conversation = Conversation(
            account_id=account.id, contact_id=contact.id, thread="1", created_at=NOW, last_message_at=NOW
        )
        session.add(conversation)
        await session.flush()
        rows = [_message(conversation, Purpose.ANSWER) for _ in range(count)]
        session.add_all([*rows, _message(conversation, Purpose.NOTICE)])
        await session.flush()
        return conversation.id, [row.id for row in rows]


def _message(conversation: Conversation, purpose: Purpose) -> Message:
    return Message(
        conversation_id=conversation.id,
        account_id=conversation.account_id,
        author=Author.BOT,
        purpose=purpose,
        text="A.",
        at=NOW,
        created_at=NOW,
        state=MessageState.SENT,
    )


def _feedback(conversation: int, message: int, *, helpful: bool) -> Event:
    details: dict[str, Any] = {"helpful": helpful, "message": message, "entries": []}
    return Event(conversation_id=conversation, kind=EventKind.FEEDBACK, at=NOW, details=details)


async def test_nobody_said_anything_yet(database: Database) -> None:
    await _answers(database, 3)
    async with database.read() as session:
        observed = await observe(session)
    assert observed == Observed(answers=3, judged=0, wrong=0)
    assert observed.rate is None


async def test_an_agents_mark_outweighs_the_customer_and_the_last_feedback_counts(database: Database) -> None:
    conversation, (first, second, third, _) = await _answers(database, 4)
    async with database.write() as session:
        session.add(_feedback(conversation, first, helpful=False))
        await session.flush()
        session.add(_feedback(conversation, first, helpful=True))
        session.add(_feedback(conversation, second, helpful=True))
        session.add(_feedback(conversation, third, helpful=False))
        session.add(
            UnansweredQuestion(
                conversation_id=conversation,
                at=NOW,
                text="q",
                language="en",
                miss=Miss.WRONG_ANSWER,
                message_id=second,
            )
        )
    async with database.read() as session:
        observed = await observe(session)
    assert observed == Observed(answers=4, judged=3, wrong=2)


def test_interval_of_few_is_wide_and_of_none_everything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(1, 20) == pytest.approx((0.0089, 0.2361), abs=1e-4)
