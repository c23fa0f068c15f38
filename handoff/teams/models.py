"""The tables of teams: who belongs to which, when they are there, how much they can take."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Team(Base):
    """Agents who answer together. Empty `languages` or `channels` mean all of them; null settings mean the brand's."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)
    hours: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """In the shape of METRICS.md section 6, with `closed`, `timezone` and `holidays` beside; null: the brand's."""
    level: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The service level (handoff/routing/levels.py); null: the brand's."""
    silent_minutes: Mapped[int | None]
    """After so many open minutes without an answer a case goes to somebody else; null: never."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class TeamMember(Base):
    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)


class AgentState(Base):
    """What an agent chose to be, and the signs of life by which he is online, away or offline."""

    __tablename__ = "agent_states"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    chosen: Mapped[str] = mapped_column(String(16), default="online")
    capacity: Mapped[int] = mapped_column(default=5)
    """How many open conversations routing gives him at once."""
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    """When he last did something on a screen of ours."""
    assigned_at: Mapped[datetime | None] = mapped_column(Instant)
    """When routing last gave him a case: the one who waited longest is next."""
