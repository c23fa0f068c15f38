"""The figures behind the report, one row an episode, a case or a rating, as CSV for a spreadsheet.

What the report adds up is here as single lines, so that a manager can sort, filter and check them. Times are instants
in UTC or seconds; an empty cell means none. Service levels are not in it: they have no definition stored yet.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from handoff.hours.opening_hours import OpenCalendar, OpeningHours
from knowledge_base.interchange.cells import guarded
from metrics.cases import cases
from metrics.clocks import Stopwatch
from metrics.episodes import Conversation, Episode, conversations
from metrics.facts import Fact, Handoff, ResponseKind
from metrics.instants import write_instant
from metrics.outcomes import bot_outcome
from metrics.ratings import surveys
from metrics.report import Period
from metrics.settings import MetricsSettings

COLUMNS: Final = (
    "kind",
    "conversation",
    "channel",
    "began_at",
    "ended_at",
    "outcome",
    "reason",
    "first_any_s",
    "first_any_business_s",
    "first_bot_s",
    "first_bot_business_s",
    "first_human_s",
    "first_human_business_s",
    "waits",
    "waits_open",
    "longest_wait_s",
    "resolution_s",
    "resolution_business_s",
    "about",
    "score",
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ruler:
    """Measures stopwatches as the report does; an open one, and business time outside the hours, give None."""

    calendar: OpenCalendar | None

    def cells(self, name: str, clock: Stopwatch) -> dict[str, float | None]:
        return {f"{name}_s": _seconds(clock.elapsed()), f"{name}_business_s": self._business(clock)}

    def _business(self, clock: Stopwatch) -> float | None:
        if self.calendar is None or clock.stopped_at is None:
            return None
        return _seconds(self.calendar.between(clock.started_at, clock.stopped_at))


def export_rows(
    facts: Iterable[Fact],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    channel: str | None,
    hours: OpeningHours | None,
    settings: MetricsSettings,
) -> Iterator[Row]:
    """What began in the period, conversation by conversation: the same facts that `build_report` counts."""
    facts = list(facts)
    known = conversations(facts, now=now, gap=settings.episode_gap, channel=channel)
    channels = {fact.conversation: fact.channel for fact in facts if fact.channel is not None}
    earliest = min((conversation.facts[0].at for conversation in known), default=now)
    ruler = _Ruler(calendar=None if hours is None else hours.calendar(earliest, now))
    period = Period(since=since, until=until)
    for conversation in known:
        rows = [
            *_episodes(conversation, ruler=ruler, now=now),
            *_cases(conversation, ruler=ruler, now=now, gap=settings.episode_gap),
            *_ratings(conversation),
        ]
        place = {"conversation": conversation.name, "channel": channels.get(conversation.name)}
        yield from (
            {**place, **row, "began_at": write_instant(row["began_at"])}
            for row in sorted(rows, key=lambda row: row["began_at"])
            if period.owns(row["began_at"])
        )


def write_rows(rows: Iterable[Row]) -> str:
    """CSV with the columns above; no cell begins a formula (FIGURES.md C1)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: guarded(value) if isinstance(value, str) else value for name, value in row.items()})
    return text.getvalue()


def _episodes(conversation: Conversation, *, ruler: _Ruler, now: datetime) -> Iterator[Row]:
    asked = surveys(conversation)
    for episode in conversation.episodes():
        outcome = bot_outcome(episode, surveys=asked, now=now)
        yield {
            "kind": "episode",
            "began_at": episode.started_at,
            "ended_at": write_instant(episode.last_message.at),
            "outcome": None if outcome is None else outcome.value,
            **{
                name: cell
                for kind in ResponseKind
                for name, cell in ruler.cells(f"first_{kind.value}", episode.first_response(kind)).items()
            },
            **_waits(episode),
        }


def _waits(episode: Episode) -> dict[str, float | int | None]:
    waits = list(episode.waits())
    lengths = [length for wait in waits if (length := wait.elapsed()) is not None]
    return {
        "waits": len(waits),
        "waits_open": len(waits) - len(lengths),
        "longest_wait_s": _seconds(max(lengths, default=None)),
    }


def _cases(conversation: Conversation, *, ruler: _Ruler, now: datetime, gap: timedelta) -> Iterator[Row]:
    handoffs = [fact for fact in conversation.facts if isinstance(fact, Handoff)]
    for handoff, case in zip(handoffs, cases(conversation), strict=True):
        yield {
            "kind": "case",
            "began_at": case.requested_at,
            "ended_at": None if case.resolved_at is None else write_instant(case.resolved_at),
            "outcome": case.outcome(now=now, gap=gap).value,
            "reason": handoff.reason,
            **ruler.cells("first_human", case.wait),
            **ruler.cells("resolution", case.resolution),
        }


def _ratings(conversation: Conversation) -> Sequence[Row]:
    return [
        {"kind": "rating", "began_at": survey.asked_at, "about": survey.about.value, "score": survey.score}
        for survey in surveys(conversation)
    ]


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
