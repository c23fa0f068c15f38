"""Keeps what the bot could not answer, in the transaction that decides; and what an agent marks as answered wrongly."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.errors import NotFound, UserMistake
from core.languages import DEFAULT_LANGUAGE
from core.messages import Author, Purpose
from core.models import Conversation, Message
from knowledge_base.content import QUESTION_LENGTH, one_line
from knowledge_base.wording import words_of
from nlu.decisions import Answer, Clarify, Decision, HandOff, Reason
from nlu.models import Miss, UnansweredQuestion
from nlu.offers import declined

_MISSES: Final[Mapping[Reason, Miss]] = {
    Reason.NOT_UNDERSTOOD: Miss.NOT_UNDERSTOOD,
    Reason.LOW_CONFIDENCE: Miss.LOW_CONFIDENCE,
    Reason.REPEATED_FAILURE: Miss.REPEATED_FAILURE,
    Reason.ANGRY: Miss.ANGRY,
}
"""Reasons that say something about the knowledge base; the others are about the customer or about us."""


def keep_outcome(
    session: AsyncSession, conversation: Conversation, decision: Decision, *, question: str, at: datetime
) -> None:
    """Note a question that got no answer. What is none (no words, a bare number, "none of these") is left out."""
    miss = Miss.CLARIFIED if isinstance(decision, Clarify) else None
    if isinstance(decision, HandOff):
        miss = _MISSES.get(decision.reason)
    text = one_line(question)[:QUESTION_LENGTH]
    if miss is None or not is_question(text) or declined(text):
        return
    session.add(
        UnansweredQuestion(conversation_id=conversation.id, at=at, text=text, language=decision.language, miss=miss)
    )


async def forget_clarified(session: AsyncSession, conversation_id: int, decision: Decision) -> None:
    """After a "did you mean": an answer says that asking back was enough."""
    if isinstance(decision, Answer):
        await session.execute(
            delete(UnansweredQuestion).where(
                UnansweredQuestion.conversation_id == conversation_id,
                UnansweredQuestion.miss == Miss.CLARIFIED,
                UnansweredQuestion.entry.is_(None),
            ),
            execution_options={"synchronize_session": False},
        )


async def mark_wrong(session: AsyncSession, conversation_id: int, message_id: int, *, by: int) -> UnansweredQuestion:
    """The bot's answer was wrong: its question counts as unanswered. Marking twice is marking once.

    Raises `NotFound`, and `UserMistake` for what is no answer of the bot or follows no words of the customer.
    """
    known = await session.scalar(select(UnansweredQuestion).where(UnansweredQuestion.message_id == message_id))
    if known is not None and known.conversation_id == conversation_id:
        return known
    answer = await session.get(Message, message_id)
    if answer is None or answer.conversation_id != conversation_id:
        raise NotFound("There is no such message.")
    if answer.author is not Author.BOT or answer.purpose is not Purpose.ANSWER:
        raise UserMistake("Only an answer of the bot can be marked as wrong.")
    conversation = await session.get_one(Conversation, conversation_id)
    text = one_line(await _asked_before(session, answer))[:QUESTION_LENGTH]
    if not is_question(text):
        raise UserMistake("There are no words of the customer before this answer.")
    question = UnansweredQuestion(
        conversation_id=conversation_id,
        at=answer.created_at,
        text=text,
        language=conversation.language or DEFAULT_LANGUAGE,
        miss=Miss.WRONG_ANSWER,
        message_id=message_id,
        user_id=by,
    )
    session.add(question)
    announce(session, "message", message_id)
    await session.flush()
    return question


async def unmark_wrong(session: AsyncSession, conversation_id: int, message_id: int) -> None:
    """Raises `NotFound` where the answer is not marked."""
    known = await session.scalar(select(UnansweredQuestion).where(UnansweredQuestion.message_id == message_id))
    if known is None or known.conversation_id != conversation_id:
        raise NotFound("This message is not marked as wrong.")
    await session.delete(known)
    announce(session, "message", message_id)


def is_question(text: str) -> bool:
    """Whether there is a word in it: an order's or a telephone's number is no question."""
    return any(not word.isdigit() for word in words_of(text))


async def marked_in(session: AsyncSession, conversation_id: int) -> list[int]:
    """The bot's messages of a conversation that are marked as wrong."""
    found = await session.scalars(
        select(UnansweredQuestion.message_id).where(
            UnansweredQuestion.conversation_id == conversation_id, UnansweredQuestion.message_id.is_not(None)
        )
    )
    return [message_id for message_id in found if message_id is not None]


async def _asked_before(session: AsyncSession, answer: Message) -> str:
    """The customer's words between our last message and this one."""
    earlier = await session.scalars(
        select(Message)
        .where(Message.conversation_id == answer.conversation_id, Message.id < answer.id)
        .order_by(Message.id.desc())
        .limit(20)
    )
    texts: list[str] = []
    for message in earlier:
        if message.author is Author.CUSTOMER:
            texts.append(message.text)
        elif texts:
            break
    return "\n".join(reversed([text for text in texts if text.strip()]))
