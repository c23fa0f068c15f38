"""Reads opening hours, closed days and a time zone from JSON; what cannot be meant is refused with its place."""

import re
from collections.abc import Container, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.errors import UserMistake
from handoff.hours.country_holidays import ClosedDays, country_holidays
from handoff.hours.opening_hours import WEEKDAYS, DailyHours, OpeningHours

_TIME_OF_DAY: Final = re.compile(r"(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class OpeningHoursMistake(UserMistake):
    """Hours, closed days or a time zone that cannot be meant; the sentence begins with the place of the fault."""


def parse_opening_hours(*, hours: Any, closed: Any, timezone: Any, country: Any = None) -> OpeningHours | None:
    """Reads the three JSON values `hours`, `closed` and `timezone` of METRICS.md section 6.

    `hours` null means that no hours are configured, and gives None once the others are proved readable. `country`
    (`UA`, `MY-10`) names a calendar whose public holidays are closed too.

    Raises:
        OpeningHoursMistake: the sentence begins with the place, such as `hours.mon[0][1]: …`.

    """
    zone = None if timezone is None else _parse_zone(timezone)
    days: Container[date] = frozenset(_parse_closed([] if closed is None else closed))
    if country is not None:
        days = ClosedDays(own=days, public=_parse_country(country))
    if hours is None:
        return None
    week = _parse_week(hours)
    if zone is None:
        raise OpeningHoursMistake("timezone: opening hours need a time zone such as Europe/Kyiv.")
    return OpeningHours(zone=zone, week=week, closed=days)


def refuse_overlaps(hours: Any) -> None:
    """For hours that somebody enters: two intervals of a day must not overlap, though stored ones count once.

    `hours` is what `parse_opening_hours` has read. Raises `OpeningHoursMistake`.
    """
    for day, intervals in (hours or {}).items():
        for before, after in pairwise(sorted(intervals)):
            if after[0] < before[1]:
                told = " and ".join("\u2013".join(interval) for interval in (before, after))
                raise OpeningHoursMistake(f"hours.{day}: {told} overlap; write them as one interval.")


def _parse_country(value: Any) -> Container[date]:
    found = country_holidays(value) if isinstance(value, str) else None
    if found is None:
        raise OpeningHoursMistake(f"holidays: {value!r} is not a country with a calendar, such as UA or MY-10.")
    return found


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
