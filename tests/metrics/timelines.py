"""Timelines for tests, written in minutes after Monday 2026-03-02 08:00 UTC (10:00 in Kyiv)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from metrics.report import build_report
from metrics.timeline import parse_timeline

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = 60
DAY = 24 * HOUR

Event = dict[str, Any]


def moment(minute: float) -> str:
    """The instant that many minutes after the start, as a timeline writes it."""
    return (START + timedelta(minutes=minute)).isoformat()


def event(kind: str, minute: float, conversation: str = "c1", **members: Any) -> Event:
    return {"at": moment(minute), "conversation": conversation, "kind": kind, **members}


def customer(minute: float, conversation: str = "c1", **members: Any) -> Event:
    return event("message", minute, conversation, author="customer", **members)


def bot(minute: float, conversation: str = "c1", purpose: str = "answer", **members: Any) -> Event:
    return event("message", minute, conversation, author="bot", purpose=purpose, **members)


def agent(minute: float, conversation: str = "c1", **members: Any) -> Event:
    return event("message", minute, conversation, author="agent", **members)


def handoff(minute: float, conversation: str = "c1") -> Event:
    return event("handoff", minute, conversation, reason="asked_for_human")


def claim(minute: float, conversation: str = "c1", by: str = "anna") -> Event:
    return event("claim", minute, conversation, agent=by)


def resolve(minute: float, conversation: str = "c1") -> Event:
    return event("resolve", minute, conversation, agent="anna")


def feedback(minute: float, helpful: bool, conversation: str = "c1") -> Event:
    return event("feedback", minute, conversation, helpful=helpful)


def asked(minute: float, about: str = "bot", conversation: str = "c1") -> Event:
    return event("rating_asked", minute, conversation, about=about)


def rating(minute: float, score: int, about: str = "bot", conversation: str = "c1") -> Event:
    return event("rating", minute, conversation, about=about, score=score)


def timeline(
    *events: Event, now: float = 30 * DAY, since: float = -DAY, until: float = 60 * DAY, **members: Any
) -> Any:
    """A whole timeline; `now`, `since` and `until` in minutes like everything else."""
    frame = {"now": moment(now), "since": moment(since), "until": moment(until)}
    return {**frame, "events": list(events), **members}


def report(*events: Event, **members: Any) -> dict[str, Any]:
    """The report on a timeline, read through the front door; arguments as for `timeline`."""
    read = parse_timeline(timeline(*events, **members))
    return build_report(
        read.facts,
        since=read.since,
        until=read.until,
        now=read.now,
        channel=read.channel,
        hours=read.hours,
        settings=read.settings,
    )
