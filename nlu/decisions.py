"""What the understanding may decide about a turn: answer, ask back, talk small, or fetch a person."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a conversation goes to a person."""

    ASKED_FOR_HUMAN = "asked_for_human"
    NOT_UNDERSTOOD = "not_understood"
    LOW_CONFIDENCE = "low_confidence"
    SENSITIVE_TOPIC = "sensitive_topic"
    ANGRY = "angry"
    MEDIA_ONLY = "media_only"
    REPEATED_FAILURE = "repeated_failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry that may be what the customer wants.

    `confidence` is the calibrated probability (0 to 1) that it is right; `question` the entry's question in
    `language`, the best one it has for this customer.
    """

    entry: str
    confidence: float
    language: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Say the entry's answer. `also` are further entries asked for in the same turn (two questions at once).

    `sure` is False for an answer that is likelier right than not but may be wrong more often than the operator's limit:
    worth a "did this help?". `language` is the customer's, here and in every other decision.
    """

    entry: str
    confidence: float
    candidates: tuple[Candidate, ...]
    language: str
    also: tuple[Candidate, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarify:
    """Ask which of two or three entries was meant."""

    candidates: tuple[Candidate, ...]
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTalk:
    """The whole message is small talk: greeting, thanks, goodbye, how_are_you, are_you_a_bot, compliment,
    acknowledgement, who_are_you, apology, laughter.
    """

    kind: str
    language: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """Fetch a person. `priority`: 0 normal, 1 high, 2 urgent."""

    reason: Reason
    priority: int
    candidates: tuple[Candidate, ...]
    language: str


Decision = Answer | Clarify | SmallTalk | HandOff
