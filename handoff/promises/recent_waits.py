"""The waits that a promise is computed from, read on the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handoff.hours.opening_hours import OpeningHours
from handoff.models import Case
from handoff.promises.computing import FEWEST_WAITS, Wait
from handoff.routing.models import CaseRoute
from handoff.routing.timers import first_human_response

_RECENT: Final = timedelta(days=28)
_MOST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentWaits:
    """`team` False: the team has too few of its own, so those of everybody are taken."""

    waits: Sequence[Wait]
    ahead: int
    oldest: timedelta
    team: bool


async def recent_waits(
    session: AsyncSession, *, team_id: int | None, case_id: int, hours: OpeningHours | None, now: datetime
) -> RecentWaits:
    """The last answered cases of four weeks, and the queue in front of case `case_id`."""
    rows = await _answered(session, team_id=team_id, now=now)
    of_team = team_id is not None and len(rows) >= FEWEST_WAITS
    if team_id is not None and not of_team:
        rows = await _answered(session, team_id=None, now=now)
    ahead, oldest_at = await _queue(session, team_id=team_id, case_id=case_id, now=now)
    oldest = timedelta(0) if oldest_at is None else _open_time(hours, oldest_at, now)
    waits = [
        Wait(open_time=_open_time(hours, opened, answered), ahead=_ahead_of(opened, rows)) for opened, answered in rows
    ]
    return RecentWaits(waits=waits, ahead=ahead, oldest=oldest, team=of_team)


async def _answered(
    session: AsyncSession, *, team_id: int | None, now: datetime
) -> Sequence[tuple[datetime, datetime]]:
    """(opened, answered) of the newest ones."""
    answered_at = first_human_response()
    query = select(Case.opened_at, answered_at.label("answered_at")).where(
        Case.opened_at > now - _RECENT, answered_at.is_not(None), answered_at <= now
    )
    found = await session.execute(_of_team(query, team_id).order_by(Case.opened_at.desc()).limit(_MOST))
    return [(opened, answered) for opened, answered in found]


async def _queue(
    session: AsyncSession, *, team_id: int | None, case_id: int, now: datetime
) -> tuple[int, datetime | None]:
    """How many others wait for their first human response, and since when the first of them does."""
    query = select(func.count(), func.min(Case.opened_at)).where(
        Case.closed_at.is_(None),
        Case.id != case_id,
        Case.opened_at > now - _RECENT,
        first_human_response().is_(None),
    )
    count, oldest_at = (await session.execute(_of_team(query, team_id))).one()
    return count, oldest_at


def _of_team(query: Any, team_id: int | None) -> Any:
    if team_id is None:
        return query
    return query.join(CaseRoute, CaseRoute.case_id == Case.id).where(CaseRoute.team_id == team_id)


def _ahead_of(opened: datetime, rows: Sequence[tuple[datetime, datetime]]) -> int:
    """How many of the others had come before and were not answered yet."""
    return sum(other < opened < answered for other, answered in rows)


def _open_time(hours: OpeningHours | None, start: datetime, end: datetime) -> timedelta:
    if hours is None:
        return end - start
    return hours.between(start, end) or timedelta(0)
