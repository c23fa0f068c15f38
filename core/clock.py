"""Where instants come from."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present instant, timezone-aware, in UTC. Handed in by keyword so that tests can turn it."""


def utc_now() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)
