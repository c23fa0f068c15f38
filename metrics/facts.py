"""The stored facts that figures are computed from (METRICS.md section 1).

All instants are timezone-aware and in UTC. A customer's message happens at the platform's timestamp, ours when the
platform accepted it; what was not accepted, or never was for the customer, is in no figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.messages import Author, Purpose

BOT_RESPONSES: Final = frozenset({Purpose.ANSWER, Purpose.CLARIFICATION, Purpose.SMALLTALK})
_NO_MESSAGES: Final = frozenset({Purpose.NOTE, Purpose.DRAFT})


class About(StrEnum):
    """Whom a customer is asked to rate."""

    BOT = "bot"
    HUMAN = "human"


class ResponseKind(StrEnum):
    ANY = "any"
    BOT = "bot"
    HUMAN = "human"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened in a conversation. A fact may leave out the channel when another one names it."""

    at: datetime
    conversation: str
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Fact):
    """A message; `agent` is who sent it, and unknown (None) for an echo from the platform's own app."""

    author: Author
    purpose: Purpose | None = None
    agent: str | None = None
    accepted: bool = True

    @property
    def counts(self) -> bool:
        return self.accepted and self.purpose not in _NO_MESSAGES

    @property
    def from_customer(self) -> bool:
        return self.author is Author.CUSTOMER

    def is_response(self, kind: ResponseKind) -> bool:
        """METRICS.md section 1, *Responses*: a notice or broadcast of the bot never is one."""
        human = self.author is Author.AGENT
        if kind is ResponseKind.HUMAN:
            return human
        if kind is ResponseKind.BOT:
            return self.is_bots(Purpose.ANSWER)
        return human or (self.author is Author.BOT and self.purpose in BOT_RESPONSES)

    def is_bots(self, purpose: Purpose) -> bool:
        return self.author is Author.BOT and self.purpose is purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff(Fact):
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Fact):
    """At a handoff the customer was told that a person answers by `until`."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Fact):
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve(Fact):
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback(Fact):
    """What the customer said of a bot answer."""

    helpful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingAsked(Fact):
    about: About


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Fact):
    """A score from 1 to 5."""

    about: About
    score: int


_OURS: Final = 3
_ORDER: Final[dict[type[Fact], int]] = {
    Handoff: 1,
    Promise: 1,
    Claim: 2,
    Feedback: 4,
    Resolve: 5,
    RatingAsked: 6,
    Rating: 7,
}


def _place(fact: Fact) -> tuple[datetime, int]:
    if isinstance(fact, Message):
        return fact.at, 0 if fact.from_customer else _OURS
    return fact.at, _ORDER[type(fact)]


def in_order(facts: Iterable[Fact], *, now: datetime) -> list[Fact]:
    """The facts that count at `now`, in the order of METRICS.md section 1.

    At one instant: customer message, handoff, claim, our message, feedback, resolve, rating asked, rating; what is
    alike in that too keeps the order in which it came.
    """
    known = (fact for fact in facts if fact.at <= now and (not isinstance(fact, Message) or fact.counts))
    return sorted(known, key=_place)
