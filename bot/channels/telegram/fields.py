"""Tolerant readers of foreign JSON: a missing or odd field is None, never an exception (CHANNELS.md 0, rule 4)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from core.text import storable

LONGEST_NAME: Final = 255
EPOCH: Final = datetime.fromtimestamp(0, UTC)
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_LATEST_SECONDS: Final = 253_402_300_000  # the end of the year 9999; anything above is milliseconds


def integer(value: Any) -> int | None:
    """An id or a size: an int, or the text of one; JSON booleans and numbers of more than 20 digits are none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**20 else None
    return int(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None


def number(value: Any) -> float | None:
    """A coordinate; infinities and NaN are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 10**9 else None


def text(value: Any) -> str:
    """Text as databases can take it, empty when there is none."""
    return storable(value) if isinstance(value, str) else ""


def short_text(value: Any) -> str | None:
    """A name or label of at most 255 characters; None when there is none."""
    return text(value)[:LONGEST_NAME] or None


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object, empty when there is none."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """A JSON list, empty when there is none."""
    return value if isinstance(value, list) else ()


def instant(value: Any) -> datetime | None:
    """Seconds since 1970 (milliseconds when the number is too great for seconds) as UTC; 0 means that there is no date."""
    seconds = value if isinstance(value, float) else integer(value)
    if seconds is None or not 0 < seconds < _LATEST_SECONDS * 1000:
        return None
    return datetime.fromtimestamp(seconds if seconds < _LATEST_SECONDS else seconds / 1000, UTC)


def without_empty(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields that say something; None when none does."""
    return {key: value for key, value in fields.items() if value is not None and value != ""} or None
