"""Public holidays by country calendar, from the `holidays` library; its names are the ISO 3166 codes."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import holidays

_REGION_MARK: Final = "-"
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200
"""Beyond these a calendar knows nothing, and computing it year by year would only cost time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicHoliday:
    day: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDays:
    """A brand's or team's own closed days and its country's public holidays."""

    own: Container[date]
    public: Container[date]

    def __contains__(self, day: object) -> bool:
        if day in self.own:
            return True
        return isinstance(day, date) and _FIRST_YEAR <= day.year <= _LAST_YEAR and day in self.public


@cache
def country_holidays(code: str) -> Container[date] | None:
    """The calendar of a country (`UA`) or of one of its regions (`MY-10`); None where there is no such calendar."""
    country, mark, region = code.partition(_REGION_MARK)
    if country not in country_codes() or (mark and region not in regions_of(country)):
        return None
    calendar: Container[date] = holidays.country_holidays(country, subdiv=region or None)
    return calendar


@cache
def country_codes() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@cache
def regions_of(country: str) -> Sequence[str]:
    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


def public_holidays(code: str, year: int) -> list[PublicHoliday]:
    """What the calendar says of one year, in order; none where there is no such calendar."""
    if country_holidays(code) is None:
        return []
    country, _, region = code.partition(_REGION_MARK)
    found = holidays.country_holidays(country, subdiv=region or None, years=year)
    return [PublicHoliday(day=day, name=name) for day, name in sorted(found.items())]
