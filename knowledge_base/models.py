"""The tables of the knowledge base."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, Word
from core.models import StoredFile, User


class EntryStatus(StrEnum):
    DRAFT = "draft"
    """Only editors see it; the bot never answers with it."""
    PUBLISHED = "published"


class EntryChange(StrEnum):
    """How an entry came to what it was in one version."""

    CREATED = "created"
    EDITED = "edited"
    IMPORTED = "imported"
    RESTORED = "restored"
    DELETED = "deleted"


class Entry(Base):
    """One thing customers ask about, in any number of languages. Its id is the one that `kb import` was given."""

    __tablename__ = "entries"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    status: Mapped[EntryStatus] = mapped_column(Word(EntryStatus))
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=1)
    """Grows with every change to the entry or any of its texts."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class EntryText(Base):
    """An entry in one language."""

    __tablename__ = "entry_texts"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    """Sent word for word; empty only in a draft."""
    buttons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    picture: Mapped[str | None] = mapped_column(ForeignKey(StoredFile.digest))
    """Digest of the picture that goes with the answer."""


class Phrasing(Base):
    """One way in which customers put an entry's question."""

    __tablename__ = "phrasings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["entry_id", "language"], ["entry_texts.entry_id", "entry_texts.language"], ondelete="CASCADE"
        ),
        Index("ix_phrasings_entry_id_language", "entry_id", "language"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    """Its place in the editor's list, from 0."""
    text: Mapped[str] = mapped_column(Text)


class EntryVersion(Base):
    """An entry as one change left it. Rows are only added, and outlive the entry."""

    __tablename__ = "entry_versions"
    __table_args__ = (Index("ix_entry_versions_entry_id_id", "entry_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(255))
    version: Mapped[int]
    change: Mapped[EntryChange] = mapped_column(Word(EntryChange))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`status`, `tags` and `translations` as the REST interface writes them; None: it was deleted."""
    at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    """Who did it; None for a command, and for what was there before versions were kept."""


class KnowledgeRevision(Base):
    """One row: a number that grows with every committed change, so that every process sees that it has to read again."""

    __tablename__ = "knowledge_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
