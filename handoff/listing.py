"""The inbox: which conversations, in which order, page by page."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import UserMistake
from core.messages import ConversationStatus
from core.models import Account, Contact, Conversation
from handoff.models import Case, ConversationTag
from handoff.reading import LARGEST_ID, conversation_items, conversations
from handoff.shapes import ConversationList, Counts

_OWNED: Final = (ConversationStatus.OPEN, ConversationStatus.SNOOZED)


class View(StrEnum):
    MINE = "mine"
    """Owned by the caller."""
    WAITING = "waiting"
    """Handed off, nobody took it."""
    ALL = "all"


class Order(StrEnum):
    LATEST = "latest"
    """Latest message first."""
    WAIT = "wait"
    """Longest wait first, then those where nobody waits, latest message first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which conversations, in which order, and where to go on. `reader` is the user who asks."""

    reader: int | None = None
    view: View = View.ALL
    order: Order = Order.LATEST
    status: ConversationStatus | None = None
    channel: str | None = None
    language: str | None = None
    tag: str | None = None
    priority: int | None = None
    """At least so urgent an open case."""
    search: str | None = None
    """A part of the customer's name or handle."""
    cursor: str | None = None
    limit: int = 50


async def list_conversations(session: AsyncSession, wanted: Filter) -> ConversationList:
    """One page, ties by id. Raises `UserMistake` for a cursor that no page of this order gave."""
    order = _order(wanted.order)
    page_ids = _matching(wanted)
    if wanted.cursor is not None:
        page_ids = page_ids.where(_after(wanted.cursor, wanted.order))
    page_ids = page_ids.order_by(*order).limit(wanted.limit + 1)
    query = conversations(wanted.reader).where(Conversation.id.in_(page_ids)).order_by(*order)
    rows = (await session.execute(query)).all()
    page = rows[: wanted.limit]
    following = _cursor(page[-1].Conversation) if len(rows) > wanted.limit else None
    return ConversationList(items=await conversation_items(session, page), next=following)


async def count_conversations(session: AsyncSession, *, reader: int) -> Counts:
    async def count(view: View) -> int:
        matching = _matching(Filter(reader=reader, view=view)).subquery()
        return await session.scalar(select(func.count()).select_from(matching)) or 0

    return Counts(mine=await count(View.MINE), waiting=await count(View.WAITING), all=await count(View.ALL))


def _matching(wanted: Filter) -> Select[int]:
    """The ids alone, so that last messages are looked up for one page and not for all conversations."""
    query = select(Conversation.id)
    if wanted.view == View.MINE:
        query = query.where(Conversation.assignee_id == wanted.reader, Conversation.status.in_(_OWNED))
    if wanted.view == View.WAITING:
        query = query.where(Conversation.status == ConversationStatus.WAITING)
    if wanted.status is not None:
        query = query.where(Conversation.status == wanted.status)
    if wanted.channel is not None:
        accounts = select(Account.id).where(Account.channel == wanted.channel)
        query = query.where(Conversation.account_id.in_(accounts))
    if wanted.language is not None:
        query = query.where(Conversation.language == wanted.language)
    if wanted.tag is not None:
        tagged = select(ConversationTag.conversation_id).where(ConversationTag.tag == wanted.tag)
        query = query.where(Conversation.id.in_(tagged))
    if wanted.priority is not None:
        urgent = select(Case.conversation_id).where(Case.closed_at.is_(None), Case.priority >= wanted.priority)
        query = query.where(Conversation.id.in_(urgent))
    if wanted.search:
        part = wanted.search.lower()
        named = select(Contact.id).where(
            or_(func.lower(Contact.name).contains(part, autoescape=True), Contact.name.contains(wanted.search, autoescape=True),
                func.lower(Contact.handle).contains(part, autoescape=True))
        )  # fmt: skip
        query = query.where(Conversation.contact_id.in_(named))
    return query


def _order(order: Order) -> tuple[Any, ...]:
    latest = (Conversation.last_message_at.desc(), Conversation.id.desc())
    if order == Order.LATEST:
        return latest
    return (Conversation.waiting_since.is_(None), Conversation.waiting_since, *latest)


def _after(cursor: str, order: Order) -> ColumnElement[bool]:
    waiting_since, at, identity = _read_cursor(cursor)
    same = and_(Conversation.last_message_at == at, Conversation.id < identity)
    later = or_(Conversation.last_message_at < at, same)
    if order == Order.LATEST:
        return later
    if waiting_since is None:
        return and_(Conversation.waiting_since.is_(None), later)
    return or_(
        Conversation.waiting_since.is_(None),
        Conversation.waiting_since > waiting_since,
        and_(Conversation.waiting_since == waiting_since, later),
    )


def _cursor(conversation: Conversation) -> str:
    since = conversation.waiting_since
    place = json.dumps(
        [None if since is None else since.isoformat(), conversation.last_message_at.isoformat(), conversation.id]
    )
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime | None, datetime, int]:
    try:
        decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        since, at, identity = json.loads(decoded)
        waiting_since = None if since is None else datetime.fromisoformat(since).astimezone(UTC)
        instant = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise UserMistake("'cursor' is not one that a page gave.") from error
    if type(identity) is not int or not 0 < identity <= LARGEST_ID:
        raise UserMistake("'cursor' is not one that a page gave.")
    return waiting_since, instant, identity
