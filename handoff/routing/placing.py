"""Puts a case into a team's queue, and gives it to one of its agents; all on the caller's transaction."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import actor_of
from core.errors import Conflict
from core.messages import ConversationStatus, EventKind, Purpose
from core.models import Account, Conversation, Event, Message, User
from core.roles import Actor
from handoff.cases import become, insist_on_reach, load, note_event, open_case, open_case_of
from handoff.models import Case
from handoff.routing.choosing import Agent, next_agent, team_for
from handoff.routing.models import CaseRoute
from handoff.teams.availability import Availability, availability
from handoff.teams.models import AgentState, TeamMember
from handoff.teams.teams import Staff, StaffedTeam, find_team

_BUSY: Final = 3
TRANSFERRED: Final = "transferred"
"""The reason of a case that somebody opened by putting the conversation into a team's queue."""


async def place_case(session: AsyncSession, case: Case, conversation: Conversation, *, staff: Staff) -> CaseRoute:
    """The case's route; where it has none yet, it is put into the queue of the team for its language and channel."""
    route = await session.get(CaseRoute, case.id)
    if route is None:
        account = await session.get_one(Account, conversation.account_id)
        language = case.language or conversation.language
        team = team_for(staff.teams.values(), language=language, channel=account.channel)
        route = CaseRoute(case_id=case.id, team_id=None if team is None else team.id, passed_over={}, warned=0)
        session.add(route)
        await session.flush()
    return route


async def transfer_to_team(
    session: AsyncSession,
    conversation_id: int,
    user: Actor | None,
    *,
    team_id: int,
    at: datetime,
    version: int | None = None,
) -> Conversation:
    """Nobody owns it, it waits in that team's queue; `user` None: the product itself did it.

    Raises `NotFound`, `NotAllowed` for somebody else's, `Conflict` for a stale version or a team without members.
    """
    conversation = await load(session, conversation_id, version=version)
    if user is not None:
        insist_on_reach(conversation, user)
    team = await find_team(session, team_id)
    if not await _has_members(session, team_id):
        raise Conflict(f"The team {team.name} has no members.")
    case = await open_case_of(session, conversation.id)
    if case is None:
        case = await open_case(session, conversation, reason=TRANSFERRED, language=conversation.language, at=at)
    become(conversation, ConversationStatus.WAITING)
    note_event(session, conversation, EventKind.TRANSFER, at=at, user=user, details={"team": team.name})
    route = await session.get(CaseRoute, case.id)
    if route is None:
        route = CaseRoute(case_id=case.id)
        session.add(route)
    route.team_id, route.passed_over, route.timed_since, route.warned = team.id, {}, None, 0
    return conversation


async def _has_members(session: AsyncSession, team_id: int) -> bool:
    active = select(User.id).join(TeamMember, TeamMember.user_id == User.id).where(User.active)
    return await session.scalar(active.where(TeamMember.team_id == team_id).limit(1)) is not None


async def present_agents(
    session: AsyncSession, team: StaffedTeam, *, staff: Staff, now: datetime, locked: bool = False
) -> list[Agent]:
    """The team's members who are online, with what they own now. `locked`: nobody else gives them anything meanwhile."""
    query = select(AgentState).where(AgentState.user_id.in_(team.members)).order_by(AgentState.user_id)
    states = await session.scalars(query.with_for_update() if locked else query)
    online = [one for one in states if availability(one, staff.rules, now=now) is Availability.ONLINE]
    rows = await session.execute(
        select(Conversation.assignee_id, func.count())
        .where(
            Conversation.status == ConversationStatus.OPEN,
            Conversation.assignee_id.in_([one.user_id for one in online]),
        )
        .group_by(Conversation.assignee_id)
    )
    loads = {row[0]: row[1] for row in rows}
    return [
        Agent(
            id=one.user_id,
            load=loads.get(one.user_id, 0),
            capacity=one.capacity,
            assigned_at=one.assigned_at,
            seen_at=one.seen_at or now,
        )
        for one in online
    ]


async def offer(session: AsyncSession, conversation_id: int, *, staff: Staff, now: datetime) -> int | None:
    """Give a waiting case of a team to the agent whose turn it is. Returns his id, or None where nobody is to have it.

    The conversation is locked first and read again, so that two workers never give one case away twice.
    """
    conversation = await load(session, conversation_id)
    case = await open_case_of(session, conversation_id)
    route = None if case is None else await session.get(CaseRoute, case.id, with_for_update=True)
    if route is None or conversation.status != ConversationStatus.WAITING:
        return None
    team = staff.teams.get(route.team_id or 0)
    if team is None:
        return None
    present = await present_agents(session, team, staff=staff, now=now, locked=True)
    unwilling = await _released_by(session, conversation_id)
    agent = next_agent([one for one in present if one.id != unwilling], passed_over=route.passed_over)
    if agent is None:
        return None
    become(conversation, ConversationStatus.OPEN, assignee_id=agent.id)
    user = await session.get_one(User, agent.id)
    state = await session.get_one(AgentState, agent.id)
    state.assigned_at = route.assigned_at = now
    note_event(session, conversation, EventKind.ASSIGN, at=now, user=actor_of(user), details={"team": team.name})
    return agent.id


async def _released_by(session: AsyncSession, conversation_id: int) -> int | None:
    """Who put it back himself: routing does not give it to him again. From the silent it was taken, he did not."""
    latest = await session.scalar(
        select(Event)
        .where(Event.conversation_id == conversation_id, Event.kind.in_((EventKind.RELEASE, EventKind.HANDOFF)))
        .order_by(Event.id.desc())
        .limit(1)
    )
    given_back = latest is not None and latest.kind == EventKind.RELEASE and latest.details.get("by") != "silence"
    return latest.user_id if latest is not None and given_back else None


async def take_from_silent(session: AsyncSession, conversation_id: int, *, staff: Staff, now: datetime) -> bool:
    """Put a case back into its queue when its owner has let the customer wait too long. Returns whether he had."""
    conversation = await load(session, conversation_id)
    case = await open_case_of(session, conversation_id)
    route = None if case is None else await session.get(CaseRoute, case.id, with_for_update=True)
    if route is None or not await is_silent(session, conversation, route, staff=staff, now=now):
        return False
    silent = await session.get_one(User, conversation.assignee_id)
    route.passed_over = {**route.passed_over, str(silent.id): now.isoformat()}
    become(conversation, ConversationStatus.WAITING)
    note_event(session, conversation, EventKind.RELEASE, at=now, user=actor_of(silent), details={"by": "silence"})
    return True


async def is_silent(
    session: AsyncSession, conversation: Conversation, route: CaseRoute, *, staff: Staff, now: datetime
) -> bool:
    """Has the owner let the customer wait longer than his team allows, since he has it or since the customer wrote?

    Who answers others meanwhile is busy and not silent; he has three times as long.
    """
    team = staff.teams.get(route.team_id or 0)
    waits = conversation.status == ConversationStatus.OPEN and conversation.waiting_since is not None
    if team is None or team.silent_minutes is None or conversation.assignee_id is None or not waits:
        return False
    taken_at = await session.scalar(
        select(func.max(Event.at)).where(
            Event.conversation_id == conversation.id, Event.kind.in_((EventKind.CLAIM, EventKind.ASSIGN))
        )
    )
    since = max(conversation.waiting_since or now, taken_at or conversation.created_at)
    wrote_at = await session.scalar(
        select(func.max(Message.created_at)).where(
            Message.user_id == conversation.assignee_id, Message.purpose == Purpose.REPLY, Message.created_at > since
        )
    )
    allowed = timedelta(minutes=team.silent_minutes)
    return _is_over(team, since, allowed * _BUSY, now=now) or _is_over(team, wrote_at or since, allowed, now=now)


def _is_over(team: StaffedTeam, since: datetime, span: timedelta, *, now: datetime) -> bool:
    until = since + span if team.hours is None else team.hours.after(since, span)
    return until is not None and until <= now
