"""A team at work on simulated days: a clock that is turned, customers on the fake platforms, agents over REST."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import func, or_, select

from core.messages import ConversationStatus, MessageState
from core.models import Conversation, Message
from handoff.models import Case
from tests.running_house import House

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class SimulatedClock:
    """Runs like any clock, from a moment of one's own, and can be set forward."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment
        self._since = monotonic()

    def __call__(self) -> datetime:
        return self._moment + timedelta(seconds=monotonic() - self._since)

    def set(self, moment: datetime) -> None:
        self._moment, self._since = max(moment, self()), monotonic()


@dataclass(kw_only=True)
class Agent:
    """Answers one customer at a time, each after a while, and resolves the case. `works`: day → local hours from, to.

    `silent_on`: on those days he is online and answers nobody.
    """

    name: str
    http: httpx.AsyncClient
    id: int
    zone: ZoneInfo
    works: dict[str, tuple[int, int]]
    silent_on: frozenset[str] = frozenset()
    busy_until: datetime = _LONG_AGO
    answering: int | None = None

    def is_there(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        begins, ends = self.works.get(local.date().isoformat(), (0, 0))
        return begins <= local.hour < ends

    def is_silent(self, now: datetime) -> bool:
        return now.astimezone(self.zone).date().isoformat() in self.silent_on


@dataclass(kw_only=True)
class Floor:
    """The running house, its clock, and everybody in it."""

    house: House
    clock: SimulatedClock
    chance: random.Random
    agents: list[Agent] = field(default_factory=list)
    written: int = 0

    def customers_come(self, count: int) -> None:
        """Each on the next platform, with a question that only a person can answer."""
        for _ in range(count):
            self.written += 1
            name = f"Customer {self.written}"
            if self.written % 2:
                self.house.simulator.telegram.customer(name).write(f"human please, number {self.written}")
            else:
                self.house.simulator.messenger.customer(name).write(f"human please, number {self.written}")

    async def until_quiet(self) -> None:
        """All that customers wrote is decided, and all that was to be told is told."""

        async def is_quiet() -> bool:
            async with self.house.product.database.read() as session:
                cases = await session.scalar(select(func.count()).select_from(Case)) or 0
                waiting = await session.scalar(
                    select(func.count())
                    .select_from(Message)
                    .where(or_(Message.state.in_((MessageState.PENDING, MessageState.SENDING, MessageState.RECEIVED))))
                )
            return cases >= self.written and not waiting

        await self.house.until(is_quiet, seconds=120)

    async def agents_work(self) -> None:
        """Those who are there show life; who has finished thinking answers, and takes the next of his own."""
        now = self.clock()
        for agent in self.agents:
            if not agent.is_there(now):
                agent.answering = None
                continue
            await agent.http.post("/api/v1/availability/me", json={"chosen": "online"})
            if agent.is_silent(now):
                continue
            if agent.answering is not None and agent.busy_until <= now:
                await self._answer(agent)
            if agent.answering is None:
                await self._take_next(agent, now)

    async def agents_leave(self) -> None:
        """Who is not there has gone offline, as people do when they close the desk."""
        for agent in self.agents:
            if not agent.is_there(self.clock()):
                await agent.http.post("/api/v1/availability/me", json={"chosen": "offline"})

    async def _answer(self, agent: Agent) -> None:
        address = f"/api/v1/conversations/{agent.answering}"
        sent = await agent.http.post(f"{address}/messages", json={"text": f"This is {agent.name}, here to help."})
        if sent.is_success:  # else it was taken from him meanwhile
            await agent.http.post(f"{address}/resolve", json={})
        agent.answering = None

    async def _take_next(self, agent: Agent, now: datetime) -> None:
        async with self.house.product.database.read() as session:
            found = await session.scalar(
                select(Conversation.id)
                .where(
                    Conversation.assignee_id == agent.id,
                    Conversation.status == ConversationStatus.OPEN,
                    Conversation.waiting_since.is_not(None),
                )
                .order_by(Conversation.waiting_since)
                .limit(1)
            )
        if found is not None:
            agent.answering = found
            agent.busy_until = now + timedelta(minutes=self.chance.uniform(2, 9))
