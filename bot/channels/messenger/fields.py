"""Tolerant reading of single fields: ids as text or number, times in s, ms, text or ISO (CHANNELS.md 0, rule 4)."""

import math
import re
from datetime import UTC, datetime
from typing import Any, Final

from core.text import storable

LONGEST_ID: Final = 240
_SECONDS_BELOW: Final = 10**11
"""Smaller numbers are seconds, larger ones milliseconds (CHANNELS.md 2.2)."""
_LAST: Final = 4_102_444_800
"""2100-01-01: no platform sends later instants."""
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def mapping(value: Any) -> dict[str, Any]:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The text as it can be stored; empty for anything else."""
    return storable(value) if isinstance(value, str) else ""


def identifier(value: Any) -> str | None:
    """An id as text, whether it came as text or number; None for what cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**32:
        return str(value)
    found = text(value)
    return found if 0 < len(found) <= LONGEST_ID else None


def word(value: Any, otherwise: str = "unknown") -> str:
    """A platform's name for something, fit to be counted by (lower case, letters, digits and underscores)."""
    name = text(value).lower().replace("-", "_")
    return name if _WORD.fullmatch(name) else otherwise


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def instant(value: Any) -> datetime | None:
    """An instant in UTC from seconds, milliseconds, either as text, or ISO 8601; None for what is none."""
    if isinstance(value, str):
        value = value.strip()
        if not (value.isascii() and value.isdigit() and len(value) < 20):
            return _from_iso(value)
        value = int(value)
    found = number(value)
    if found is None:
        return None
    seconds = found if abs(found) < _SECONDS_BELOW else found / 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LAST else None


def _from_iso(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
