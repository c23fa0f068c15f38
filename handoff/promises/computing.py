"""When to expect a person: the 80th percentile of recent waits, stretched to the queue there is now. Pure.

A wait is open time: from the handoff to the first human response, inside opening hours. A wait that met a shorter queue
than there is now is stretched in proportion; one that met a longer queue is shrunk so, but what is promised is never
less than the 80th percentile of the waits that met no longer queue. Nothing is promised on fewer than five waits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handoff.hours.opening_hours import OpeningHours

FEWEST_WAITS: Final = 5
_PERCENTILE: Final = 0.8
_LONGEST: Final = timedelta(days=7)
_SOON: Final = timedelta(hours=1)
_STEPS: Final = ((_SOON, timedelta(minutes=5)), (timedelta(hours=4), timedelta(minutes=15)))
_LARGE_STEP: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A case that was answered: how long it waited in open time, and how many were before it when it came."""

    open_time: timedelta
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """`until` is when a person will have answered; `waits` and `ahead` say which data it comes from."""

    until: datetime
    open_time: timedelta
    waits: int
    ahead: int


def compute_promise(
    waits: Sequence[Wait], *, ahead: int, oldest: timedelta, hours: OpeningHours | None, now: datetime
) -> Promise | None:
    """None where it cannot be computed: too few waits, nobody comes within a week.

    `ahead` cases wait now, the first of them for `oldest` of open time: nobody is promised less than that.
    """
    if len(waits) < FEWEST_WAITS:
        return None
    stretched = percentile([_stretched(wait, ahead) for wait in waits])
    alike = [wait.open_time for wait in waits if wait.ahead <= ahead]
    least = percentile(alike) if len(alike) >= FEWEST_WAITS else timedelta(0)
    open_time = max(stretched, least, oldest)
    until = now + open_time if hours is None else hours.after(now, open_time)
    if until is None or until - now > _LONGEST:
        return None
    return Promise(until=_rounded_up(until, now=now), open_time=open_time, waits=len(waits), ahead=ahead)


def percentile(spans: Sequence[timedelta]) -> timedelta:
    """The 80th, by linear interpolation (METRICS.md section 3, *Statistics*)."""
    ordered = sorted(spans)
    place = _PERCENTILE * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _stretched(wait: Wait, ahead: int) -> timedelta:
    return wait.open_time * ((ahead + 1) / (wait.ahead + 1))


def _rounded_up(until: datetime, *, now: datetime) -> datetime:
    """People say 14:35, not 14:32:17; always later, so that rounding breaks no promise."""
    step = next((step for span, step in _STEPS if until - now <= span), _LARGE_STEP)
    day = until.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + math.ceil((until - day) / step) * step
