"""Figures of the team's work that stand beside the report: promises, service levels, what customers said of answers."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from handoff.desk_rules import ServiceLevel
from handoff.hours.opening_hours import OpeningHours
from metrics.cases import cases
from metrics.clocks import Clockwork
from metrics.episodes import conversations
from metrics.facts import Fact, Feedback
from metrics.promises import count_promises, promises
from metrics.report import Period
from metrics.service_level import service_level
from metrics.settings import MetricsSettings


def desk_figures(
    facts: Iterable[Fact],
    *,
    period: Period,
    now: datetime,
    channel: str | None,
    hours: OpeningHours | None,
    settings: MetricsSettings,
    level: ServiceLevel,
) -> dict[str, Any]:
    """`promises`, `service_level` and `feedback`, of what began in the period."""
    known = conversations(facts, now=now, gap=settings.episode_gap, channel=channel)
    earliest = min((conversation.facts[0].at for conversation in known), default=now)
    clockwork = Clockwork(now=now, calendar=None if hours is None else hours.calendar(earliest, now))
    requested = [case for conversation in known for case in cases(conversation) if period.owns(case.requested_at)]
    waits = [
        wait
        for conversation in known
        for episode in conversation.episodes()
        if period.owns(episode.started_at)
        for wait in episode.waits()
    ]
    made = [one for conversation in known for one in promises(conversation) if period.owns(one.made_at)]
    said = [
        fact.helpful
        for conversation in known
        for fact in conversation.facts
        if isinstance(fact, Feedback) and period.owns(fact.at)
    ]
    targets = (
        ("first_response", level.first_response_minutes, [case.wait for case in requested]),
        ("reply", level.reply_minutes, waits),
        ("resolution", level.resolution_minutes, [case.resolution for case in requested]),
    )
    return {
        "promises": count_promises(made, now=now),
        "service_level": {
            name: service_level(clocks, target=_span(minutes), clockwork=clockwork) for name, minutes, clocks in targets
        },
        "feedback": {"helpful": said.count(True), "not_helpful": said.count(False)},
    }


def _span(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)
