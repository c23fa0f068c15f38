"""Which team, which case first, which agent: pure choices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from handoff.teams.teams import StaffedTeam

_CLOSES_SOON: Final = timedelta(hours=1)
_CLOSES_TODAY: Final = timedelta(hours=4)
_URGENT: Final = 2
_HIGH: Final = 1
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody who is online; `load` is how many open conversations he owns."""

    id: int
    load: int
    capacity: int
    assigned_at: datetime | None
    seen_at: datetime

    @property
    def has_room(self) -> bool:
        return self.load < self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A case that waits for somebody. `window_closes_at` None: the platform lets us write for ever."""

    case_id: int
    conversation_id: int
    team_id: int
    priority: int
    waiting_since: datetime
    window_closes_at: datetime | None


def team_for(teams: Iterable[StaffedTeam], *, language: str | None, channel: str) -> StaffedTeam | None:
    """The team with members that names this language and channel most exactly; the older one where two do."""

    def serves(team: StaffedTeam) -> bool:
        speaks = not team.languages or language in team.languages
        return bool(team.members) and speaks and (not team.channels or channel in team.channels)

    fitting = [team for team in teams if serves(team)]
    return max(fitting, key=lambda team: (bool(team.languages), bool(team.channels), -team.id), default=None)


def urgency(queued: Queued, *, now: datetime) -> int:
    """The case's own priority, or more where the platform's window closes soon."""
    if queued.window_closes_at is None:
        return queued.priority
    left = queued.window_closes_at - now
    if left <= timedelta(0):
        return queued.priority  # too late to hurry
    closing = _URGENT if left <= _CLOSES_SOON else _HIGH if left <= _CLOSES_TODAY else 0
    return max(queued.priority, closing)


def in_turn(queue: Iterable[Queued], *, now: datetime) -> list[Queued]:
    """Most urgent first, then the longest wait."""
    return sorted(queue, key=lambda one: (-urgency(one, now=now), one.waiting_since, one.case_id))


def next_agent(agents: Iterable[Agent], *, passed_over: Mapping[str, str]) -> Agent | None:
    """Round robin among those with room: who was given nothing for longest.

    Who was silent with this case before gets it again only where nobody else is there, and only once he has shown life
    since it was taken from him.
    """

    def turn(agent: Agent) -> tuple[datetime, int]:
        return agent.assigned_at or _NEVER, agent.id

    free = [agent for agent in agents if agent.has_room]
    fresh = [agent for agent in free if str(agent.id) not in passed_over]
    back = [agent for agent in free if agent not in fresh and _is_back(agent, passed_over[str(agent.id)])]
    return min(fresh or back, key=turn, default=None)


def _is_back(agent: Agent, passed_at: str) -> bool:
    return agent.seen_at > datetime.fromisoformat(passed_at)
