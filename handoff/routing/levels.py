"""When a wait is to be warned of, and when it has missed its service level."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handoff.desk_rules import ServiceLevel
from handoff.hours.opening_hours import OpeningHours


class Target(StrEnum):
    FIRST_RESPONSE = "first_response"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    warn_at: datetime
    due_at: datetime


def timer(level: ServiceLevel, target: Target, *, since: datetime, hours: OpeningHours | None) -> Timer | None:
    """In opening hours where there are any, else on the clock. None without a target, or when nobody ever comes."""
    minutes = level.first_response_minutes if target is Target.FIRST_RESPONSE else level.reply_minutes
    if minutes is None:
        return None
    whole = timedelta(minutes=minutes)
    warn_at, due_at = (_passed(hours, since, span) for span in (whole * level.warn_share, whole))
    return None if warn_at is None or due_at is None else Timer(warn_at=warn_at, due_at=due_at)


def _passed(hours: OpeningHours | None, since: datetime, span: timedelta) -> datetime | None:
    return since + span if hours is None else hours.after(since, span)
