"""What the REST interface answers (DESIGN.md section 4): conversations, cases, messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from core.messages import Author, ConversationStatus, EventKind, MessageState, Purpose


class ContactItem(BaseModel):
    id: int
    name: str
    handle: str | None = None
    language: str | None = None
    reachable: bool = True


class UserName(BaseModel):
    id: int
    name: str
    """The e-mail address where no name is known."""


class TeamName(BaseModel):
    id: int
    name: str


class LastMessage(BaseModel):
    id: int
    author: Author
    purpose: Purpose | None
    text: str
    at: datetime
    state: MessageState


class ConversationItem(BaseModel):
    id: int
    status: ConversationStatus
    channel: str
    account: str
    contact: ContactItem
    assignee: UserName | None
    waiting_since: datetime | None
    last_message: LastMessage | None
    """Notes and drafts are not meant."""
    last_message_at: datetime
    last_customer_at: datetime | None = None
    """Opens the platform's window, where there is one."""
    snoozed_until: datetime | None
    language: str | None
    version: int
    priority: int = 0
    """Of the open case: 0 normal, 1 high, 2 urgent."""
    reason: str | None = None
    """Of the open case."""
    question: str | None = None
    """The customer's words of the open case."""
    unread: bool = False
    """The customer wrote since the caller read it."""
    tags: list[str] = []
    team: TeamName | None = None
    """In whose queue the open case is, or was before somebody took it."""
    warn_at: datetime | None = None
    """When the running wait is worth a warning, and when it misses the service level."""
    due_at: datetime | None = None
    warned: int = 0
    """1: the desk was warned of this wait, 2: it was told that the service level is missed."""


class ConversationList(BaseModel):
    items: list[ConversationItem]
    next: str | None
    """The `cursor` of the next page; null on the last one."""


class CandidateItem(BaseModel):
    entry: str
    question: str = ""
    confidence: float | None = None
    language: str | None = None


class CaseItem(BaseModel):
    """Why a person was fetched, and which entries the bot thought of."""

    id: int
    reason: str
    priority: int
    question: str
    language: str | None
    candidates: list[CandidateItem]
    opened_at: datetime
    closed_at: datetime | None


class ConversationDetail(ConversationItem):
    case: CaseItem | None
    """The last one, open or closed."""


class Counts(BaseModel):
    """How many conversations each view of the inbox holds."""

    mine: int
    waiting: int
    all: int


class EventItem(BaseModel):
    """Something that happened beside the messages."""

    id: int
    kind: EventKind
    at: datetime
    user: UserName | None
    details: dict[str, Any]


class DraftItem(BaseModel):
    text: str
    note: bool


class AttachmentItem(BaseModel):
    """Without the platform's address or handle: they expire, and they may hold a secret."""

    kind: str
    name: str | None = None
    media_type: str | None = None
    size_bytes: int | None = None
    details: dict[str, Any] | None = None
    url: str | None = None
    """Our own copy, where we keep one."""
    problem: str | None = None
    """Why there is no copy."""


class MessageItem(BaseModel):
    id: int
    author: Author
    purpose: Purpose | None
    text: str
    attachments: list[AttachmentItem]
    buttons: list[dict[str, Any]]
    at: datetime
    state: MessageState
    error: str | None
    """The platform's reason of a failed or doubtful send."""
    sources: list[dict[str, Any]]
    user: UserName | None
    client_id: str | None
    edited_at: datetime | None
    edits: list[dict[str, str]]
    deleted_at: datetime | None
    reactions: list[str]
    group_key: str | None = None
    """Items of one album share it."""
    sendable_at: datetime | None = None
    """A pending message that can still be withdrawn is sent then."""


class MessageList(BaseModel):
    """Oldest first; `next` is the `before` of the page with still older ones."""

    items: list[MessageItem]
    next: int | None


class Thread(BaseModel):
    """Everything that a thread's screen shows, in one answer."""

    conversation: ConversationDetail
    messages: MessageList
    events: list[EventItem]
    """Oldest first, from the oldest message of the page on."""
    cases: list[CaseItem]
    """Latest first, at most twenty."""
    draft: DraftItem | None
    first_seen_at: datetime
    """When the customer wrote for the first time."""


class AgentList(BaseModel):
    items: list[UserName]


def attachment_item(stored: Mapping[str, Any]) -> AttachmentItem:
    """A message's attachment (`core.messages.Attachment` as JSON) as a browser may see it."""
    details = {name: value for name, value in (stored.get("details") or {}).items() if not _is_address(value)}
    digest = stored.get("stored")
    return AttachmentItem(
        kind=str(stored["kind"]),
        name=stored.get("name"),
        media_type=stored.get("media_type"),
        size_bytes=stored.get("size_bytes"),
        details=details or None,
        url=f"/api/v1/files/{quote(digest, safe='')}" if isinstance(digest, str) else None,
        problem=stored.get("problem"),
    )


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and "://" in value
