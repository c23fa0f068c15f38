"""Cases: what became of each handoff (METRICS.md sections 3 and 4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from metrics.clocks import Stopwatch
from metrics.episodes import Conversation
from metrics.facts import Claim, Fact, Handoff, Message, Resolve, ResponseKind


class CaseOutcome(StrEnum):
    PICKED_UP = "picked_up"
    ABANDONED = "abandoned"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One handoff and what lies in its reach."""

    requested_at: datetime
    answered_at: datetime | None
    """The first human response after the handoff."""
    resolved_at: datetime | None
    """The last resolve; None while the case is open."""
    overtaken: bool
    """A newer case of the conversation took over."""
    customer_wrote_at: datetime | None
    """The conversation's last customer message."""

    @property
    def wait(self) -> Stopwatch:
        return Stopwatch(started_at=self.requested_at, stopped_at=self.answered_at)

    @property
    def resolution(self) -> Stopwatch:
        return Stopwatch(started_at=self.requested_at, stopped_at=self.resolved_at)

    def outcome(self, *, now: datetime, gap: timedelta) -> CaseOutcome:
        """METRICS.md section 4, *Handoff outcomes*: a human response means picked up, however late."""
        if self.answered_at is not None:
            return CaseOutcome.PICKED_UP
        quiet_since = max(self.requested_at, self.customer_wrote_at or self.requested_at)
        if self.resolved_at is not None or self.overtaken or now - quiet_since >= gap:
            return CaseOutcome.ABANDONED
        return CaseOutcome.WAITING


def cases(conversation: Conversation) -> Iterator[Case]:
    """Every case of the conversation; one reaches to the next handoff or, once resolved, to the next episode's start."""
    facts = conversation.facts
    handoffs = [position for position, fact in enumerate(facts) if isinstance(fact, Handoff)]
    wrote = [fact.at for fact in facts if isinstance(fact, Message) and fact.from_customer]
    episode_starts = frozenset(conversation.starts)
    for start, stop in pairwise((*handoffs, len(facts))):
        answered_at, resolved_at = _course(facts, reach=range(start + 1, stop), episode_starts=episode_starts)
        yield Case(
            requested_at=facts[start].at,
            answered_at=answered_at,
            resolved_at=resolved_at,
            overtaken=stop < len(facts),
            customer_wrote_at=wrote[-1] if wrote else None,
        )


def _course(
    facts: Sequence[Fact], *, reach: range, episode_starts: frozenset[int]
) -> tuple[datetime | None, datetime | None]:
    """When the first human responded and when the case was last resolved, at the positions it may reach."""
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    for position in reach:
        if resolved_at is not None and position in episode_starts:
            break
        fact = facts[position]
        if isinstance(fact, Resolve):
            resolved_at = fact.at
        elif isinstance(fact, Claim):
            resolved_at = None  # a claim after the last resolve reopens the case
        elif isinstance(fact, Message) and answered_at is None and fact.is_response(ResponseKind.HUMAN):
            answered_at = fact.at
    return answered_at, resolved_at
