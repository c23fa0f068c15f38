"""A timeline file (METRICS.md section 6) becomes facts. Nothing is guessed: what cannot be meant is refused."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from core.messages import Author, Purpose
from handoff.hours.opening_hours import OpeningHours
from handoff.hours.parsing import OpeningHoursMistake, parse_opening_hours
from metrics.facts import About, Claim, Fact, Feedback, Handoff, Message, Rating, RatingAsked, Resolve
from metrics.fields import Fields, TimelineMistake
from metrics.settings import MetricsSettings
from metrics.settings_reader import read_settings

_KEYS: Final = ("now", "since", "until", "channel", "timezone", "hours", "closed", "settings", "events")
_EVENT_KEYS: Final = (
    *("at", "conversation", "channel", "kind", "author", "purpose", "accepted"),
    *("agent", "reason", "helpful", "about", "score"),
)
_BOT_PURPOSES: Final = (
    Purpose.ANSWER,
    Purpose.CLARIFICATION,
    Purpose.SMALLTALK,
    Purpose.NOTICE,
    Purpose.BROADCAST,
)
# Deadlines are added to `now`, and the calendar ends with the year 9999.
_LAST_YEAR: Final = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What `build_report` needs, read from one file. Instants are in UTC."""

    facts: tuple[Fact, ...]
    since: datetime
    until: datetime
    now: datetime
    channel: str | None
    hours: OpeningHours | None
    settings: MetricsSettings


def read_timeline(text: str) -> Timeline:
    """Reads the text of a timeline file.

    Raises:
        TimelineMistake: it is not JSON, or not a timeline; the sentence says where.

    """
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise TimelineMistake(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}.") from None
    except (RecursionError, ValueError):  # nested a thousand deep; a number of thousands of digits
        raise TimelineMistake("timeline: not a JSON that can be read.") from None
    return parse_timeline(data)


def parse_timeline(data: Any) -> Timeline:
    """Validates a decoded timeline.

    Keys that METRICS.md does not name are remarks and ignored, unless they look like a misspelt key.

    Raises:
        TimelineMistake: the sentence begins with the place, such as `events[3].at: …`.

    """
    fields = Fields(data, place="")
    fields.refuse_misspelt(_KEYS)
    since, until, now = fields.instant("since"), fields.instant("until"), fields.instant("now")
    if since > until:
        raise fields.mistake("until", "is before since.")
    if now.year > _LAST_YEAR:
        raise fields.mistake("now", f"is after the year {_LAST_YEAR}.")
    return Timeline(
        facts=tuple(_parse_event(event, position) for position, event in enumerate(fields.items("events"))),
        since=since,
        until=until,
        now=now,
        channel=fields.optional_text("channel"),
        hours=_parse_hours(fields),
        settings=read_settings(fields.get("settings")),
    )


def _parse_hours(fields: Fields) -> OpeningHours | None:
    try:
        return parse_opening_hours(
            hours=fields.get("hours"), closed=fields.get("closed"), timezone=fields.get("timezone")
        )
    except OpeningHoursMistake as mistake:
        raise TimelineMistake(str(mistake)) from None


def _parse_event(data: Any, position: int) -> Fact:
    fields = Fields(data, place=f"events[{position}]")
    fields.refuse_misspelt(_EVENT_KEYS)
    kind = fields.text("kind")
    if kind not in _READERS:
        raise fields.mistake("kind", f"{kind!r} is unknown; known are {', '.join(_READERS)}.")
    return _READERS[kind](
        fields,
        at=fields.instant("at"),
        conversation=fields.text("conversation"),
        channel=fields.optional_text("channel"),
    )


def _message(fields: Fields, **common: Any) -> Message:
    author = fields.choice("author", Author)
    purpose = None if fields.get("purpose") is None else fields.choice("purpose", Purpose)
    if author is Author.BOT and purpose not in _BOT_PURPOSES:
        said = "is missing" if purpose is None else f"{purpose.value!r} is none of the bot's"
        raise fields.mistake("purpose", f"{said}; the bot's are {', '.join(_BOT_PURPOSES)}.")
    accepted = fields.get("accepted") is None or fields.flag("accepted")
    agent = fields.optional_text("agent")
    return Message(author=author, purpose=purpose, agent=agent, accepted=accepted, **common)


def _handoff(fields: Fields, **common: Any) -> Handoff:
    return Handoff(reason=fields.optional_text("reason"), **common)


def _claim(fields: Fields, **common: Any) -> Claim:
    return Claim(agent=fields.optional_text("agent"), **common)


def _resolve(fields: Fields, **common: Any) -> Resolve:
    return Resolve(agent=fields.optional_text("agent"), **common)


def _feedback(fields: Fields, **common: Any) -> Feedback:
    return Feedback(helpful=fields.flag("helpful"), **common)


def _rating_asked(fields: Fields, **common: Any) -> RatingAsked:
    return RatingAsked(about=fields.choice("about", About), **common)


def _rating(fields: Fields, **common: Any) -> Rating:
    return Rating(about=fields.choice("about", About), score=fields.whole("score", low=1, high=5), **common)


_READERS: Final[dict[str, Callable[..., Fact]]] = {
    "message": _message,
    "handoff": _handoff,
    "claim": _claim,
    "resolve": _resolve,
    "feedback": _feedback,
    "rating_asked": _rating_asked,
    "rating": _rating,
}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise TimelineMistake(f"{twice}: stands twice in one object.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise TimelineMistake(f"timeline: {name} is not a JSON number.")
