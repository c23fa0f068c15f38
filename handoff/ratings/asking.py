"""When a customer is asked for a rating, and what his answer does; on the caller's transaction.

Nobody is asked twice about one case or within a day, nor after he said that he does not want to be asked.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.messages import EventKind
from core.models import Contact, Conversation, Event, Message
from handoff.cases import note_event
from handoff.ratings.models import RatingAsk, RatingOptOut
from handoff.ratings.presses import BEST, Press

REST: Final = timedelta(hours=24)
"""Between two questions to one customer."""
ANSWERABLE: Final = timedelta(days=7)
ABOUT_ANSWER: Final = "answer"
ABOUT_CASE: Final = "case"


class Outcome(StrEnum):
    """What became of a press."""

    HELPFUL = "helpful"
    NOT_HELPFUL = "not_helpful"
    RATED = "rated"
    CHANGED = "changed"
    """He pressed another number than before: the last one counts."""
    REPEATED = "repeated"
    STOPPED = "stopped"
    ANOTHERS = "of_another_person"
    UNKNOWN = "unknown"


async def ask(
    session: AsyncSession, conversation: Conversation, *, kind: str, case_id: int | None = None, now: datetime
) -> RatingAsk | None:
    """A question that is to be put to the customer now; None where he is not to be asked. The message is the caller's."""
    if await session.get(RatingOptOut, conversation.contact_id) is not None:
        return None
    recent = select(RatingAsk.id).where(
        RatingAsk.contact_id == conversation.contact_id, RatingAsk.kind == kind, RatingAsk.asked_at > now - REST
    )
    if await session.scalar(recent.limit(1)) is not None:
        return None
    asked = RatingAsk(
        conversation_id=conversation.id,
        kind=kind,
        case_id=case_id,
        contact_id=conversation.contact_id,
        asked_at=now,
    )
    session.add(asked)
    await session.flush()
    if kind == ABOUT_CASE:
        note_event(session, conversation, EventKind.RATING_ASKED, at=now, details={"about": "human"})
    return asked


async def take_press(
    session: AsyncSession, conversation: Conversation, press: Press, *, sender: str, now: datetime
) -> Outcome:
    """`sender` is the platform's id of who pressed: in a group only the one who was asked counts."""
    asked = await session.get(RatingAsk, press.ask_id, with_for_update=True)
    if asked is None or asked.conversation_id != conversation.id or asked.asked_at < now - ANSWERABLE:
        return Outcome.UNKNOWN
    contact = await session.get_one(Contact, asked.contact_id)
    if contact.external_id != sender:
        return Outcome.ANOTHERS
    if press.score is None:
        return await _stop(session, contact, now=now)
    if not _fits(asked, press.score):
        return Outcome.UNKNOWN
    return await _score(session, conversation, asked, press.score, now=now)


async def _stop(session: AsyncSession, contact: Contact, *, now: datetime) -> Outcome:
    if await session.get(RatingOptOut, contact.id) is not None:
        return Outcome.REPEATED
    session.add(RatingOptOut(contact_id=contact.id, at=now))
    return Outcome.STOPPED


async def _score(
    session: AsyncSession, conversation: Conversation, asked: RatingAsk, score: int, *, now: datetime
) -> Outcome:
    if asked.score == score:
        return Outcome.REPEATED
    first = asked.answered_at is None
    asked.score, asked.answered_at = score, now
    kind = EventKind.FEEDBACK if asked.kind == ABOUT_ANSWER else EventKind.RATING
    details = await _details(session, asked, score)
    session.add(Event(conversation_id=conversation.id, kind=kind, at=now, details=details))
    announce(session, "conversation", conversation.id)
    if not first:
        return Outcome.CHANGED
    if asked.kind == ABOUT_CASE:
        return Outcome.RATED
    return Outcome.HELPFUL if score else Outcome.NOT_HELPFUL


def _fits(asked: RatingAsk, score: int) -> bool:
    return score in {0, 1} if asked.kind == ABOUT_ANSWER else 1 <= score <= BEST


async def _details(session: AsyncSession, asked: RatingAsk, score: int) -> dict[str, Any]:
    if asked.kind == ABOUT_CASE:
        return {"about": "human", "score": score, "case": asked.case_id}
    message = None if asked.message_id is None else await session.get(Message, asked.message_id)
    entries = [] if message is None else [one.get("entry") for one in message.sources]
    return {"helpful": bool(score), "message": asked.message_id, "entries": entries}
