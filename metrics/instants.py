"""Instants as text: ISO 8601, always with the offset from UTC."""

from datetime import UTC, datetime


def read_instant(text: str) -> datetime:
    """The instant, in UTC, of an ISO 8601 date and time with an offset or Z.

    Raises:
        ValueError: a sentence that says what is wrong with the text.

    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 date and time such as 2026-03-02T08:00:00Z.") from None
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write Z or an offset such as +02:00 behind it.")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is outside the calendar.") from None


def write_instant(instant: datetime) -> str:
    """An aware instant in UTC with Z, to the microsecond where it has any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
