"""The tables of automations: the rules, and every run of one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Automation(Base):
    """When something happens, then do something. `trigger` and `actions` are read by handoff/automations/rules.py."""

    __tablename__ = "automations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    active: Mapped[bool] = mapped_column(default=False)
    active_since: Mapped[datetime | None] = mapped_column(Instant)
    """What happened before does not set it off."""
    trigger: Mapped[dict[str, Any]] = mapped_column(JSON)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)


class AutomationRun(Base):
    """One run; the same occurrence never sets the same automation off twice."""

    __tablename__ = "automation_runs"
    __table_args__ = (UniqueConstraint("automation_id", "occurrence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    automation_id: Mapped[int] = mapped_column(ForeignKey("automations.id"))
    occurrence: Mapped[str] = mapped_column(String(64))
    """What set it off: `case:7`, `message:12`, `rating:3` …"""
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(Text)
    """What was done, or why nothing was, in one sentence."""
