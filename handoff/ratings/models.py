"""The tables of ratings: what was asked of whom, and who does not want to be asked."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class RatingAsk(Base):
    """One question to a customer: was an answer helpful, or how was the case. Its id is in the buttons' payloads."""

    __tablename__ = "rating_asks"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`answer`: was this answer helpful; `case`: one to five for a resolved case."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), unique=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    """Our message that carries the buttons."""
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    """Whose answer counts."""
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    score: Mapped[int | None]
    """1 to 5; for an answer 1 (helpful) or 0."""


class RatingOptOut(Base):
    """A customer who does not want to be asked again."""

    __tablename__ = "rating_opt_outs"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
