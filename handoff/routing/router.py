"""Routing as background work: places new cases, offers waiting ones, takes them from the silent, keeps the timers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from core.clock import Clock
from core.database import Database
from core.messages import ConversationStatus
from core.models import Account, Conversation
from handoff.cases import load, open_case_of
from handoff.models import Case
from handoff.routing.choosing import Queued, in_turn
from handoff.routing.models import CaseRoute
from handoff.routing.placing import is_silent, offer, place_case, present_agents, take_from_silent
from handoff.routing.timers import due_timers, keep_timer
from handoff.teams.teams import Staff, load_staff

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """What one round did."""

    placed: int
    taken_back: int
    given: int


class Router:
    """`windows`: by channel, how long after the customer's last message a person may write; None or absent: always."""

    def __init__(self, *, database: Database, clock: Clock, windows: Mapping[str, timedelta | None]) -> None:
        self._database = database
        self._clock = clock
        self._windows = windows

    async def route_once(self) -> Routed:
        """One round over all open cases, each in a short transaction of its own."""
        async with self._database.read() as session:
            staff = await load_staff(session)
        placed = await self._place(staff)
        taken_back = await self._take_back(staff)
        given = await self._offer(staff)
        await self._keep_timers(staff)
        if placed or taken_back or given:
            log.info("routed", placed=placed, taken_back=taken_back, given=given)
        return Routed(placed=placed, taken_back=taken_back, given=given)

    async def _place(self, staff: Staff) -> int:
        async with self._database.read() as session:
            rows = await session.scalars(
                select(Case.conversation_id)
                .outerjoin(CaseRoute, CaseRoute.case_id == Case.id)
                .where(Case.closed_at.is_(None), CaseRoute.case_id.is_(None))
            )
            unplaced = list(rows)
        for conversation_id in unplaced:
            async with self._database.write() as session:
                conversation = await load(session, conversation_id)
                case = await open_case_of(session, conversation_id)
                if case is not None:
                    await place_case(session, case, conversation, staff=staff)
        return len(unplaced)

    async def _take_back(self, staff: Staff) -> int:
        shortest = min((team.silent_minutes for team in staff.teams.values() if team.silent_minutes), default=None)
        if shortest is None:
            return 0
        now = self._clock()
        async with self._database.read() as session:
            rows = await session.execute(
                select(Conversation, CaseRoute)
                .join(Case, Case.conversation_id == Conversation.id)
                .join(CaseRoute, CaseRoute.case_id == Case.id)
                .where(
                    Case.closed_at.is_(None),
                    CaseRoute.team_id.is_not(None),
                    Conversation.status == ConversationStatus.OPEN,
                    Conversation.waiting_since <= now - timedelta(minutes=shortest),
                )
            )
            silent = [row.Conversation.id for row in rows.all() if await is_silent(session, *row, staff=staff, now=now)]
        taken = 0
        for conversation_id in silent:
            async with self._database.write() as session:
                taken += await take_from_silent(session, conversation_id, staff=staff, now=self._clock())
        return taken

    async def _offer(self, staff: Staff) -> int:
        given = 0
        now = self._clock()
        for team_id, queue in (await self._queues(staff)).items():
            async with self._database.read() as session:
                agents = await present_agents(session, staff.teams[team_id], staff=staff, now=now)
            room = sum(max(0, agent.capacity - agent.load) for agent in agents)
            for queued in queue:
                if room <= 0:
                    break
                async with self._database.write() as session:
                    found = await offer(session, queued.conversation_id, staff=staff, now=self._clock())
                if found is not None:
                    room, given = room - 1, given + 1
        return given

    async def _queues(self, staff: Staff) -> Mapping[int, Sequence[Queued]]:
        """The waiting cases of every team that has members, in their turn."""
        now = self._clock()
        async with self._database.read() as session:
            rows = await session.execute(
                select(Case, CaseRoute.team_id, Conversation, Account.channel)
                .join(CaseRoute, CaseRoute.case_id == Case.id)
                .join(Conversation, Conversation.id == Case.conversation_id)
                .join(Account, Account.id == Conversation.account_id)
                .where(
                    Case.closed_at.is_(None),
                    CaseRoute.team_id.in_([team.id for team in staff.teams.values() if team.members]),
                    Conversation.status == ConversationStatus.WAITING,
                )
            )
            queues: dict[int, list[Queued]] = {}
            for case, team_id, conversation, channel in rows:
                if team_id is not None:
                    queues.setdefault(team_id, []).append(self._queued(case, team_id, conversation, channel))
        return {team_id: in_turn(queue, now=now) for team_id, queue in queues.items()}

    def _queued(self, case: Case, team_id: int, conversation: Conversation, channel: str) -> Queued:
        window = self._windows.get(channel)
        wrote = conversation.last_customer_at
        return Queued(
            case_id=case.id,
            conversation_id=conversation.id,
            team_id=team_id,
            priority=case.priority,
            waiting_since=conversation.waiting_since or case.opened_at,
            window_closes_at=None if window is None or wrote is None else wrote + window,
        )

    async def _keep_timers(self, staff: Staff) -> None:
        now: datetime = self._clock()
        async with self._database.read() as session:
            due = await due_timers(session, now=now)
        for conversation_id in due:
            async with self._database.write() as session:
                await keep_timer(session, conversation_id, staff=staff, now=now)
