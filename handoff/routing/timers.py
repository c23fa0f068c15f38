"""Times the waits of open cases against their service level, and warns the desk before one is missed."""

from datetime import datetime
from typing import Final

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import ACCEPTED_STATES, Author, ConversationStatus, EventKind, MessageState, Purpose
from core.models import Conversation, Message
from handoff.cases import load, note_event
from handoff.models import Case
from handoff.routing.levels import Target, timer
from handoff.routing.models import CaseRoute
from handoff.teams.teams import Staff

_WITH_PEOPLE: Final = (ConversationStatus.WAITING, ConversationStatus.OPEN)
_SENT_OR_GOING: Final = (*ACCEPTED_STATES, MessageState.PENDING, MessageState.SENDING)
WARNED: Final = 1
MISSED: Final = 2


def first_human_response() -> ScalarSelect[datetime]:
    """When a person first answered the `Case` of the query around it; null while nobody has.

    Who answers and resolves at once has written before the case closed, though the platform accepts it a little later.
    """
    return (
        select(func.min(Message.at))
        .where(
            Message.conversation_id == Case.conversation_id,
            Message.author == Author.AGENT,
            Message.purpose == Purpose.REPLY,
            Message.state.in_(_SENT_OR_GOING),
            Message.at >= Case.opened_at,
            or_(Case.closed_at.is_(None), Message.created_at <= Case.closed_at),
        )
        .correlate(Case)
        .scalar_subquery()
    )


async def due_timers(session: AsyncSession, *, now: datetime) -> list[int]:
    """The conversations whose wait is not timed yet, is over, or is to be warned of."""
    running = Conversation.waiting_since.is_not(None)
    rows = await session.scalars(
        select(Conversation.id)
        .join(Case, Case.conversation_id == Conversation.id)
        .join(CaseRoute, CaseRoute.case_id == Case.id)
        .where(
            Case.closed_at.is_(None),
            Conversation.status.in_(_WITH_PEOPLE),
            or_(
                running & CaseRoute.timed_since.is_distinct_from(Conversation.waiting_since),
                ~running & CaseRoute.timed_since.is_not(None),
                (CaseRoute.warned < WARNED) & (CaseRoute.warn_at <= now),
                (CaseRoute.warned < MISSED) & (CaseRoute.due_at <= now),
            ),
        )
        .order_by(Conversation.id)
    )
    return list(rows)


async def keep_timer(session: AsyncSession, conversation_id: int, *, staff: Staff, now: datetime) -> None:
    """Time the conversation's wait anew where it is another one, and warn of it where that is due."""
    conversation = await load(session, conversation_id)
    row = (
        await session.execute(
            select(Case, CaseRoute, first_human_response().label("answered_at"))
            .join(CaseRoute, CaseRoute.case_id == Case.id)
            .where(Case.conversation_id == conversation_id, Case.closed_at.is_(None))
            .order_by(Case.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return
    case, route = row.Case, row.CaseRoute
    target = Target.FIRST_RESPONSE if row.answered_at is None else Target.REPLY
    since = conversation.waiting_since
    if route.timed_since != since or since is None:
        _time(route, target, since=None if since is None else _start(case, target, since), staff=staff)
        route.timed_since = since
    _warn(session, conversation, route, target=target, now=now)


def _start(case: Case, target: Target, since: datetime) -> datetime:
    """The first response is timed from the handoff (METRICS.md section 3), a later one from the customer's message."""
    return case.opened_at if target is Target.FIRST_RESPONSE else since


def _time(route: CaseRoute, target: Target, *, since: datetime | None, staff: Staff) -> None:
    found = None
    if since is not None:
        found = timer(staff.level_of(route.team_id), target, since=since, hours=staff.hours_of(route.team_id))
    route.warn_at, route.due_at, route.warned = (None, None, 0) if found is None else (found.warn_at, found.due_at, 0)


def _warn(
    session: AsyncSession, conversation: Conversation, route: CaseRoute, *, target: Target, now: datetime
) -> None:
    if route.due_at is None or route.warn_at is None:
        return
    level = MISSED if route.due_at <= now else WARNED if route.warn_at <= now else 0
    if level > route.warned:
        route.warned = level
        note_event(
            session,
            conversation,
            EventKind.WARNING,
            at=now,
            details={"target": target, "due_at": route.due_at.isoformat(), "missed": level == MISSED},
        )
