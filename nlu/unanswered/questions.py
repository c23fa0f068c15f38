"""The unanswered questions with what they cost and how agents answered them: read from the conversations themselves."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Author, EventKind, Purpose
from core.models import Conversation, Event, Message
from nlu.models import Miss, UnansweredQuestion

MOST_QUESTIONS: Final = 10_000
"""The latest so many are looked at."""
_IDS_AT_ONCE: Final = 500
_ENDS: Final = frozenset({EventKind.RESOLVE, EventKind.HAND_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an agent wrote to the customer after his question, until the case was closed."""

    message_id: int
    text: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`attended` is the time from the claim (or the first reply) to the last reply of the case that the question is in;
    `case` names that case: questions of one case share its time. `entry` is the one that was made of its group.
    """

    id: int
    conversation_id: int
    contact_id: int
    at: datetime
    text: str
    language: str
    miss: Miss
    entry: str | None
    case: tuple[int, datetime | None]
    attended: timedelta = timedelta()
    replies: tuple[Reply, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Course:
    """What happened in one conversation, in order."""

    ends: list[datetime] = field(default_factory=list)
    claims: list[datetime] = field(default_factory=list)
    replies: list[tuple[datetime, int, str]] = field(default_factory=list)


async def read_questions(session: AsyncSession, *, open_only: bool = False) -> list[Question]:
    """Those that nobody set aside, oldest first; with `open_only` those that no entry was made of."""
    query = (
        select(UnansweredQuestion, Conversation.contact_id)
        .join(Conversation, Conversation.id == UnansweredQuestion.conversation_id)
        .where(UnansweredQuestion.set_aside_at.is_(None))
        .order_by(UnansweredQuestion.id.desc())
        .limit(MOST_QUESTIONS)
    )
    if open_only:
        query = query.where(UnansweredQuestion.entry.is_(None))
    rows = [(row[0], row[1]) for row in await session.execute(query)]
    courses = await _courses(session, sorted({row.conversation_id for row, _ in rows}))
    return [_question(row, contact, courses.get(row.conversation_id, _Course())) for row, contact in reversed(rows)]


def minutes_of(questions: Sequence[Question]) -> float:
    """Agents' minutes on the cases of these questions, each case once."""
    return sum({one.case: one.attended for one in questions}.values(), timedelta()).total_seconds() / 60


def _question(row: UnansweredQuestion, contact_id: int, course: _Course) -> Question:
    end = next((one for one in course.ends if one > row.at), None)
    said = [one for one in course.replies if one[0] > row.at and (end is None or one[0] <= end)]
    claimed = bisect_right(course.claims, row.at)
    began = course.claims[claimed] if claimed < len(course.claims) else None
    attended = timedelta()
    if said:
        attended = said[-1][0] - (min(began, said[0][0]) if began is not None else said[0][0])
    return Question(
        id=row.id,
        conversation_id=row.conversation_id,
        contact_id=contact_id,
        at=row.at,
        text=row.text,
        language=row.language,
        miss=row.miss,
        entry=row.entry,
        case=(row.conversation_id, end),
        attended=attended,
        replies=tuple(Reply(message_id=number, text=text, language=row.language, at=at) for at, number, text in said),
    )


async def _courses(session: AsyncSession, conversations: Sequence[int]) -> Mapping[int, _Course]:
    courses: dict[int, _Course] = {}
    for some in _chunks(conversations):
        events = select(Event.conversation_id, Event.kind, Event.at).where(
            Event.conversation_id.in_(some), Event.kind.in_([*_ENDS, EventKind.CLAIM])
        )
        for conversation, kind, at in await session.execute(events.order_by(Event.at)):
            course = courses.setdefault(conversation, _Course())
            (course.ends if kind in _ENDS else course.claims).append(at)
        replies = select(Message.conversation_id, Message.created_at, Message.id, Message.text).where(
            Message.conversation_id.in_(some),
            Message.author == Author.AGENT,
            Message.purpose == Purpose.REPLY,
            Message.deleted_at.is_(None),
            Message.text != "",
        )
        for conversation, at, number, text in await session.execute(replies.order_by(Message.id)):
            courses.setdefault(conversation, _Course()).replies.append((at, number, text))
    return courses


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]
