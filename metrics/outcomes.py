"""How the bot's episodes came out (METRICS.md section 4, *Bot outcomes*). Silence is never called resolved."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.messages import Purpose
from metrics.episodes import Episode
from metrics.facts import About
from metrics.ratings import Survey

SETTLED_AFTER: Final = timedelta(hours=72)
"""How long an episode may still come back before it is judged."""


class BotOutcome(StrEnum):
    """In the order in which they are tried; the first that holds is the outcome."""

    UNDECIDED = "undecided"
    HANDED_OFF = "handed_off"
    GAVE_UP = "gave_up"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    QUIET = "quiet"


def bot_outcome(episode: Episode, *, surveys: Sequence[Survey], now: datetime) -> BotOutcome | None:
    """The outcome of one episode; None when the bot sent neither an answer nor a clarification in it.

    `surveys` are all of the episode's conversation, in order.
    """
    answered = any(message.is_bots(Purpose.ANSWER) for message in episode.messages)
    if not answered and not any(message.is_bots(Purpose.CLARIFICATION) for message in episode.messages):
        return None
    if episode.handed_off:
        return BotOutcome.HANDED_OFF
    if now - episode.last_message.at < SETTLED_AFTER:
        return BotOutcome.UNDECIDED
    if episode.last_message.from_customer or not answered or episode.last_feedback is False:
        return BotOutcome.GAVE_UP
    return _peaceful_outcome(episode, surveys)


def count_outcomes(outcomes: Iterable[BotOutcome]) -> dict[str, int]:
    """`bot_outcomes` of METRICS.md section 6; all but the undecided ones are decided."""
    counts = Counter(outcomes)
    undecided = counts.pop(BotOutcome.UNDECIDED, 0)
    decided = {outcome.value: counts[outcome] for outcome in BotOutcome if outcome is not BotOutcome.UNDECIDED}
    return {"undecided": undecided, "decided": counts.total(), **decided}


def _peaceful_outcome(episode: Episode, surveys: Sequence[Survey]) -> BotOutcome:
    """The outcome of an episode whose last word was the bot's answer."""
    following = episode.next_started_at
    if following is not None and following - episode.last_message.at <= SETTLED_AFTER:
        return BotOutcome.RETURNED
    if episode.last_feedback or _rated_well(episode, surveys):
        return BotOutcome.CONFIRMED
    return BotOutcome.QUIET


def _rated_well(episode: Episode, surveys: Sequence[Survey]) -> bool:
    first = bisect_left(surveys, episode.position, key=_position)
    end = bisect_left(surveys, episode.position + len(episode.facts), key=_position)
    return any(survey.positive and survey.about is About.BOT for survey in surveys[first:end])


def _position(survey: Survey) -> int:
    return survey.position
