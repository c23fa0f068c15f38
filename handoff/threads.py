"""One thread as the desk shows it, and what an agent keeps beside it: a draft, how far he read, tags."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.errors import NotFound, UserMistake
from core.models import Contact, Conversation, Event, User
from core.text import storable
from handoff.cases import load
from handoff.models import Case, ConversationTag, Draft, ReadMark
from handoff.reading import case_item, list_messages, read_conversation, user_name
from handoff.shapes import DraftItem, EventItem, Thread
from handoff.writing import LONGEST_TEXT

_SHOWN_CASES: Final = 20
_SHOWN_EVENTS: Final = 200
_MOST_TAGS: Final = 20
_LONGEST_TAG: Final = 40


async def read_thread(session: AsyncSession, conversation_id: int, *, reader: int, limit: int) -> Thread:
    """Raises `NotFound`."""
    conversation = await read_conversation(session, conversation_id, reader=reader)
    messages = await list_messages(session, conversation_id, limit=limit)
    since = messages.items[0].at if messages.next is not None else None
    cases = await session.scalars(
        select(Case).where(Case.conversation_id == conversation_id).order_by(Case.id.desc()).limit(_SHOWN_CASES)
    )
    draft = await session.get(Draft, (reader, conversation_id))
    contact = await session.get_one(Contact, conversation.contact.id)
    return Thread(
        conversation=conversation,
        messages=messages,
        events=await _events(session, conversation_id, since=since),
        cases=[case_item(case) for case in cases],
        draft=None if draft is None else DraftItem(text=draft.text, note=draft.note),
        first_seen_at=contact.created_at,
    )


async def _events(session: AsyncSession, conversation_id: int, *, since: datetime | None) -> list[EventItem]:
    query = (
        select(Event, User)
        .outerjoin(User, User.id == Event.user_id)
        .where(Event.conversation_id == conversation_id)
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(_SHOWN_EVENTS)
    )
    if since is not None:
        query = query.where(Event.at >= since)
    rows = (await session.execute(query)).all()
    return [
        EventItem(
            id=row.Event.id,
            kind=row.Event.kind,
            at=row.Event.at,
            user=user_name(row.User),
            details={name: value for name, value in row.Event.details.items() if isinstance(value, str | int | bool)},
        )
        for row in reversed(rows)
    ]


async def keep_draft(
    session: AsyncSession, conversation_id: int, *, user_id: int, text: str, note: bool, at: datetime
) -> None:
    """The words typed so far; no words, no draft. Raises `NotFound`, or `UserMistake` for too many words."""
    if len(text) > LONGEST_TEXT:
        raise UserMistake(f"A message has at most {LONGEST_TEXT} characters.")
    if await session.get(Conversation, conversation_id) is None:
        raise NotFound("There is no such conversation.")
    if text.strip():
        await session.merge(
            Draft(user_id=user_id, conversation_id=conversation_id, text=storable(text), note=note, updated_at=at)
        )
        return
    await session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.conversation_id == conversation_id))


async def mark_read(session: AsyncSession, conversation_id: int, *, user_id: int) -> None:
    """Everything the customer wrote until now has been on the screen. Raises `NotFound`."""
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    if conversation.last_customer_at is not None:
        await session.merge(
            ReadMark(user_id=user_id, conversation_id=conversation_id, read_at=conversation.last_customer_at)
        )


async def set_tags(session: AsyncSession, conversation_id: int, tags: Sequence[str]) -> None:
    """These and no others. Raises `NotFound`, or `UserMistake` for too many or too long ones."""
    wanted = {" ".join(storable(tag).split()) for tag in tags} - {""}
    if len(wanted) > _MOST_TAGS or any(len(tag) > _LONGEST_TAG for tag in wanted):
        raise UserMistake(f"A conversation has at most {_MOST_TAGS} tags of at most {_LONGEST_TAG} characters.")
    await load(session, conversation_id)
    await session.execute(delete(ConversationTag).where(ConversationTag.conversation_id == conversation_id))
    session.add_all(ConversationTag(conversation_id=conversation_id, tag=tag) for tag in sorted(wanted))
    announce(session, "conversation", conversation_id)
