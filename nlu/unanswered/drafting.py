"""Makes a draft entry of a group: its questions are the phrasings, the agent's own reply the answer."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, UserMistake
from knowledge_base.content import EntryContent, StoredEntry, Translation
from knowledge_base.entries import create_entry
from knowledge_base.models import Entry, EntryStatus
from knowledge_base.wording import words_of
from nlu.models import UnansweredQuestion
from nlu.unanswered.questions import Question, Reply

MOST_PHRASINGS: Final = 40
"""Of one language: more ways to say the same teach little, and nobody reads them."""
_LONGEST_ID: Final = 48
_NO_ID: Final = re.compile(r"[^\w]+")


async def make_draft(
    session: AsyncSession, questions: Sequence[Question], *, reply_id: int | None, now: datetime, by: int
) -> StoredEntry:
    """A draft of these questions (the most telling one of each language first) and of a reply to one of them; without
    `reply_id`, the answer waits to be written. The questions belong to the entry from then on.

    Raises `UserMistake` without questions, `NotFound` for a reply that none of them got.
    """
    if not questions:
        raise UserMistake("A draft needs at least one question.")
    reply = _reply_of(questions, reply_id)
    content = EntryContent(
        id=await _free_id(session, questions[0].text),
        status=EntryStatus.DRAFT,
        translations=translations_of(questions, reply),
    )
    draft = await create_entry(session, content, now=now, by=by)
    await session.execute(
        update(UnansweredQuestion)
        .where(UnansweredQuestion.id.in_([one.id for one in questions]))
        .values(entry=draft.content.id),
        execution_options={"synchronize_session": False},
    )
    return draft


def translations_of(questions: Sequence[Question], reply: Reply | None) -> Mapping[str, Translation]:
    """By language: the first question, the others that differ from it as phrasings, the reply where it is in it."""
    texts: dict[str, dict[tuple[str, ...], str]] = {}
    for question in questions:
        texts.setdefault(question.language, {}).setdefault(tuple(words_of(question.text)), question.text)
    if reply is not None:
        texts.setdefault(reply.language, {})
    return {
        language: Translation(
            question=(wordings := list(different.values()) or [questions[0].text])[0],
            phrasings=tuple(wordings[1 : MOST_PHRASINGS + 1]),
            answer=reply.text if reply is not None and reply.language == language else "",
        )
        for language, different in texts.items()
    }


def _reply_of(questions: Sequence[Question], reply_id: int | None) -> Reply | None:
    if reply_id is None:
        return None
    found = next((reply for one in questions for reply in one.replies if reply.message_id == reply_id), None)
    if found is None:
        raise NotFound("No agent gave this reply to one of these questions.")
    return found


async def _free_id(session: AsyncSession, text: str) -> str:
    """The question's words as an id that nobody has yet."""
    plain = _NO_ID.sub("-", text.casefold()).strip("-")[:_LONGEST_ID].strip("-") or "question"
    taken = set(await session.scalars(select(Entry.id).where(Entry.id.startswith(plain, autoescape=True))))
    candidates = (plain if number == 1 else f"{plain}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in candidates if one not in taken)
