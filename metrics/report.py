"""The report of METRICS.md section 6, computed on read from facts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from handoff.hours.opening_hours import OpeningHours
from metrics.badge import badge
from metrics.cases import Case, CaseOutcome, cases
from metrics.clocks import Clockwork, Figures
from metrics.episodes import Conversation, conversations
from metrics.facts import About, Fact, ResponseKind
from metrics.instants import write_instant
from metrics.outcomes import bot_outcome, count_outcomes
from metrics.rates import response_rate
from metrics.ratings import Survey, satisfaction, surveys
from metrics.settings import MetricsSettings

DEFINITION: Final = 1
"""The version of METRICS.md that the figures follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `since` up to, and without, `until`; what began in it belongs to it (METRICS.md section 2)."""

    since: datetime
    until: datetime

    def owns(self, began_at: datetime) -> bool:
        return self.since <= began_at < self.until


def build_report(
    facts: Iterable[Fact],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    channel: str | None,
    hours: OpeningHours | None,
    settings: MetricsSettings,
) -> dict[str, Any]:
    """Every figure of METRICS.md sections 2 to 5 in the shape of its section 6, ready for JSON; times are seconds.

    `facts` may come in any order; those after `now` are ignored. `channel` keeps only the conversations on it;
    without `hours` every business figure is None.
    """
    known = conversations(facts, now=now, gap=settings.episode_gap, channel=channel)
    period = Period(since=since, until=until)
    asked = {conversation.name: surveys(conversation) for conversation in known}
    episodes = [episode for conversation in known for episode in conversation.episodes()]
    own = [episode for episode in episodes if period.owns(episode.started_at)]
    requested = [case for conversation in known for case in cases(conversation) if period.owns(case.requested_at)]
    clockwork = _clockwork(known, now=now, hours=hours)
    deadline = settings.response_deadline
    first = {kind: [episode.first_response(kind) for episode in own] for kind in ResponseKind}
    outcomes = (bot_outcome(episode, surveys=asked[episode.conversation], now=now) for episode in own)
    return {
        "definition": DEFINITION,
        "since": write_instant(since),
        "until": write_instant(until),
        "now": write_instant(now),
        "channel": channel,
        "episodes": len(own),
        "response_rate": response_rate(first[ResponseKind.ANY], deadline=deadline, now=now).to_json(),
        "human_response_rate": response_rate((case.wait for case in requested), deadline=deadline, now=now).to_json(),
        "first_response": {kind.value: clockwork.figures(clocks) for kind, clocks in first.items()},
        "reply_time": clockwork.figures([wait for episode in own for wait in episode.waits()]),
        "handoff": _handoff(requested, clockwork=clockwork, settings=settings),
        "bot_outcomes": count_outcomes(outcome for outcome in outcomes if outcome is not None),
        "csat": _csat(asked.values(), period=period),
        "badge": badge(episodes, now=now, rule=settings.badge),
    }


def _clockwork(known: Sequence[Conversation], *, now: datetime, hours: OpeningHours | None) -> Clockwork:
    earliest = min((conversation.facts[0].at for conversation in known), default=now)
    return Clockwork(now=now, calendar=None if hours is None else hours.calendar(earliest, now))


def _handoff(
    requested: Sequence[Case], *, clockwork: Clockwork, settings: MetricsSettings
) -> dict[str, int | dict[str, Figures]]:
    outcomes = [case.outcome(now=clockwork.now, gap=settings.episode_gap) for case in requested]
    return {
        "requested": len(requested),
        **{outcome.value: outcomes.count(outcome) for outcome in CaseOutcome},
        "wait": clockwork.figures([case.wait for case in requested]),
        "resolution": clockwork.figures([case.resolution for case in requested]),
    }


def _csat(asked: Iterable[Sequence[Survey]], *, period: Period) -> dict[str, dict[str, int | float | None]]:
    own = [survey for conversation in asked for survey in conversation if period.owns(survey.asked_at)]
    return {about.value: satisfaction(own, about=about) for about in About}
