"""The table of the understanding: what it could not answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, Word


class Miss(StrEnum):
    """Why a question counts as unanswered."""

    NOT_UNDERSTOOD = "not_understood"
    LOW_CONFIDENCE = "low_confidence"
    REPEATED_FAILURE = "repeated_failure"
    ANGRY = "angry"
    CLARIFIED = "clarified"
    """The bot asked which was meant, and no answer followed."""
    WRONG_ANSWER = "wrong_answer"
    """The bot answered, and an agent marked it as wrong."""


class UnansweredQuestion(Base):
    """One question of a customer that the knowledge base had no answer for."""

    __tablename__ = "unanswered_questions"
    __table_args__ = (
        Index("ix_unanswered_questions_at", "at"),
        Index("ix_unanswered_questions_conversation_id", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    miss: Mapped[Miss] = mapped_column(Word(Miss))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), unique=True)
    """The bot's message that was marked as wrong."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who marked it."""
    entry: Mapped[str | None] = mapped_column(String(255))
    """The entry that was made of its group."""
    set_aside_at: Mapped[datetime | None] = mapped_column(Instant)
    """When an editor said that it is nothing for the knowledge base."""
