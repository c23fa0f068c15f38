"""The tables of outgoing webhooks: where to, and what was sent with which answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Webhook(Base):
    """An address outside that is told what happens."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted (core/vault.py); signs every body."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class WebhookCall(Base):
    """One body for one target: the queue, and the retry log."""

    __tablename__ = "webhook_calls"
    __table_args__ = (Index("ix_webhook_calls_state_next_attempt_at", "state", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), default="pending")
    """`pending`, `delivered`, `failed`."""
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`{"at", "status", "error"}` each."""
    next_attempt_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
