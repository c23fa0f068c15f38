"""Reads conversations and messages for the desk: a constant number of statements, whatever the page's size."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.errors import NotFound, UserMistake
from core.messages import Purpose
from core.models import Account, Contact, Conversation, Message, User
from handoff.models import Case, ConversationTag, ReadMark
from handoff.routing.models import CaseRoute
from handoff.shapes import (
    CandidateItem,
    CaseItem,
    ContactItem,
    ConversationDetail,
    ConversationItem,
    LastMessage,
    MessageItem,
    MessageList,
    TeamName,
    UserName,
    attachment_item,
)
from handoff.teams.models import Team

LARGEST_ID: Final = 2**31 - 1

Line = tuple[Conversation, Account, Contact, User, Message, datetime]
"""What one line of the list is made of; the last is when the reader read it."""
Standing = tuple[Case | None, CaseRoute | None, Team | None]
_NO_CASE: Final[Standing] = (None, None, None)


async def read_conversation(
    session: AsyncSession, conversation_id: int, *, reader: int | None = None
) -> ConversationDetail:
    """With its last case; `unread` is meant for the user `reader`. Raises `NotFound`."""
    query = conversations(reader).where(Conversation.id == conversation_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such conversation.")
    case = await session.scalar(
        select(Case).where(Case.conversation_id == conversation_id).order_by(Case.id.desc()).limit(1)
    )
    [item] = await conversation_items(session, [row])
    return ConversationDetail(**item.model_dump(), case=None if case is None else case_item(case))


async def conversation_items(session: AsyncSession, rows: Sequence[Row[*Line]]) -> list[ConversationItem]:
    """The rows of `conversations()` with their open cases and tags."""
    ids = [row.Conversation.id for row in rows]
    standing = await _standing(session, ids)
    tags: dict[int, list[str]] = {}
    for tag in await session.scalars(
        select(ConversationTag).where(ConversationTag.conversation_id.in_(ids)).order_by(ConversationTag.tag)
    ):
        tags.setdefault(tag.conversation_id, []).append(tag.tag)
    return [
        _item(row, standing=standing.get(row.Conversation.id, _NO_CASE), tags=tags.get(row.Conversation.id, []))
        for row in rows
    ]


async def _standing(session: AsyncSession, conversation_ids: Sequence[int]) -> dict[int, Standing]:
    """By conversation, its open case, where that stands and in whose queue."""
    rows = await session.execute(
        select(Case, CaseRoute, Team)
        .outerjoin(CaseRoute, CaseRoute.case_id == Case.id)
        .outerjoin(Team, Team.id == CaseRoute.team_id)
        .where(Case.conversation_id.in_(conversation_ids), Case.closed_at.is_(None))
    )
    return {case.conversation_id: (case, route, team) for case, route, team in rows}


async def list_messages(
    session: AsyncSession, conversation_id: int, *, limit: int, before: int | None = None
) -> MessageList:
    """The last `limit` messages, or the last before message `before`, oldest first.

    Raises `NotFound` for an unknown conversation, `UserMistake` for a `before` that is not one of its messages.
    """
    if await session.get(Conversation, conversation_id) is None:
        raise NotFound("There is no such conversation.")
    query = (
        select(Message, User)
        .outerjoin(User, User.id == Message.user_id)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        edge = await session.get(Message, before) if before <= LARGEST_ID else None
        if edge is None or edge.conversation_id != conversation_id:
            raise UserMistake("'before' is not a message of this conversation.")
        query = query.where(
            or_(Message.at < edge.at, and_(Message.at == edge.at, Message.id < edge.id)),
        )
    rows = (await session.execute(query)).all()
    page = rows[:limit]
    following = page[-1].Message.id if len(rows) > limit else None
    return MessageList(items=[message_item(row.Message, row.User) for row in reversed(page)], next=following)


async def read_message(session: AsyncSession, message_id: int) -> MessageItem:
    message = await session.get_one(Message, message_id)
    user = None if message.user_id is None else await session.get(User, message.user_id)
    return message_item(message, user)


def message_item(message: Message, user: User | None) -> MessageItem:
    return MessageItem(
        id=message.id,
        author=message.author,
        purpose=message.purpose,
        text=message.text,
        attachments=[attachment_item(one) for one in message.attachments],
        buttons=message.buttons,
        at=message.at,
        state=message.state,
        error=message.error,
        sources=message.sources,
        user=user_name(user),
        client_id=message.client_id,
        edited_at=message.edited_at,
        edits=message.edits,
        deleted_at=message.deleted_at,
        reactions=message.reactions,
        group_key=message.group_key,
        sendable_at=message.next_attempt_at if message.attempts == 0 else None,
    )


def conversations(reader: int | None) -> Select[*Line]:
    """Conversations with all that a line of the list shows; `read_at` is the mark of the user `reader`."""
    shown = aliased(Message, name="LastMessage")
    newest = (
        select(Message.id)
        .where(
            Message.conversation_id == Conversation.id,
            or_(Message.purpose.is_(None), Message.purpose.not_in([Purpose.NOTE, Purpose.DRAFT, Purpose.BLOCKED])),
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    return (
        select(Conversation, Account, Contact, User, shown, ReadMark.read_at)
        .join(Account, Account.id == Conversation.account_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .outerjoin(shown, shown.id == newest)
        .outerjoin(ReadMark, and_(ReadMark.conversation_id == Conversation.id, ReadMark.user_id == reader))
    )


def _item(row: Row[*Line], *, standing: Standing, tags: list[str]) -> ConversationItem:
    conversation, contact, last = row.Conversation, row.Contact, row.LastMessage
    case, path, team = standing
    waits = path is not None and path.timed_since is not None and path.timed_since == conversation.waiting_since
    last_customer_at = conversation.last_customer_at
    return ConversationItem(
        id=conversation.id,
        status=conversation.status,
        channel=row.Account.channel,
        account=row.Account.name,
        contact=ContactItem(
            id=contact.id,
            name=contact.name,
            handle=contact.handle,
            language=contact.language,
            reachable=contact.reachable,
        ),
        assignee=user_name(row.User),
        waiting_since=conversation.waiting_since,
        last_message=None if last is None else _last_message(last),
        last_message_at=conversation.last_message_at,
        last_customer_at=last_customer_at,
        snoozed_until=conversation.snoozed_until,
        language=conversation.language,
        version=conversation.version,
        priority=0 if case is None else case.priority,
        reason=None if case is None else case.reason,
        question=None if case is None else case.question or None,
        unread=last_customer_at is not None and (row.read_at is None or row.read_at < last_customer_at),
        tags=tags,
        team=None if team is None else TeamName(id=team.id, name=team.name),
        warn_at=path.warn_at if path is not None and waits else None,
        due_at=path.due_at if path is not None and waits else None,
        warned=path.warned if path is not None and waits else 0,
    )


def _last_message(message: Message) -> LastMessage:
    return LastMessage(
        id=message.id,
        author=message.author,
        purpose=message.purpose,
        text=message.text,
        at=message.at,
        state=message.state,
    )


def case_item(case: Case) -> CaseItem:
    return CaseItem(
        id=case.id,
        reason=case.reason,
        priority=case.priority,
        question=case.question,
        language=case.language,
        candidates=_candidates(case.candidates),
        opened_at=case.opened_at,
        closed_at=case.closed_at,
    )


def _candidates(stored: Sequence[dict[str, Any]]) -> list[CandidateItem]:
    return [CandidateItem(**{name: one[name] for name in CandidateItem.model_fields if name in one}) for one in stored]


def user_name(user: User | None) -> UserName | None:
    return None if user is None else UserName(id=user.id, name=user.name or user.email)
