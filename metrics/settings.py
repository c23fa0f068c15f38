"""The constants of METRICS.md that a brand may set, with the defaults of that page."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeRule:
    """Meta's *very responsive to messages*, as last retold (METRICS.md section 5)."""

    answer_within: timedelta = timedelta(hours=24)
    window: timedelta = timedelta(days=30)
    minimum: int = 10
    """With fewer messages than this in the window, the last so many count."""
    fastest_share: Fraction = Fraction(9, 10)
    rate: Fraction = Fraction(9, 10)
    time: timedelta = timedelta(minutes=15)
    recent: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """What the manager may set; the defaults are those of METRICS.md sections 2, 4 and 5."""

    episode_gap: timedelta = timedelta(hours=24)
    response_deadline: timedelta = timedelta(hours=24)
    badge: BadgeRule = BadgeRule()
