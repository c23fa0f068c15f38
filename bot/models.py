"""The tables of the way in and the way out."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, Word
from core.messages import MessageState


class InboxState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class InboxItem(Base):
    """One thing a platform told us, raw, before anybody understood it. `dead`: nobody could; an operator may replay it."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("account_id", "dedup_key"), Index("ix_inbox_state_id", "state", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    dedup_key: Mapped[str] = mapped_column(String(255))
    thread: Mapped[str | None] = mapped_column(String(255))
    platform_at: Mapped[datetime | None] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    body: Mapped[str] = mapped_column(Text)
    """JSON text, ASCII."""
    state: Mapped[InboxState] = mapped_column(Word(InboxState), default=InboxState.PENDING)
    outcome: Mapped[str | None] = mapped_column(String(255))
    """What became of it: the kinds it was understood as, for tables and operators."""
    error: Mapped[str | None] = mapped_column(Text)


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    """The intent is committed, the call may be under way; after a crash its outcome is unknown."""
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"


class Delivery(Base):
    """One platform call of an outgoing message: a long text is several."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        UniqueConstraint("account_id", "external_id"),
        Index("ix_deliveries_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Ours; travels with the call where the platform carries it."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`text`, `file` (digest of a stored file) and `buttons` of this part."""
    state: Mapped[DeliveryState] = mapped_column(Word(DeliveryState), default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)
    """How many of the attempts ended without an answer."""
    external_id: Mapped[str | None] = mapped_column(String(512))
    sending_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    reached: Mapped[MessageState | None] = mapped_column(Word(MessageState))
    """A receipt that came before its message was settled: `delivered` or `read`."""
    error: Mapped[str | None] = mapped_column(Text)
