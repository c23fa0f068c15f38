"""Teams as they are used: with their members and the hours that hold for them; and what changes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.errors import Conflict, NotFound, UserMistake
from core.models import User
from core.preferences import load_brand
from handoff.desk_rules import DeskRules, ServiceLevel, load_rules
from handoff.hours.brand_hours import brand_hours
from handoff.hours.opening_hours import OpeningHours
from handoff.hours.parsing import parse_opening_hours, refuse_overlaps
from handoff.routing.models import CaseRoute
from handoff.teams.models import Team, TeamMember


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffedTeam:
    """`members` are active users; `hours` None: always there."""

    id: int
    name: str
    languages: frozenset[str]
    channels: frozenset[str]
    members: tuple[int, ...]
    hours: OpeningHours | None
    level: ServiceLevel
    silent_minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """All teams, and what holds where a case belongs to none."""

    rules: DeskRules
    timezone: str
    hours: OpeningHours | None
    teams: Mapping[int, StaffedTeam]

    def hours_of(self, team_id: int | None) -> OpeningHours | None:
        team = self.teams.get(team_id or 0)
        return self.hours if team is None else team.hours

    def level_of(self, team_id: int | None) -> ServiceLevel:
        team = self.teams.get(team_id or 0)
        return self.rules.level if team is None else team.level


async def load_staff(session: AsyncSession) -> Staff:
    rules, brand = await load_rules(session), await load_brand(session)
    teams = (await session.scalars(select(Team).order_by(Team.id))).all()
    members = await _members(session) if teams else {}
    hours = brand_hours(brand)
    return Staff(
        rules=rules,
        timezone=brand.timezone,
        hours=hours,
        teams={
            team.id: StaffedTeam(
                id=team.id,
                name=team.name,
                languages=frozenset(team.languages),
                channels=frozenset(team.channels),
                members=tuple(members.get(team.id, ())),
                hours=hours if team.hours is None else team_hours(team.hours, brand.timezone),
                level=rules.level if team.level is None else ServiceLevel.model_validate(team.level),
                silent_minutes=team.silent_minutes,
            )
            for team in teams
        },
    )


async def _members(session: AsyncSession) -> dict[int, list[int]]:
    """The active users of each team."""
    members: dict[int, list[int]] = {}
    rows = await session.execute(
        select(TeamMember.team_id, TeamMember.user_id)
        .join(User, User.id == TeamMember.user_id)
        .where(User.active)
        .order_by(TeamMember.user_id)
    )
    for team_id, user_id in rows:
        members.setdefault(team_id, []).append(user_id)
    return members


def team_hours(stored: Mapping[str, Any], brand_timezone: str) -> OpeningHours | None:
    """A team's own hours; a zone it does not name is the brand's. Raises `OpeningHoursMistake`."""
    return parse_opening_hours(
        hours=stored.get("hours"),
        closed=stored.get("closed") or [],
        timezone=stored.get("timezone") or brand_timezone,
        country=stored.get("holidays"),
    )


async def save_team(session: AsyncSession, team: Team, *, members: Sequence[int]) -> Team:
    """Store a new or changed team. Raises `UserMistake` for what cannot be meant, `Conflict` for a name in use."""
    team.name = team.name.strip()
    if not team.name:
        raise UserMistake("name: a team needs a name.")
    same = await session.scalar(select(Team.id).where(Team.name == team.name, Team.id != (team.id or 0)))
    if same is not None:
        raise Conflict("Another team has this name.")
    if team.hours is not None:
        team_hours(team.hours, (await load_brand(session)).timezone)
        refuse_overlaps(team.hours.get("hours"))
    known = set(await session.scalars(select(User.id).where(User.active, User.id.in_(members))))
    if unknown := sorted(set(members) - known):
        raise UserMistake(f"members: there is no active user {unknown[0]}.")
    session.add(team)
    await session.flush()
    await session.execute(delete(TeamMember).where(TeamMember.team_id == team.id))
    session.add_all(TeamMember(team_id=team.id, user_id=one) for one in sorted(known))
    await _time_again(session, [team.id])
    announce(session, "agents")
    return team


async def find_team(session: AsyncSession, team_id: int) -> Team:
    team = await session.get(Team, team_id)
    if team is None:
        raise NotFound("There is no such team.")
    return team


async def delete_team(session: AsyncSession, team_id: int) -> Team:
    """Its cases belong to nobody's queue then and are placed anew. Raises `NotFound`."""
    team = await find_team(session, team_id)
    await session.execute(delete(CaseRoute).where(CaseRoute.team_id == team_id))
    await session.execute(delete(TeamMember).where(TeamMember.team_id == team_id))
    await session.delete(team)
    announce(session, "agents")
    return team


async def _time_again(session: AsyncSession, team_ids: Iterable[int]) -> None:
    """Their timers are computed anew: hours or levels may be others now."""
    await session.execute(update(CaseRoute).where(CaseRoute.team_id.in_(team_ids)).values(timed_since=None))
