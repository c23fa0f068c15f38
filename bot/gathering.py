"""Gather: which conversations are due, and each one's burst of messages as one turn to think about."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.decide import Turn
from bot.incoming import BurstWindow
from bot.thinking import Material, first_turn
from core.database import Database
from core.messages import MessageState
from core.models import Account, Contact, Conversation, Message

_LEASE: Final = timedelta(seconds=60)
_LOOK_SECONDS: Final = 0.1
# Built once: SQLAlchemy then knows the text of each by itself instead of by its parts.
_DUE: Final = (
    select(Conversation, Contact, Account.channel)
    .join(Contact, Contact.id == Conversation.contact_id)
    .join(Account, Account.id == Conversation.account_id)
    .where(
        Conversation.turn_due_at.is_not(None),
        or_(Conversation.lease_until.is_(None), Conversation.lease_until < bindparam("now")),
        Conversation.id.not_in(bindparam("under_way", expanding=True)),
    )
    .order_by(Conversation.turn_due_at)
    .limit(bindparam("most"))
    .with_for_update(of=Conversation, skip_locked=True)
)
_RECEIVED: Final = (
    select(Message)
    .where(
        Message.conversation_id.in_(bindparam("conversations", expanding=True)),
        Message.state == MessageState.RECEIVED,
    )
    .order_by(Message.at, Message.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A conversation that is due: its burst, what is known of the customer, and where signs to him go."""

    turn: Turn
    material: Material
    account_id: int
    thread: str
    contact_id: int
    awaits_introduction: bool
    """Nothing tells his language yet, and his platform is being asked who he is (bot/introductions.py)."""


class Gatherer:
    """Takes conversations that are free and due. `owner` names this process in their leases.

    With SQLite this process is the only worker: its caller keeps a conversation to one turn, and no lease is written.
    """

    def __init__(self, *, database: Database, window: BurstWindow, owner: str) -> None:
        self._database = database
        self._window = window
        self._owner = owner
        self._alone = database.is_sqlite

    def is_ours(self, conversation: Conversation) -> bool:
        """False if a turn took so long that another worker has it."""
        return self._alone or conversation.lease_owner == self._owner

    async def take(
        self, now: datetime, *, room: int, under_way: Collection[int]
    ) -> tuple[list[Gathered], datetime | None]:
        """At most `room` of those that are due, beside what is `under_way`; and when the next one is due."""
        async with self._taking() as session:
            found = (await session.execute(_DUE, {"now": now, "under_way": list(under_way), "most": room + 1})).all()
            due = [row for row in found if row[0].turn_due_at is not None and row[0].turn_due_at <= now][:room]
            if not due:
                return [], found[0][0].turn_due_at if found else None
            bursts = await _received(session, [conversation.id for conversation, _, _ in due])
            gathered = [
                self._gathered(conversation, contact, channel, bursts[conversation.id], now)
                for conversation, contact, channel in due
            ]
            if not self._alone:
                for conversation, _, _ in due:
                    conversation.lease_owner, conversation.lease_until = self._owner, now + _LEASE
        return gathered, found[len(due)][0].turn_due_at if len(found) > len(due) else None

    def _taking(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._database.glance() if self._alone else self._database.write()

    def _gathered(
        self, conversation: Conversation, contact: Contact, channel: str, received: Sequence[Message], now: datetime
    ) -> Gathered:
        messages = first_turn(received)
        material = Material.of(messages, conversation, contact)
        turn = Turn(
            conversation_id=conversation.id,
            channel=channel,
            version=conversation.version,
            message_ids=tuple(message.id for message in messages),
            texts=tuple(message.text for message in messages),
            thinkable=now - (conversation.burst_began_at or now) < self._window.longest,
            whole=len(messages) == len(received),
        )
        return Gathered(
            turn=turn,
            material=material,
            account_id=conversation.account_id,
            thread=conversation.thread,
            contact_id=contact.id,
            awaits_introduction=_says_no_language(material) and contact.introduction_due_at is not None,
        )

    async def introduced(self, gathered: Gathered, *, seconds: float) -> Material:
        """The material with the language of his profile, if that comes within so many seconds."""
        profile = select(Contact.language, Contact.introduction_due_at).where(Contact.id == gathered.contact_id)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    async with self._database.glance() as session:
                        language, still_due = (await session.execute(profile)).one()
                    if still_due is None:
                        return replace(gathered.material, profile_language=language)
                    await asyncio.sleep(_LOOK_SECONDS)
        return gathered.material


def _says_no_language(material: Material) -> bool:
    """Neither words nor what is known of the customer tell it."""
    return not (material.text.strip() or material.conversation_language or material.profile_language)


async def _received(session: AsyncSession, conversation_ids: Sequence[int]) -> defaultdict[int, list[Message]]:
    """Each conversation's messages that nobody thought about yet, in order."""
    found: defaultdict[int, list[Message]] = defaultdict(list)
    for message in await session.scalars(_RECEIVED, {"conversations": conversation_ids}):
        found[message.conversation_id].append(message)
    return found
