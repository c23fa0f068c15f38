"""A desk whose cases are routed by hand-turned rounds."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.messages import Author, ConversationStatus, EventKind, MessageState, Purpose
from core.models import Conversation, Event, Message
from core.roles import Role
from handoff.cases import load, open_case
from handoff.routing.router import Router
from handoff.teams.availability import Availability, show_life
from handoff.teams.models import AgentState, Team
from handoff.teams.teams import save_team
from tests.handoff.conftest import Desk, Person


@dataclass
class Floor:
    """The desk, its teams and the router that serves them."""

    desk: Desk
    router: Router
    people: dict[str, Person] = field(default_factory=dict)

    async def agent(self, name: str, *, capacity: int = 5, online: bool = True) -> Person:
        person = await self.desk.person(Role.AGENT, f"{name}@example.com")
        self.people[name] = person
        async with self.desk.database.write() as session:
            session.add(AgentState(user_id=person.actor.id, capacity=capacity))
        if online:
            await self.comes(name)
        return person

    async def comes(self, name: str, chosen: Availability = Availability.ONLINE) -> None:
        async with self.desk.database.write() as session:
            await show_life(session, self.people[name].actor.id, at=self.desk.clock(), chosen=chosen)

    async def team(self, name: str, *members: str, **more: object) -> int:
        async with self.desk.database.write() as session:
            team = Team(**{"name": name, "languages": [], "channels": [], "created_at": self.desk.clock()} | more)
            await save_team(session, team, members=[self.people[one].actor.id for one in members])
        return team.id

    async def case(self, *, language: str = "en", priority: int = 0) -> int:
        """A customer writes and is handed off now. Returns the conversation's id."""
        conversation_id = await self.desk.conversation(ConversationStatus.BOT)
        async with self.desk.database.write() as session:
            conversation = await load(session, conversation_id)
            conversation.language = language
            await open_case(
                session,
                conversation,
                reason="asked_for_human",
                priority=priority,
                language=language,
                at=self.desk.clock(),
            )
        return conversation_id

    async def conversation(self, conversation_id: int) -> Conversation:
        async with self.desk.database.read() as session:
            return await session.get_one(Conversation, conversation_id)

    async def owner(self, conversation_id: int) -> str | None:
        found = await self.conversation(conversation_id)
        return next((name for name, one in self.people.items() if one.actor.id == found.assignee_id), None)

    async def replies(self, name: str, conversation_id: int, *, at: datetime | None = None) -> None:
        """That agent answers, and the platform accepts it."""
        async with self.desk.database.write() as session:
            conversation = await load(session, conversation_id)
            session.add(
                Message(
                    conversation_id=conversation_id,
                    account_id=conversation.account_id,
                    author=Author.AGENT,
                    purpose=Purpose.REPLY,
                    text="Hello",
                    at=at or self.desk.clock(),
                    created_at=at or self.desk.clock(),
                    state=MessageState.SENT,
                    user_id=self.people[name].actor.id,
                )
            )
            conversation.waiting_since = None

    async def events(self, conversation_id: int, kind: EventKind) -> list[Event]:
        async with self.desk.database.read() as session:
            query = select(Event).where(Event.conversation_id == conversation_id, Event.kind == kind)
            return list(await session.scalars(query.order_by(Event.id)))


@pytest.fixture
async def floor(desk: Desk) -> Floor:
    windows = {"telegram": None, "messenger": timedelta(days=1)}
    return Floor(desk=desk, router=Router(database=desk.database, clock=desk.clock, windows=windows))
