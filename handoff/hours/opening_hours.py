"""When people are there: weekly hours in a time zone, closed days, and the open time between two instants.

The rules are METRICS.md section 3: several intervals a day; a missing weekday is closed; `24:00` may end an interval;
overlaps count once; an edge in a skipped hour is the jump; in a repeated hour opening is the hour's first and closing
its last occurrence. Everything is computed on intervals with exact `timedelta` arithmetic.
"""

from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SECOND: Final = timedelta(seconds=1)
# Two days at both ends of the calendar are out of reach, so that time zones cannot carry an edge beyond it.
_FIRST_DAY: Final = date.min.toordinal() + 2
_LAST_DAY: Final = date.max.toordinal() - 2
_LOOK_DAYS: Final = 11
_FARTHEST_DAYS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyHours:
    """One interval of a day, in minutes after local midnight; `closes` may be 1440."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A stretch of time, in UTC, during which somebody is there; `closes_at` itself is closed already."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCalendar:
    """The openings of a range, merged and in order; answers questions about instants inside that range fast."""

    starts: Sequence[datetime]
    ends: Sequence[datetime]
    sums: Sequence[timedelta]
    """Open time before each opening."""

    def is_open(self, at: datetime) -> bool:
        position = bisect_right(self.starts, at) - 1
        return position >= 0 and at < self.ends[position]

    def between(self, start: datetime, end: datetime) -> timedelta | None:
        """Open time from `start` to `end` (UTC, `start <= end`); None where the two do not touch opening hours.

        Touching means more than nothing in common; a zero-length interval inside opening hours is zero.
        """
        if start == end:
            return timedelta() if self.is_open(start) else None
        return (self._before(end) - self._before(start)) or None

    def _before(self, at: datetime) -> timedelta:
        position = bisect_right(self.starts, at) - 1
        if position < 0:
            return timedelta()
        return self.sums[position] + min(at, self.ends[position]) - self.starts[position]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """Weekly hours (Monday first, local time of `zone`) and the local dates that are closed all day."""

    zone: ZoneInfo
    week: tuple[tuple[DailyHours, ...], ...]
    closed: Container[date] = frozenset()

    def calendar(self, start: datetime, end: datetime) -> OpenCalendar:
        """Every opening that can matter between two aware instants, as a calendar for many questions."""
        openings = list(self.openings(start, end))
        sums = [timedelta()]
        for opening in openings:
            sums.append(sums[-1] + (opening.closes_at - opening.opens_at))
        return OpenCalendar(
            starts=[opening.opens_at for opening in openings],
            ends=[opening.closes_at for opening in openings],
            sums=sums,
        )

    def openings(self, start: datetime, end: datetime) -> Iterator[Opening]:
        """The openings of all local days around `start` to `end`, in UTC, merged where they meet; not cut at the two."""
        current: Opening | None = None
        for opening in sorted(self._edges(start, end), key=lambda opening: (opening.opens_at, opening.closes_at)):
            if current is None or opening.opens_at > current.closes_at:
                if current is not None:
                    yield current
                current = opening
            elif opening.closes_at > current.closes_at:
                current = Opening(opens_at=current.opens_at, closes_at=opening.closes_at)
        if current is not None:
            yield current

    def is_open(self, at: datetime) -> bool:
        """True when somebody is there at the aware instant `at`; the opening minute is open, the closing one is not."""
        return self.calendar(at, at).is_open(at)

    def between(self, start: datetime, end: datetime) -> timedelta | None:
        """Open time between two aware instants; None where they do not touch opening hours (METRICS.md section 3)."""
        return self.calendar(start, end).between(start, end)

    def next_opening(self, at: datetime) -> datetime | None:
        """When somebody is there next: `at` itself while it is open; None when nobody comes within 400 days."""
        days = _LOOK_DAYS
        while days <= _FARTHEST_DAYS:
            for opening in self.openings(at, _later(at, timedelta(days=days))):
                if opening.closes_at > at:
                    return max(opening.opens_at, at.astimezone(UTC))
            days *= 6
        return None

    def after(self, at: datetime, open_time: timedelta) -> datetime | None:
        """The instant at which `open_time` of opening hours has passed since `at`; None when that is over 400 days off."""
        days = _LOOK_DAYS
        while days <= _FARTHEST_DAYS:
            left = open_time
            for opening in self.openings(at, _later(at, timedelta(days=days))):
                begin = max(opening.opens_at, at.astimezone(UTC))
                if opening.closes_at <= begin:
                    continue
                if opening.closes_at - begin >= left:
                    return begin + left
                left -= opening.closes_at - begin
            days *= 6
        return None

    def _edges(self, start: datetime, end: datetime) -> Iterator[Opening]:
        # Local dates differ from UTC dates by at most one; a repeated hour may carry an edge over midnight.
        first = max(start.astimezone(UTC).toordinal() - 2, _FIRST_DAY)
        last = min(end.astimezone(UTC).toordinal() + 2, _LAST_DAY)
        for day in map(date.fromordinal, range(first, last + 1)):
            if day in self.closed:
                continue
            for hours in self.week[day.weekday()]:
                opens_at = _instant(day, hours.opens, zone=self.zone, last=False)
                closes_at = _instant(day, hours.closes, zone=self.zone, last=True)
                if opens_at < closes_at:
                    yield Opening(opens_at=opens_at, closes_at=closes_at)


def _instant(day: date, minute: int, *, zone: ZoneInfo, last: bool) -> datetime:
    """The instant of a local minute: the jump when it is skipped, its first or `last` occurrence when it repeats."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    earlier = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    later = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if later < earlier:  # skipped: PEP 495 reads it with the offset before and after the jump, which lies between
        return _jump(later, earlier, zone=zone)
    return later if last else earlier


def _jump(before: datetime, after: datetime, *, zone: ZoneInfo) -> datetime:
    """The first second after `before`, and not after `after`, that has the offset of `after`."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, (after - before) // _SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + high * _SECOND


def _later(at: datetime, span: timedelta) -> datetime:
    try:
        return at.astimezone(UTC) + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
