"""Response rates: answered in time ÷ due (METRICS.md section 4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from metrics.clocks import Stopwatch


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRate:
    """How many were answered in time, late or not at all though due; the younger unanswered ones are pending."""

    answered_in_time: int = 0
    answered_late: int = 0
    overdue: int = 0
    pending: int = 0

    @property
    def due(self) -> int:
        return self.answered_in_time + self.answered_late + self.overdue

    def to_json(self) -> dict[str, int | float | None]:
        return {
            "rate": self.answered_in_time / self.due if self.due else None,
            "answered_in_time": self.answered_in_time,
            "answered_late": self.answered_late,
            "due": self.due,
            "pending": self.pending,
        }


def response_rate(clocks: Iterable[Stopwatch], *, deadline: timedelta, now: datetime) -> ResponseRate:
    """The rate over clocks; a response exactly at the deadline is in time, so until then a clock is pending."""
    in_time = late = overdue = pending = 0
    for clock in clocks:
        within = clock.ends_at(now) - clock.started_at <= deadline
        if clock.stopped:
            in_time, late = in_time + within, late + (not within)
        else:
            pending, overdue = pending + within, overdue + (not within)
    return ResponseRate(answered_in_time=in_time, answered_late=late, overdue=overdue, pending=pending)
