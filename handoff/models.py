"""The tables of the handoffs and of the desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Case(Base):
    """One handoff: why a person was fetched, and what the bot had in mind. A conversation has at most one open case."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_conversation_id_opened_at", "conversation_id", "opened_at"),
        Index("ix_cases_opened_at", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(64))
    priority: Mapped[int] = mapped_column(default=0)
    """0 normal, 1 high, 2 urgent."""
    question: Mapped[str] = mapped_column(Text, default="")
    """The customer's words that the bot could not or must not answer."""
    language: Mapped[str | None] = mapped_column(String(16))
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The bot's best entries, best first: `{"entry", "question", "confidence", "language"}`."""
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    """Resolved or handed back; None while it is open."""


class CannedReply(Base):
    """Words that agents send often, under a shortcut typed after `/`."""

    __tablename__ = "canned_replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    shortcut: Mapped[str] = mapped_column(String(32), unique=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """By language; `{customer}`, `{agent}` and `{brand}` are filled in at the desk."""


class Draft(Base):
    """What an agent has typed in a conversation and not sent yet."""

    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ReadMark(Base):
    """How far an agent has read a conversation."""

    __tablename__ = "read_marks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(Instant)
    """Of the last customer message that was on the screen."""


class ConversationTag(Base):
    """A word by which people sort conversations."""

    __tablename__ = "conversation_tags"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class ContactField(Base):
    """One thing known of a customer, under a name that the administrators chose."""

    __tablename__ = "contact_fields"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class ContactNote(Base):
    """What an agent wrote down about a customer; it stays beside all his conversations."""

    __tablename__ = "contact_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
