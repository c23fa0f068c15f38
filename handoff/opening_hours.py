"""When people are there: weekly hours in a time zone, closed days, and the open time between two instants.

The rules are METRICS.md section 3: several intervals a day; a missing weekday is closed; `24:00` may end an interval;
overlaps count once; an edge in a skipped hour is the jump; in a repeated hour opening is the hour's first and closing
its last occurrence. Everything is computed on intervals with exact `timedelta` arithmetic.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.errors import UserMistake

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME_OF_DAY: Final = re.compile(r"(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SECOND: Final = timedelta(seconds=1)
# Two days at both ends of the calendar are out of reach, so that time zones cannot carry an edge beyond it.
_FIRST_DAY: Final = date.min.toordinal() + 2
_LAST_DAY: Final = date.max.toordinal() - 2


class OpeningHoursMistake(UserMistake):
    """Hours, closed days or a time zone that cannot be meant; the sentence begins with the place of the fault."""


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
    closed: frozenset[date] = frozenset()

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


def parse_opening_hours(*, hours: Any, closed: Any, timezone: Any) -> OpeningHours | None:
    """Reads the three JSON values `hours`, `closed` and `timezone` of METRICS.md section 6.

    `hours` null means that no hours are configured, and gives None once the other two are proved readable.

    Raises:
        OpeningHoursMistake: the sentence begins with the place, such as `hours.mon[0][1]: …`.

    """
    zone = None if timezone is None else _parse_zone(timezone)
    days = frozenset(_parse_closed([] if closed is None else closed))
    if hours is None:
        return None
    week = _parse_week(hours)
    if zone is None:
        raise OpeningHoursMistake("timezone: opening hours need a time zone such as Europe/Kyiv.")
    return OpeningHours(zone=zone, week=week, closed=days)


def _parse_zone(value: Any) -> ZoneInfo:
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (ValueError, KeyError, OSError):  # an unknown name, a path out of the database, one of its folders
            pass
    raise OpeningHoursMistake(f"timezone: {value!r} is not a known time zone such as Europe/Kyiv.")


def _parse_closed(value: Any) -> Iterator[date]:
    if not isinstance(value, list):
        raise OpeningHoursMistake("closed: must be a list of dates such as 2026-03-09.")
    for position, text in enumerate(value):
        try:
            if not (isinstance(text, str) and _DAY.fullmatch(text)):
                raise ValueError  # noqa: TRY301 - one sentence for both ways of being wrong
            yield date.fromisoformat(text)
        except ValueError:
            raise OpeningHoursMistake(f"closed[{position}]: {text!r} is not a date such as 2026-03-09.") from None


def _parse_week(value: Any) -> tuple[tuple[DailyHours, ...], ...]:
    if not isinstance(value, Mapping):
        raise OpeningHoursMistake("hours: must be an object with the weekdays mon to sun, or null.")
    for name in value:
        if name not in WEEKDAYS:
            similar = get_close_matches(name.lower()[:3], WEEKDAYS, n=1)
            advice = f"did you mean {similar[0]}?" if similar else f"the weekdays are {', '.join(WEEKDAYS)}."
            raise OpeningHoursMistake(f"hours.{name}: is not a weekday; {advice}")
    return tuple(tuple(_parse_day(value.get(name, []), place=f"hours.{name}")) for name in WEEKDAYS)


def _parse_day(value: Any, *, place: str) -> Iterator[DailyHours]:
    if not isinstance(value, list):
        raise OpeningHoursMistake(f'{place}: must be a list of intervals such as ["09:00", "18:00"].')
    for position, interval in enumerate(value):
        where = f"{place}[{position}]"
        if not (isinstance(interval, list) and len(interval) == 2):
            raise OpeningHoursMistake(f'{where}: must be an opening and a closing time such as ["09:00", "18:00"].')
        opens, closes = (_parse_minute(text, place=f"{where}[{edge}]") for edge, text in enumerate(interval))
        if opens >= closes:
            raise OpeningHoursMistake(f"{where}: closes at {interval[1]}, which is not after {interval[0]}.")
        yield DailyHours(opens=opens, closes=closes)


def _parse_minute(value: Any, *, place: str) -> int:
    match = _TIME_OF_DAY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise OpeningHoursMistake(f"{place}: {value!r} is not a time of day from 00:00 to 24:00.")
    hour, minute = (match[1], match[2]) if match[1] else (match[3], match[4])
    return int(hour) * 60 + int(minute)
