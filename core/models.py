"""The tables that two or more packages need."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, Word
from core.messages import Author, ConversationStatus, EventKind, MessageState, Purpose


class Account(Base):
    """One bot or page on one channel."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("channel", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    credentials: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted (core/vault.py); None where they come from the environment."""
    active: Mapped[bool] = mapped_column(default=True)
    """False once removed: nothing is received or sent, history stays."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why sending is stopped (a dead token …), in one sentence; None while all is well."""
    warning: Mapped[str | None] = mapped_column(Text)
    """What the platform warned us of, last; sending goes on."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class Contact(Base):
    """A customer as one account knows him."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("account_id", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    external_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255), default="")
    handle: Mapped[str | None] = mapped_column(String(255))
    language: Mapped[str | None] = mapped_column(String(16))
    """From the platform's profile; the conversation's own language is what he writes."""
    reachable: Mapped[bool] = mapped_column(default=True)
    """False once the platform says he blocked us or is gone; True again when he writes."""
    introduction_due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    """When to ask the platform who he is; None: known, or not to be known."""
    timezone: Mapped[str | None] = mapped_column(String(64))
    """Of his profile, or as an agent wrote it down; None: not known."""
    blocked_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since then his messages are kept, and neither the bot nor the desk's list hears of them."""
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    """When everything that told who he was went; the row stays for the figures."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class Conversation(Base):
    """All that passes between one contact (or group) and one account. It never ends; episodes divide it."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("account_id", "thread"),
        Index("ix_conversations_turn_due_at", "turn_due_at"),
        Index("ix_conversations_status_last_message_at", "status", "last_message_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    thread: Mapped[str] = mapped_column(String(255))
    """The platform's key of it (a Telegram chat id, a PSID): where answers go."""
    status: Mapped[ConversationStatus] = mapped_column(Word(ConversationStatus), default=ConversationStatus.BOT)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)
    """Grows with everything that could change a decision: a customer's message or edit, a claim, a release …"""
    language: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_message_at: Mapped[datetime] = mapped_column(Instant)
    last_customer_at: Mapped[datetime | None] = mapped_column(Instant)
    """Opens the platform's window, if it has one."""
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    """The first customer message that nobody answered yet; None while nobody waits."""
    snoozed_until: Mapped[datetime | None] = mapped_column(Instant)
    turn_due_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the burst is over and the bot thinks; None: nothing to think about."""
    burst_began_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the first message arrived that waits for this turn."""
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)
    """Clarifications in a row without an answer between them."""
    offered: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The entries of the last clarification's buttons."""


class Message(Base):
    """One message of either side. Of ours, the pending rows are the outbox."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_messages_conversation_id_at", "conversation_id", "at"),
        Index("ix_messages_state_next_attempt_at", "state", "next_attempt_at"),
        Index("ix_messages_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    author: Mapped[Author] = mapped_column(Word(Author))
    purpose: Mapped[Purpose | None] = mapped_column(Word(Purpose))
    text: Mapped[str] = mapped_column(Text, default="")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    buttons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    at: Mapped[datetime] = mapped_column(Instant)
    """A customer's: the platform's timestamp, never later than received. Ours: accepted by the platform, until then written."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    """When this row was received or written."""
    state: Mapped[MessageState] = mapped_column(Word(MessageState))
    error: Mapped[str | None] = mapped_column(Text)
    """The platform's reason of a failed or doubtful send, in one sentence."""
    external_id: Mapped[str | None] = mapped_column(String(512))
    """The platform's id, unique within the account (a Telegram one is `chat:message_id`)."""
    reply_to: Mapped[str | None] = mapped_column(String(512))
    group_key: Mapped[str | None] = mapped_column(String(255))
    """Items of one album share it."""
    press: Mapped[str | None] = mapped_column(Text)
    """The payload of the button or quick reply that made this message."""
    sources: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The knowledge base's entries an answer was taken from: `{"entry", "language", "confidence"}`."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """The agent who wrote; None for an agent in the platform's own app."""
    client_id: Mapped[str | None] = mapped_column(String(64))
    """The desk's key of a send: pressing twice writes once."""
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    edits: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    """Earlier versions, oldest first: `{"text", "until"}`."""
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    reactions: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The customer's reactions to it that stand now."""
    media_due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    """When to fetch our own copy of its attachments; None: nothing to fetch."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    deadline: Mapped[datetime | None] = mapped_column(Instant)
    """After it a pending message is stale and fails instead of being sent."""


class Event(Base):
    """Something that happened to a conversation beside its messages; never changed, never deleted."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_conversation_id_at", "conversation_id", "at"), Index("ix_events_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """handoff: `reason`; feedback: `helpful`; rating_asked and rating: `about`, `score`; promise: `until` and the data
    it was computed from; assign and transfer: `team`; warning: `target`, `due_at`, `missed`."""


class User(Base):
    """Somebody who works here."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ApiToken(Base):
    """A token for the REST interface; only its digest is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class BrowserSession(Base):
    """A log-in, kept on the server; the cookie's digest is its key."""

    __tablename__ = "browser_sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    device: Mapped[str | None] = mapped_column(String(255))
    """The browser as it called itself at the log-in."""


class AuditEntry(Base):
    """Who changed what, and when; never changed, never deleted (core/audit.py)."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """None: the product itself, or somebody at the command line."""
    who: Mapped[str] = mapped_column(String(255), default="")
    """His e-mail address at that time."""
    action: Mapped[str] = mapped_column(String(64), index=True)
    """`topic.what`: `brand.changed`, `user.added`, `contact.erased` …"""
    subject: Mapped[str] = mapped_column(String(255), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Preference(Base):
    """What the brand set about itself: one row a key (core/preferences.py)."""

    __tablename__ = "preferences"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Lease(Base):
    """A job that one process at a time may do; it lapses by itself when the process dies."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(Instant)


class StoredFile(Base):
    """A picture or document we keep a copy of, under its SHA-256."""

    __tablename__ = "files"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(127))
    name: Mapped[str] = mapped_column(String(255))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
