"""What the brand set about itself: its name, languages, hours and the settings of its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.errors import UserMistake
from core.languages import DEFAULT_LANGUAGE, LANGUAGES
from core.models import Preference
from core.text import storable

_KEY: Final = "brand"
_LONGEST_NAME: Final = 120
_LONGEST_HOURS: Final = 3660 * 24.0
_MOST_CLOSED_DAYS: Final = 2000

_WORD_LISTS: Final = ("sensitive_words", "harmless_words")
_MOST_WORDS: Final = 500
_LONGEST_WORDS: Final = 100

_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "episode_gap_hours": (0, _LONGEST_HOURS),
    "response_deadline_hours": (0, _LONGEST_HOURS),
    "badge_answer_hours": (0, _LONGEST_HOURS),
    "badge_window_days": (0, 3660),
    "badge_minimum": (0, 10_000),
    "badge_fastest_share": (0, 1),
    "badge_rate": (0, 1),
    "badge_time_minutes": (0, _LONGEST_HOURS * 60),
    "badge_recent_days": (0, 3660),
    "max_wrong_answer_rate": (0, 0.5),
}
"""More than the first, at most the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """`hours` and `closed` have the JSON shape of METRICS.md section 6 and are read by handoff/hours/.

    The defaults of the figures are those of METRICS.md sections 2, 4 and 5.
    """

    name: str = "Our brand"
    languages: tuple[str, ...] = LANGUAGES
    default_language: str = DEFAULT_LANGUAGE
    timezone: str = "UTC"
    hours: Mapping[str, Sequence[Sequence[str]]] | None = None
    closed: tuple[str, ...] = ()
    holidays: str | None = None
    """The country (`UA`) or region (`MY-10`) whose public holidays are closed days."""
    episode_gap_hours: float = 24
    response_deadline_hours: float = 24
    badge_answer_hours: float = 24
    badge_window_days: float = 30
    badge_minimum: int = 10
    badge_fastest_share: float = 0.9
    badge_rate: float = 0.9
    badge_time_minutes: float = 15
    badge_recent_days: float = 7
    max_wrong_answer_rate: float = 0.05
    """The share of answers that may be wrong; the cut-offs of the understanding follow from it."""
    sensitive_words: tuple[str, ...] = ()
    """Words and phrases for which a person is fetched at once, beside the bundled ones (legal, safety, data protection)."""
    harmless_words: tuple[str, ...] = ()
    """Of the bundled ones, those that mean no harm at this brand (a court shoe)."""

    def to_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "languages": list(self.languages),
            "closed": list(self.closed),
            **{name: list(getattr(self, name)) for name in _WORD_LISTS},
        }

    def metrics_settings(self) -> dict[str, float]:
        """The `settings` of a timeline (METRICS.md section 6)."""
        return {name: getattr(self, name) for name in _RANGES if name != "max_wrong_answer_rate"}

    def with_changes(self, changes: Mapping[str, Any]) -> Self:
        """The brand with some fields set anew, from JSON. Raises `UserMistake` that begins with the field at fault."""
        known = {field.name for field in fields(self)}
        for name in changes:
            if name not in known:
                raise UserMistake(f"{storable(name)[:64]}: is not a setting of the brand.")
        merged = {**self.to_json(), **changes}
        _check_name(merged["name"])
        _check_languages(merged["languages"], merged["default_language"])
        _check_timezone(merged["timezone"])
        _check_days(merged["hours"], merged["closed"])
        for name in _RANGES:
            _check_number(name, merged[name])
        merged["name"] = merged["name"].strip()
        for name in _WORD_LISTS:
            merged[name] = _checked_words(name, merged[name])
        merged["languages"], merged["closed"] = tuple(merged["languages"]), tuple(merged["closed"])
        return type(self)(**merged)


async def load_brand(session: AsyncSession) -> Brand:
    """What is set, the defaults for the rest."""
    stored = await session.get(Preference, _KEY)
    if stored is None:
        return Brand()
    known = {field.name for field in fields(Brand)}
    return Brand().with_changes({name: value for name, value in stored.value.items() if name in known})


async def save_brand(session: AsyncSession, brand: Brand) -> None:
    """Announced as `brand`."""
    await session.merge(Preference(key=_KEY, value=brand.to_json()))
    announce(session, "brand")


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or storable(name) != name:
        raise UserMistake(f"name: must be a text of 1 to {_LONGEST_NAME} characters.")


def _check_languages(languages: Any, default: Any) -> None:
    if not isinstance(languages, list) or not languages or any(one not in LANGUAGES for one in languages):
        raise UserMistake(f"languages: must be a list of some of {', '.join(LANGUAGES)}.")
    if len(set(languages)) != len(languages):
        raise UserMistake("languages: must name each language once.")
    if default not in languages:
        raise UserMistake("default_language: must be one of the brand's languages.")


def _check_timezone(name: Any) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, TypeError, KeyError, OSError, AttributeError):  # unknown, not a text, or a path elsewhere
        raise UserMistake("timezone: must be the name of a time zone, such as Europe/Kyiv.") from None


def _check_days(hours: Any, closed: Any) -> None:
    """Only the shape; what the hours mean is checked by handoff/hours/."""
    if hours is not None and not isinstance(hours, Mapping):
        raise UserMistake("hours: must be an object with the weekdays mon to sun, or null.")
    if not isinstance(closed, list) or len(closed) > _MOST_CLOSED_DAYS:
        raise UserMistake("closed: must be a list of dates such as 2026-03-09.")


def _checked_words(name: str, words: Any) -> tuple[str, ...]:
    fits = isinstance(words, list | tuple) and len(words) <= _MOST_WORDS and all(isinstance(one, str) for one in words)
    if not fits or any(not one.strip() or len(one) > _LONGEST_WORDS or storable(one) != one for one in words):
        raise UserMistake(f"{name}: must be a list of up to {_MOST_WORDS} texts of 1 to {_LONGEST_WORDS} characters.")
    return tuple(one.strip() for one in words)


def _check_number(name: str, value: Any) -> None:
    above, most = _RANGES[name]
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    if not number or not above < value <= most:
        raise UserMistake(f"{name}: must be a number above {above:g} and at most {most:g}.")
    if name == "badge_minimum" and not isinstance(value, int):
        raise UserMistake(f"{name}: must be a whole number.")
