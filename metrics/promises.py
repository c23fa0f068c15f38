"""What became of each promise to a customer that a person would answer by a certain time.

A promise is made at a handoff. It is kept when the first human response after it, before the next handoff, came by then;
one whose time is not over and that nobody answered is pending; any other is broken.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from metrics.episodes import Conversation
from metrics.facts import Handoff, Message, Promise, ResponseKind


class PromiseOutcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    made_at: datetime
    until: datetime
    answered_at: datetime | None

    def outcome(self, *, now: datetime) -> PromiseOutcome:
        """An answer exactly at the promised time is in time."""
        if self.answered_at is not None and self.answered_at <= self.until:
            return PromiseOutcome.KEPT
        if self.answered_at is None and now <= self.until:
            return PromiseOutcome.PENDING
        return PromiseOutcome.BROKEN


def promises(conversation: Conversation) -> Iterator[Promised]:
    """Every promise made in the conversation."""
    for position, fact in enumerate(conversation.facts):
        if isinstance(fact, Promise):
            yield Promised(made_at=fact.at, until=fact.until, answered_at=_answered_at(conversation, position))


def count_promises(found: Iterable[Promised], *, now: datetime) -> dict[str, int | float | None]:
    """`promises` of the report; the rate is kept ÷ (kept + broken)."""
    outcomes = Counter(one.outcome(now=now) for one in found)
    due = outcomes[PromiseOutcome.KEPT] + outcomes[PromiseOutcome.BROKEN]
    return {
        "made": outcomes.total(),
        **{outcome.value: outcomes[outcome] for outcome in PromiseOutcome},
        "rate": outcomes[PromiseOutcome.KEPT] / due if due else None,
    }


def _answered_at(conversation: Conversation, position: int) -> datetime | None:
    for fact in conversation.facts[position + 1 :]:
        if isinstance(fact, Handoff):
            return None
        if isinstance(fact, Message) and fact.is_response(ResponseKind.HUMAN):
            return fact.at
    return None
