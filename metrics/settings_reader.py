"""The `settings` of a timeline, or of the database, become `MetricsSettings`; unknown ones are refused."""

from datetime import timedelta
from fractions import Fraction
from math import isfinite
from typing import Any, Final

from metrics.fields import Fields
from metrics.settings import BadgeRule, MetricsSettings

_LONGEST: Final = timedelta(days=3660)
_HOUR: Final = timedelta(hours=1)
SETTING_NAMES: Final = (
    "episode_gap_hours",
    "response_deadline_hours",
    "badge_answer_hours",
    "badge_window_days",
    "badge_minimum",
    "badge_fastest_share",
    "badge_rate",
    "badge_time_minutes",
    "badge_recent_days",
)


def read_settings(data: Any, *, place: str = "settings") -> MetricsSettings:
    """Settings from a JSON object of the names above; absent ones, and None for all, take the defaults.

    Raises:
        TimelineMistake: an unknown name, or a value out of range; the sentence begins with its place.

    """
    fields = Fields(data if data is not None else {}, place=place)
    fields.refuse_unknown(SETTING_NAMES)
    default = MetricsSettings()
    rule = default.badge
    return MetricsSettings(
        episode_gap=_span(fields, "episode_gap_hours", _HOUR, default.episode_gap),
        response_deadline=_span(fields, "response_deadline_hours", _HOUR, default.response_deadline),
        badge=BadgeRule(
            answer_within=_span(fields, "badge_answer_hours", _HOUR, rule.answer_within),
            window=_span(fields, "badge_window_days", timedelta(days=1), rule.window),
            minimum=rule.minimum
            if fields.get("badge_minimum") is None
            else fields.whole("badge_minimum", low=1, high=10_000),
            fastest_share=_share(fields, "badge_fastest_share", rule.fastest_share),
            rate=_share(fields, "badge_rate", rule.rate),
            time=_span(fields, "badge_time_minutes", timedelta(minutes=1), rule.time),
            recent=_span(fields, "badge_recent_days", timedelta(days=1), rule.recent),
        ),
    )


def _span(fields: Fields, key: str, unit: timedelta, default: timedelta) -> timedelta:
    number = _number(fields, key)
    if number is None:
        return default
    if not 0 < number * unit.total_seconds() <= _LONGEST.total_seconds():
        raise fields.mistake(key, f"{fields.get(key)!r} must be more than 0 and at most ten years.")
    return float(number) * unit or timedelta.resolution


def _share(fields: Fields, key: str, default: Fraction) -> Fraction:
    number = _number(fields, key)
    if number is None:
        return default
    if not 0 < number <= 1:
        raise fields.mistake(key, f"{fields.get(key)!r} must be more than 0 and at most 1.")
    return number


def _number(fields: Fields, key: str) -> Fraction | None:
    """The decimal as it was written, so that 0.9 is nine tenths."""
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise fields.mistake(key, f"{value!r} is not a number.")
    return Fraction(str(value))
