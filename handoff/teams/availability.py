"""Who is there: what an agent chose, and when he last did something on a screen of ours."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from handoff.desk_rules import DeskRules
from handoff.teams.models import AgentState

_SIGN_EVERY: Final = timedelta(seconds=50)
"""Signs of life come about once a minute; nearer ones are not written."""


class Availability(StrEnum):
    ONLINE = "online"
    AWAY = "away"
    """Chosen, or nothing was done for a while: routing gives him nothing."""
    OFFLINE = "offline"


def availability(state: AgentState | None, rules: DeskRules, *, now: datetime) -> Availability:
    """Whatever he chose, who did nothing for long is away, and later offline."""
    if state is None or state.seen_at is None or state.chosen == Availability.OFFLINE:
        return Availability.OFFLINE
    quiet = now - state.seen_at
    if quiet > timedelta(minutes=max(rules.offline_minutes, rules.away_minutes)):
        return Availability.OFFLINE
    if quiet > timedelta(minutes=rules.away_minutes) or state.chosen == Availability.AWAY:
        return Availability.AWAY
    return Availability.ONLINE


async def show_life(
    session: AsyncSession, user_id: int, *, at: datetime, chosen: Availability | None = None
) -> AgentState:
    """The agent does something now, and has chosen to be `chosen` if that is given."""
    state = await state_of(session, user_id)
    changed = chosen is not None and state.chosen != chosen
    if changed and chosen is not None:
        state.chosen = chosen
    if changed or state.seen_at is None or state.seen_at + _SIGN_EVERY <= at:
        state.seen_at = at
        announce(session, "agents")
    return state


async def state_of(session: AsyncSession, user_id: int) -> AgentState:
    """The row of that user, made where there was none."""
    state = await session.get(AgentState, user_id)
    if state is None:
        state = AgentState(user_id=user_id, chosen=Availability.ONLINE, capacity=5)
        session.add(state)
        await session.flush()
    return state
