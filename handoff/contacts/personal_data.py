"""What the desk and the conversations hold of a customer."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import String, cast, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Base
from core.messages import ConversationStatus, MessageState
from core.models import Contact, Conversation, Event, Message, StoredFile
from core.personal_data import Holder, Person, as_json
from handoff.automations.models import AutomationRun
from handoff.models import Case, ContactField, ContactNote, ConversationTag, Draft, ReadMark
from handoff.ratings.models import RatingAsk, RatingOptOut
from handoff.routing.models import CaseRoute
from handoff.webhooks.models import WebhookCall
from knowledge_base.models import EntryText

_OF_CONVERSATION: Final[tuple[type[Any], ...]] = (
    Message,
    Event,
    Case,
    Draft,
    ConversationTag,
    ReadMark,
    RatingAsk,
    AutomationRun,
)
_OF_CONTACT: Final[tuple[type[Any], ...]] = (ContactField, ContactNote, RatingOptOut)
_KEPT_DETAILS: Final = frozenset({"reason", "priority", "about", "score", "helpful", "until", "by", "missed", "team"})
"""Of an event, for the figures: none of them holds a customer's words."""


async def collect(session: AsyncSession, person: Person) -> Mapping[str, Any]:
    found = {"contact": as_json([await session.get_one(Contact, person.contact_id)])}
    rows = await session.scalars(select(Conversation).where(Conversation.contact_id == person.contact_id))
    found["conversations"] = as_json(rows)
    for model in _OF_CONTACT:
        rows = await session.scalars(select(model).where(model.contact_id == person.contact_id))
        found[model.__tablename__] = as_json(rows)
    for model in _OF_CONVERSATION:
        rows = await session.scalars(select(model).where(model.conversation_id.in_(person.conversation_ids)))
        found[model.__tablename__] = as_json(rows)
    found["webhook_calls"] = as_json(await _calls(session, person))
    return found


async def erase(session: AsyncSession, person: Person) -> None:
    await _erase_files(session, person)
    for gone in _OF_CONTACT:
        await session.execute(delete(gone).where(gone.contact_id == person.contact_id))
    for gone in (Draft, ConversationTag, ReadMark):
        await session.execute(delete(gone).where(gone.conversation_id.in_(person.conversation_ids)))
    for call in await _calls(session, person):
        await session.delete(call)
    await _blank_messages(session, person)
    await _blank_cases(session, person)
    await _blank_contact(session, person)


async def _blank_messages(session: AsyncSession, person: Person) -> None:
    of_person = Message.conversation_id.in_(person.conversation_ids)
    unsent = (MessageState.PENDING, MessageState.SENDING, MessageState.IN_DOUBT)
    await session.execute(update(Message).where(of_person, Message.state.in_(unsent)).values(state=MessageState.FAILED))
    await session.execute(
        update(Message).where(of_person, Message.state == MessageState.RECEIVED).values(state=MessageState.HANDLED)
    )
    await session.execute(
        update(Message)
        .where(of_person)
        .values(
            text="",
            attachments=[],
            buttons=[],
            edits=[],
            reactions=[],
            error=None,
            external_id=None,
            reply_to=None,
            group_key=None,
            press=None,
            media_due_at=None,
            next_attempt_at=None,
        )
    )


async def _blank_cases(session: AsyncSession, person: Person) -> None:
    of_person = Case.conversation_id.in_(person.conversation_ids)
    await session.execute(update(Case).where(of_person).values(question=""))
    await session.execute(update(Case).where(of_person, Case.closed_at.is_(None)).values(closed_at=person.at))
    for event in await session.scalars(select(Event).where(Event.conversation_id.in_(person.conversation_ids))):
        kept = {name: value for name, value in event.details.items() if name in _KEPT_DETAILS}
        if kept != event.details:
            event.details = kept


async def _blank_contact(session: AsyncSession, person: Person) -> None:
    for conversation_id in person.conversation_ids:
        await session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id)
            .values(
                thread=f"erased-{conversation_id}",
                status=ConversationStatus.RESOLVED,
                assignee_id=None,
                version=Conversation.version + 1,
                waiting_since=None,
                snoozed_until=None,
                turn_due_at=None,
                burst_began_at=None,
                offered=[],
            )
        )
    await session.execute(
        update(Contact)
        .where(Contact.id == person.contact_id)
        .values(
            external_id=f"erased-{person.contact_id}",
            name="",
            handle=None,
            language=None,
            timezone=None,
            reachable=False,
            introduction_due_at=None,
            blocked_at=None,
            erased_at=person.at,
        )
    )


async def _calls(session: AsyncSession, person: Person) -> list[WebhookCall]:
    """Bodies on their way to webhooks, or there already, that are about his conversations."""
    ids = set(person.conversation_ids)
    calls = await session.scalars(select(WebhookCall))
    return [call for call in calls if any(one in ids for one in _conversations_in(call.body))]


def _conversations_in(body: Any) -> Iterator[Any]:
    if isinstance(body, Mapping):
        for name, value in body.items():
            if name == "conversation_id":
                yield value
            elif name == "conversation":
                yield value.get("id") if isinstance(value, Mapping) else value
            yield from _conversations_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from _conversations_in(value)


async def files_of(session: AsyncSession, person: Person) -> list[StoredFile]:
    """Our copies of what came or went with his messages."""
    rows = await session.scalars(
        select(Message.attachments).where(Message.conversation_id.in_(person.conversation_ids))
    )
    digests = {one["stored"] for attachments in rows for one in attachments if one.get("stored")}
    return list(await session.scalars(select(StoredFile).where(StoredFile.digest.in_(digests))))


async def _erase_files(session: AsyncSession, person: Person) -> None:
    """A file that somebody else's message or an entry has too is not his alone, and stays."""
    for file in await files_of(session, person):
        elsewhere = select(Message.id).where(
            Message.conversation_id.not_in(person.conversation_ids),
            cast(Message.attachments, String).contains(file.digest),
        )
        in_an_entry = select(EntryText.entry_id).where(EntryText.picture == file.digest)
        if await session.scalar(elsewhere.limit(1)) is None and await session.scalar(in_an_entry.limit(1)) is None:
            await session.delete(file)


def _tables(*models: type[Base]) -> frozenset[str]:
    return frozenset(model.__tablename__ for model in models)


HOLDER: Final = Holder(
    tables=_tables(Contact, Conversation, CaseRoute, WebhookCall, *_OF_CONTACT, *_OF_CONVERSATION),
    collect=collect,
    erase=erase,
)
