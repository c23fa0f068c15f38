"""Where the brand stands with Meta's *very responsive to messages* (METRICS.md section 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from metrics.clocks import MICROSECOND, seconds
from metrics.episodes import Episode
from metrics.facts import ResponseKind
from metrics.instants import write_instant
from metrics.settings import BadgeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedMessage:
    """An episode's first message, and how long its first response took (None: unanswered)."""

    at: datetime
    conversation: str
    took: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Rate and time over some counted messages; None where there is nothing to take them from."""

    counted: int
    rate: Fraction | None
    time: Fraction | None
    """Microseconds."""
    earned: bool | None

    def to_json(self) -> dict[str, float | bool | None]:
        rate = None if self.rate is None else float(self.rate)
        return {"rate": rate, "time_s": seconds(self.time), "earned": self.earned}


def badge(episodes: Iterable[Episode], *, now: datetime, rule: BadgeRule) -> dict[str, Any]:
    """`badge` of METRICS.md section 6: the standing at `now` over all episodes, whatever the report's period."""
    messages = sorted(map(_counted_message, episodes), key=lambda message: (message.at, message.conversation))
    pending = [message for message in messages if _is_pending(message, now=now, rule=rule)]
    counted = [message for message in messages if not _is_pending(message, now=now, rule=rule)]
    window, name = _window(counted, rule=rule)
    standing = _standing(window, rule=rule)
    recent = [message for message in counted if now - message.at <= rule.recent]
    lapsed, _ = _window(messages, rule=rule)
    at_risk = standing.earned and not _standing(lapsed, rule=rule).earned
    return {
        "rate": standing.to_json()["rate"],
        "time_s": standing.to_json()["time_s"],
        "counted": standing.counted,
        "window": name,
        "earned": standing.earned,
        "last_7_days": _standing(recent, rule=rule).to_json(),
        "at_risk": [
            {"conversation": message.conversation, "until": write_instant(message.at + rule.answer_within)}
            for message in (pending if at_risk else [])
        ],
    }


def _counted_message(episode: Episode) -> CountedMessage:
    took = episode.first_response(ResponseKind.ANY).elapsed()
    return CountedMessage(at=episode.started_at, conversation=episode.conversation, took=took)


def _is_pending(message: CountedMessage, *, now: datetime, rule: BadgeRule) -> bool:
    return message.took is None and now - message.at <= rule.answer_within


def _window(messages: Sequence[CountedMessage], *, rule: BadgeRule) -> tuple[Sequence[CountedMessage], str]:
    """The messages the rate is taken over, and the window's name; `messages` are in order of time."""
    if len(messages) < rule.minimum:
        return messages, "all"
    inside = [message for message in messages if messages[-1].at - message.at <= rule.window]
    if len(inside) < rule.minimum:
        return messages[-rule.minimum :], f"last_{rule.minimum}"
    return inside, f"{rule.window.days}d"


def _standing(messages: Sequence[CountedMessage], *, rule: BadgeRule) -> Standing:
    if not messages:
        return Standing(counted=0, rate=None, time=None, earned=None)
    took = [message.took for message in messages if message.took is not None and message.took <= rule.answer_within]
    rate = Fraction(len(took), len(messages))
    time = _fastest_mean(took, share=rule.fastest_share)
    earned = rate >= rule.rate and time is not None and time <= rule.time // MICROSECOND
    return Standing(counted=len(messages), rate=rate, time=time, earned=earned)


def _fastest_mean(took: Sequence[timedelta], *, share: Fraction) -> Fraction | None:
    """Mean of the fastest share of the answers in microseconds; at least one, the count rounded up."""
    if not took:
        return None
    count = max(1, ceil(len(took) * share))
    return Fraction(sum(length // MICROSECOND for length in sorted(took)[:count]), count)
