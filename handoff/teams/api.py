"""REST: teams, who of them is there, and the rules that hold for all."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.access import Access
from core.clock import Clock
from core.database import Database
from core.errors import NotFound
from core.identity import Identity
from core.languages import LANGUAGES
from core.models import User
from core.roles import Actor, Permission
from handoff.desk_rules import DeskRules, ServiceLevel, load_rules, save_rules
from handoff.teams.availability import Availability, availability, show_life, state_of
from handoff.teams.models import AgentState, Team, TeamMember
from handoff.teams.teams import delete_team, find_team, save_team

Language = Annotated[str, Field(pattern=f"^({'|'.join(LANGUAGES)})$")]
ChannelName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]


class TeamHours(BaseModel):
    """As the brand's: METRICS.md section 6. A time zone that is not given is the brand's."""

    model_config = ConfigDict(extra="forbid")

    hours: dict[str, Any]
    closed: list[str] = Field(default_factory=list, max_length=2000)
    timezone: str | None = Field(default=None, max_length=64)
    holidays: str | None = Field(default=None, max_length=16)


class NewTeam(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=64)
    languages: list[Language] = Field(default_factory=list, max_length=20)
    """None named: all of them."""
    channels: list[ChannelName] = Field(default_factory=list, max_length=20)
    members: list[Annotated[int, Field(ge=1, le=2**31 - 1)]] = Field(default_factory=list, max_length=500)
    hours: TeamHours | None = None
    """Null: the brand's."""
    level: ServiceLevel | None = None
    """Null: the one of the desk rules."""
    silent_minutes: int | None = Field(default=None, ge=1, le=10_080)


class TeamItem(NewTeam):
    id: int
    problem: str | None
    """What keeps the team from being given cases, in one sentence; null while all is well."""


class TeamList(BaseModel):
    items: list[TeamItem]


class AgentItem(BaseModel):
    id: int
    name: str
    chosen: Availability
    now: Availability
    capacity: int


class AgentStates(BaseModel):
    items: list[AgentItem]


class Life(BaseModel):
    model_config = ConfigDict(extra="forbid")

    chosen: Availability | None = None


class Capacity(BaseModel):
    model_config = ConfigDict(extra="forbid")

    capacity: int = Field(ge=0, le=200)


def create_router(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    """To be mounted under `/api/v1`."""
    router = APIRouter(tags=["teams"])
    router.include_router(_availability(database=database, clock=clock, access=access))
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type
    Editing = Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]  # noqa: N806 - a type

    @router.get("/teams")
    async def teams(actor: Answering) -> TeamList:
        """The oldest first."""
        del actor
        async with database.read() as session:
            found = (await session.scalars(select(Team).order_by(Team.id))).all()
            return TeamList(items=[await _team_item(session, team) for team in found])

    @router.post("/teams", status_code=HTTPStatus.CREATED)
    async def add(new: NewTeam, actor: Editing) -> TeamItem:
        async with database.write() as session:
            team = await save_team(session, _filled(Team(created_at=clock()), new), members=new.members)
            audit.record(session, actor, "team.added", at=clock(), subject=team.name)
            return await _team_item(session, team)

    @router.put("/teams/{team_id}")
    async def change(team_id: Identity, new: NewTeam, actor: Editing) -> TeamItem:
        async with database.write() as session:
            team = await find_team(session, team_id)
            before = (await _team_item(session, team)).model_dump(mode="json")
            after = await _team_item(session, await save_team(session, _filled(team, new), members=new.members))
            details = audit.difference(before, after.model_dump(mode="json"))
            audit.record(session, actor, "team.changed", at=clock(), subject=team.name, details=details)
            return after

    @router.delete("/teams/{team_id}", status_code=HTTPStatus.NO_CONTENT)
    async def remove(team_id: Identity, actor: Editing) -> None:
        """Its waiting cases go to the other teams."""
        async with database.write() as session:
            team = await delete_team(session, team_id)
            audit.record(session, actor, "team.removed", at=clock(), subject=team.name)

    @router.get("/desk-rules")
    async def rules(actor: Answering) -> DeskRules:
        del actor
        async with database.read() as session:
            return await load_rules(session)

    @router.put("/desk-rules")
    async def set_rules(new: DeskRules, actor: Editing) -> DeskRules:
        async with database.write() as session:
            details = audit.difference((await load_rules(session)).model_dump(), new.model_dump())
            await save_rules(session, new)
            audit.record(session, actor, "desk_rules.changed", at=clock(), details=details)
        return new

    return router


def _availability(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/availability")
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type
    Editing = Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]  # noqa: N806 - a type

    @router.get("")
    async def everybody(actor: Answering) -> AgentStates:
        """Who is online, away or offline now, by name."""
        del actor
        async with database.read() as session:
            rules = await load_rules(session)
            users = await session.execute(
                select(User, AgentState).outerjoin(AgentState, AgentState.user_id == User.id).where(User.active)
            )
            items = [_agent_item(user, state, rules=rules, clock=clock) for user, state in users]
        return AgentStates(items=sorted(items, key=lambda one: one.name.lower()))

    @router.post("/me")
    async def live(body: Life, actor: Answering) -> AgentItem:
        """A sign of life of one's own; with `chosen`, what one wants to be from now on."""
        async with database.write() as session:
            state = await show_life(session, actor.id, at=clock(), chosen=body.chosen)
            user = await session.get_one(User, actor.id)
            return _agent_item(user, state, rules=await load_rules(session), clock=clock)

    @router.put("/{user_id}")
    async def capacity(user_id: Identity, body: Capacity, actor: Editing) -> AgentItem:
        """How many open conversations routing gives him at once; 0: none."""
        async with database.write() as session:
            user = await session.get(User, user_id)
            if user is None or not user.active:
                raise NotFound("There is no such user.")
            state = await state_of(session, user_id)
            details = {"capacity": [state.capacity, body.capacity]}
            state.capacity = body.capacity
            audit.record(session, actor, "agent.capacity", at=clock(), subject=user.email, details=details)
            return _agent_item(user, state, rules=await load_rules(session), clock=clock)

    return router


def _filled(team: Team, new: NewTeam) -> Team:
    team.name, team.languages, team.channels = new.name, sorted(set(new.languages)), sorted(set(new.channels))
    team.hours = None if new.hours is None else new.hours.model_dump(mode="json")
    team.level = None if new.level is None else new.level.model_dump(mode="json")
    team.silent_minutes = new.silent_minutes
    return team


async def _team_item(session: AsyncSession, team: Team) -> TeamItem:
    members = await session.scalars(
        select(TeamMember.user_id)
        .join(User, User.id == TeamMember.user_id)
        .where(TeamMember.team_id == team.id, User.active)
        .order_by(TeamMember.user_id)
    )
    found = list(members)
    return TeamItem(
        id=team.id,
        name=team.name,
        languages=team.languages,
        channels=team.channels,
        members=found,
        hours=None if team.hours is None else TeamHours.model_validate(team.hours),
        level=None if team.level is None else ServiceLevel.model_validate(team.level),
        silent_minutes=team.silent_minutes,
        problem=None if found else "The team has no members: no case is given to it.",
    )


def _agent_item(user: User, state: AgentState | None, *, rules: DeskRules, clock: Clock) -> AgentItem:
    return AgentItem(
        id=user.id,
        name=user.name or user.email,
        chosen=Availability.ONLINE if state is None else Availability(state.chosen),
        now=availability(state, rules, now=clock()),
        capacity=5 if state is None else state.capacity,
    )
