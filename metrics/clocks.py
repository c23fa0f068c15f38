"""Clocks that run from one fact to another, measured on the wall and in business time (METRICS.md section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from handoff.hours.opening_hours import OpenCalendar
from metrics.quantiles import quantile, survival_times

Figures = dict[str, int | float | None]

MICROSECOND: Final = timedelta(microseconds=1)
_MEDIAN: Final = Fraction(1, 2)
_P90: Final = Fraction(9, 10)
_STATISTICS: Final = ("median_s", "p90_s", "mean_s", "max_s", "km_median_s", "km_p90_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopwatch:
    """A clock; one that has not stopped (`stopped_at` None) is open, is counted, and is as old as `now` makes it."""

    started_at: datetime
    stopped_at: datetime | None

    @property
    def stopped(self) -> bool:
        return self.stopped_at is not None

    def ends_at(self, now: datetime) -> datetime:
        return now if self.stopped_at is None else self.stopped_at

    def elapsed(self) -> timedelta | None:
        """How long it took; None while the clock is open."""
        return None if self.stopped_at is None else self.stopped_at - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """What every clock of a report is measured against; without opening hours `calendar` is None."""

    now: datetime
    calendar: OpenCalendar | None

    def figures(self, clocks: Sequence[Stopwatch]) -> dict[str, Figures]:
        """`wall` and `business` of METRICS.md section 6, in seconds."""
        return {"wall": self._wall(clocks), "business": self._business(clocks)}

    def _wall(self, clocks: Sequence[Stopwatch]) -> Figures:
        stopped = [_microseconds(clock.ends_at(self.now) - clock.started_at) for clock in clocks if clock.stopped]
        ages = [_microseconds(self.now - clock.started_at) for clock in clocks if not clock.stopped]
        return {"n": len(stopped), "open": len(ages), **_statistics(stopped, ages)}

    def _business(self, clocks: Sequence[Stopwatch]) -> Figures:
        if self.calendar is None:
            return dict.fromkeys(("n", "open", "outside_hours", *_STATISTICS))
        stopped: list[int] = []
        ages: list[int] = []
        for clock in clocks:
            length = self.calendar.between(clock.started_at, clock.ends_at(self.now))
            if length is not None:
                (stopped if clock.stopped else ages).append(_microseconds(length))
        outside = len(clocks) - len(stopped) - len(ages)
        return {"n": len(stopped), "open": len(ages), "outside_hours": outside, **_statistics(stopped, ages)}


def _statistics(stopped: Sequence[int], ages: Sequence[int]) -> Figures:
    """Statistics of stopped clocks, and with the open ones censored; microseconds in, seconds out."""
    values = sorted(stopped)
    km_median, km_p90 = survival_times(stopped=values, censored=ages, levels=(1 - _MEDIAN, 1 - _P90))
    return {
        "median_s": seconds(quantile(values, _MEDIAN)),
        "p90_s": seconds(quantile(values, _P90)),
        "mean_s": seconds(Fraction(sum(values), len(values)) if values else None),
        "max_s": seconds(values[-1] if values else None),
        "km_median_s": seconds(km_median),
        "km_p90_s": seconds(km_p90),
    }


def seconds(microseconds: int | Fraction | None) -> float | None:
    """The float nearest to the exact number of seconds."""
    return None if microseconds is None else float(Fraction(microseconds) / 1_000_000)


def _microseconds(length: timedelta) -> int:
    return length // MICROSECOND
