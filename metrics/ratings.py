"""Who was asked for a rating, about whom, and what they gave (METRICS.md section 4, *CSAT*)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from metrics.episodes import Conversation
from metrics.facts import About, Rating, RatingAsked

POSITIVE: Final = 4
"""Scores from here up are a satisfied customer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """One question for a rating; `score` is the last answer to it, None without one."""

    about: About
    asked_at: datetime
    position: int
    """Where it stands among the facts of its conversation."""
    score: int | None

    @property
    def positive(self) -> bool:
        return self.score is not None and self.score >= POSITIVE


def surveys(conversation: Conversation) -> list[Survey]:
    """Every ask with its answer: a rating answers the last preceding ask about the same, and the last of several counts."""
    asked: dict[About, int] = {}
    scores: dict[int, int] = {}
    for position, fact in enumerate(conversation.facts):
        if isinstance(fact, RatingAsked):
            asked[fact.about] = position
        elif isinstance(fact, Rating) and fact.about in asked:
            scores[asked[fact.about]] = fact.score
    return [
        Survey(about=fact.about, asked_at=fact.at, position=position, score=scores.get(position))
        for position, fact in enumerate(conversation.facts)
        if isinstance(fact, RatingAsked)
    ]


def satisfaction(asked: Iterable[Survey], *, about: About) -> dict[str, int | float | None]:
    """`csat` of METRICS.md section 6: ratings of 4 and 5 ÷ ratings given."""
    all_asked = [survey for survey in asked if survey.about is about]
    given = sum(survey.score is not None for survey in all_asked)
    positive = sum(survey.positive for survey in all_asked)
    return {"asked": len(all_asked), "given": given, "positive": positive, "score": positive / given if given else None}
