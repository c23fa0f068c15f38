"""Service level: the share of stopped and overdue clocks within their target, on business time (METRICS.md section 4)."""

from collections.abc import Iterable
from datetime import timedelta

from metrics.clocks import Clockwork, Stopwatch

Share = dict[str, int | float | None]


def service_level(clocks: Iterable[Stopwatch], *, target: timedelta | None, clockwork: Clockwork) -> Share:
    """`{"target_s", "within", "missed", "pending", "share"}`; all None without a target.

    An open clock that is over its target is missed at once, a younger one is pending. A clock that has not touched
    opening hours took no business time. Without opening hours the wall clock counts.
    """
    if target is None:
        return dict.fromkeys(("target_s", "within", "missed", "pending", "share"))
    within = missed = pending = 0
    for clock in clocks:
        in_time = _length(clock, clockwork) <= target
        if clock.stopped and in_time:
            within += 1
        elif in_time:
            pending += 1
        else:
            missed += 1
    due = within + missed
    return {
        "target_s": target.total_seconds(),
        "within": within,
        "missed": missed,
        "pending": pending,
        "share": within / due if due else None,
    }


def _length(clock: Stopwatch, clockwork: Clockwork) -> timedelta:
    end = clock.ends_at(clockwork.now)
    if clockwork.calendar is None:
        return end - clock.started_at
    return clockwork.calendar.between(clock.started_at, end) or timedelta(0)
