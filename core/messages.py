"""The words of a conversation: who wrote, why, in which state; what a message can carry."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Purpose(StrEnum):
    """Why our side wrote (METRICS.md section 1); a customer's message has none, but for the last."""

    ANSWER = "answer"
    CLARIFICATION = "clarification"
    SMALLTALK = "smalltalk"
    NOTICE = "notice"
    BROADCAST = "broadcast"
    REPLY = "reply"
    """An agent's message to the customer."""
    NOTE = "note"
    """An agent's private note: never leaves the desk, is in no figure."""
    DRAFT = "draft"
    """The bot's late answer, offered to the agent who took over: never leaves the desk by itself."""
    BLOCKED = "blocked"
    """A message of a customer whom somebody blocked: it is kept, nobody was told, and it is in no figure."""


class MessageState(StrEnum):
    """Inbound `received → handled`; outbound `pending → sending → sent → delivered → read`, or the last two."""

    RECEIVED = "received"
    HANDLED = "handled"
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


ACCEPTED_STATES = frozenset({MessageState.SENT, MessageState.DELIVERED, MessageState.READ})
"""The platform took the message: only these count as a response (METRICS.md section 1)."""


class ConversationStatus(StrEnum):
    BOT = "bot"
    """Nobody waits."""
    WAITING = "waiting"
    """Handed off, nobody took it."""
    OPEN = "open"
    """An agent owns it."""
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class EventKind(StrEnum):
    """What happened to a conversation beside its messages: the facts of METRICS.md section 1 and the desk's timeline."""

    HANDOFF = "handoff"
    CLAIM = "claim"
    ASSIGN = "assign"
    """Routing gave it to an agent."""
    TRANSFER = "transfer"
    """Put into a team's queue."""
    RELEASE = "release"
    HAND_BACK = "hand_back"
    SNOOZE = "snooze"
    WAKE = "wake"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    FEEDBACK = "feedback"
    PROMISE = "promise"
    """The customer was told when to expect a person."""
    WARNING = "warning"
    """The service level is about to be missed, or is missed."""
    RATING_ASKED = "rating_asked"
    RATING = "rating"


class AttachmentKind(StrEnum):
    PICTURE = "picture"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"
    CONTACT = "contact"
    LOCATION = "location"
    LINK = "link"
    STORY = "story"
    POST = "post"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One thing beside the text.

    `reference` is the platform's handle (a Telegram `file_id`, a media id); `url` a link that may expire or hold a
    secret and is therefore never shown to a browser as it is. `details` are small extras (latitude, emoji, phone …).
    """

    kind: AttachmentKind
    reference: str | None = None
    url: str | None = None
    name: str | None = None
    media_type: str | None = None
    size_bytes: int | None = None
    details: Mapping[str, Any] | None = None
    stored: str | None = None
    """digest of our own copy (core.models.StoredFile)"""
    problem: str | None = None
    """why there is no copy, in one sentence"""

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**data, "kind": AttachmentKind(data["kind"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under our message. With `url` it opens a page, else `payload` (≤ 64 bytes) comes back when pressed."""

    title: str
    payload: str | None = None
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)
