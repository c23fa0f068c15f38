"""The customer as the desk's right column shows him: one answer, a constant number of statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.messages import ConversationStatus, EventKind
from core.models import Account, Contact, Conversation, Event, User
from handoff.contacts.knowing import conversations_of, field_names
from handoff.models import Case, ContactField, ContactNote, ConversationTag
from handoff.reading import user_name
from handoff.shapes import UserName

_SHOWN_NOTES: Final = 100
_SHOWN_CASES: Final = 20
_SHOWN_RATINGS: Final = 20


class HandleItem(BaseModel):
    """Where he writes, and what he is called there."""

    channel: str
    account: str
    handle: str | None
    external_id: str
    """The platform's own number or name of him."""


class FieldItem(BaseModel):
    name: str
    value: str


class NoteItem(BaseModel):
    id: int
    text: str
    at: datetime
    user: UserName | None


class EarlierCase(BaseModel):
    """An ended case."""

    conversation_id: int
    reason: str
    question: str
    opened_at: datetime
    closed_at: datetime


class OwnConversation(BaseModel):
    id: int
    status: ConversationStatus
    last_message_at: datetime
    tags: list[str]


class RatingItem(BaseModel):
    about: str
    score: int
    at: datetime


class ContactCard(BaseModel):
    id: int
    name: str
    language: str | None
    timezone: str | None
    first_seen_at: datetime
    reachable: bool
    blocked_at: datetime | None
    handles: list[HandleItem]
    fields: list[FieldItem]
    """Those that the administrators named, in their order, then others that have a value."""
    notes: list[NoteItem]
    """Latest first."""
    conversations: list[OwnConversation]
    earlier: list[EarlierCase]
    ratings: list[RatingItem]


async def read_card(session: AsyncSession, contact_id: int) -> ContactCard:
    """Raises `NotFound`, also for one who was erased."""
    contact = await session.get(Contact, contact_id)
    if contact is None or contact.erased_at is not None:
        raise NotFound("There is no such customer.")
    account = await session.get_one(Account, contact.account_id)
    conversations = await conversations_of(session, contact_id)
    ids = [one.id for one in conversations]
    handle = HandleItem(
        channel=account.channel, account=account.name, handle=contact.handle, external_id=contact.external_id
    )
    return ContactCard(
        id=contact.id,
        name=contact.name,
        language=contact.language,
        timezone=contact.timezone,
        first_seen_at=contact.created_at,
        reachable=contact.reachable,
        blocked_at=contact.blocked_at,
        handles=[handle],
        fields=await _fields(session, contact_id),
        notes=await _notes(session, contact_id),
        conversations=await _conversations(session, conversations),
        earlier=await _earlier(session, ids),
        ratings=await _ratings(session, ids),
    )


async def _fields(session: AsyncSession, contact_id: int) -> list[FieldItem]:
    rows = await session.scalars(select(ContactField).where(ContactField.contact_id == contact_id))
    values = {row.name: row.value for row in rows}
    named = await field_names(session)
    return [FieldItem(name=name, value=values.pop(name, "")) for name in named] + [
        FieldItem(name=name, value=value) for name, value in sorted(values.items())
    ]


async def _notes(session: AsyncSession, contact_id: int) -> list[NoteItem]:
    rows = await session.execute(
        select(ContactNote, User)
        .outerjoin(User, User.id == ContactNote.user_id)
        .where(ContactNote.contact_id == contact_id)
        .order_by(ContactNote.id.desc())
        .limit(_SHOWN_NOTES)
    )
    return [
        NoteItem(id=row.ContactNote.id, text=row.ContactNote.text, at=row.ContactNote.at, user=user_name(row.User))
        for row in rows
    ]


async def _conversations(session: AsyncSession, found: Sequence[Conversation]) -> list[OwnConversation]:
    rows = await session.scalars(
        select(ConversationTag).where(ConversationTag.conversation_id.in_([one.id for one in found]))
    )
    tags: dict[int, list[str]] = {}
    for row in rows:
        tags.setdefault(row.conversation_id, []).append(row.tag)
    return [
        OwnConversation(
            id=one.id, status=one.status, last_message_at=one.last_message_at, tags=sorted(tags.get(one.id, []))
        )
        for one in found
    ]


async def _earlier(session: AsyncSession, ids: Sequence[int]) -> list[EarlierCase]:
    cases = await session.scalars(
        select(Case)
        .where(Case.conversation_id.in_(ids), Case.closed_at.is_not(None))
        .order_by(Case.id.desc())
        .limit(_SHOWN_CASES)
    )
    return [
        EarlierCase(
            conversation_id=case.conversation_id,
            reason=case.reason,
            question=case.question,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
        )
        for case in cases
        if case.closed_at is not None
    ]


async def _ratings(session: AsyncSession, ids: Sequence[int]) -> list[RatingItem]:
    events = await session.scalars(
        select(Event)
        .where(Event.conversation_id.in_(ids), Event.kind == EventKind.RATING)
        .order_by(Event.id.desc())
        .limit(_SHOWN_RATINGS)
    )
    return [
        RatingItem(about=str(event.details.get("about", "")), score=int(event.details["score"]), at=event.at)
        for event in events
        if isinstance(event.details.get("score"), int)
    ]
