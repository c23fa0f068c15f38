"""Makes the promise of a case: computed, noted as an event, and given back to be told."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import EventKind
from core.models import Conversation
from handoff.cases import note_event
from handoff.models import Case
from handoff.promises.computing import compute_promise
from handoff.promises.recent_waits import recent_waits
from handoff.routing.placing import place_case
from handoff.teams.teams import load_staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the customer is told: until when, and what day and time it is now, both in the brand's time zone."""

    until: datetime
    now: datetime


async def promise_for(session: AsyncSession, case: Case, conversation: Conversation, *, now: datetime) -> Told | None:
    """Place the case into its team's queue and promise when a person will answer.

    None where the managers want no promises or where none can be computed; then nothing is noted either.
    """
    staff = await load_staff(session)
    route = await place_case(session, case, conversation, staff=staff)
    if not staff.rules.promise:
        return None
    hours = staff.hours_of(route.team_id)
    recent = await recent_waits(session, team_id=route.team_id, case_id=case.id, hours=hours, now=now)
    promise = compute_promise(recent.waits, ahead=recent.ahead, oldest=recent.oldest, hours=hours, now=now)
    if promise is None:
        return None
    team = staff.teams.get(route.team_id or 0)
    details = {
        "case": case.id,
        "until": promise.until.isoformat(),
        "open_seconds": round(promise.open_time.total_seconds()),
        "waits": promise.waits,
        "ahead": promise.ahead,
        "team": team.name if team is not None and recent.team else None,
    }
    note_event(session, conversation, EventKind.PROMISE, at=now, details=details)
    zone = ZoneInfo(staff.timezone)
    return Told(until=promise.until.astimezone(zone), now=now.astimezone(zone))
