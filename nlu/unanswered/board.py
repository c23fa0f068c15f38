"""The board of unanswered questions: grouped beside the serving, again only when new ones came."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from core.database import Database
from core.preferences import Brand, load_brand
from knowledge_base.entries import find_entries
from knowledge_base.models import EntryStatus
from knowledge_base.vectors import FileVectorStore
from knowledge_base.wording import words_of
from nlu.building import encode_all
from nlu.serving import InUse, Serving
from nlu.unanswered.beside import Heap, Order, Vectors
from nlu.unanswered.foresight import Foresight, foresee
from nlu.unanswered.questions import Question, minutes_of, read_questions
from nlu.unanswered.shapes import BoardItem, GroupItem, MadeItem, QuestionItem, ReplyItem
from nlu.understanding import Understanding, Understands

log = structlog.get_logger(__name__)

Group = Callable[[Order], Awaitable[list[list[int]]]]
Wording = tuple[str, tuple[str, ...]]
"""A language and folded words: what is grouped once, however many customers ask it."""

_PORTION: Final = 64
_PATIENCE_SECONDS: Final = 3.0
"""How long a reader waits for new questions to be grouped; then he sees the groups as they were."""
_SHOWN_QUESTIONS: Final = 50
_SHOWN_REPLIES: Final = 5
_MOST_FORESEEN: Final = 200


class Board:
    """One a process. `folder` keeps the vectors of questions across restarts."""

    def __init__(self, *, database: Database, serving: Serving, folder: Path, group: Group) -> None:
        self._database, self._serving, self._group = database, serving, group
        self._vectors = FileVectorStore(folder)
        self._groups: list[list[Wording]] = []
        self._grouped: frozenset[Wording] = frozenset()
        self._grouping: asyncio.Task[None] | None = None
        self._foreseen: dict[str, tuple[Understands, tuple[int, ...], list[Foresight]]] = {}

    async def read(self) -> BoardItem:
        """All groups of two and more, most customers first; what is single; what became of those that are entries."""
        in_use = await self._serving.current()
        async with self._database.read() as session:
            questions = await read_questions(session)
            brand = await load_brand(session)
        waiting = [question for question in questions if question.entry is None]
        await self._keep_grouped(waiting, in_use.understanding)
        by_wording: dict[Wording, list[Question]] = {}
        for question in waiting:
            by_wording.setdefault(_wording_of(question), []).append(question)
        groups = [[one for wording in group for one in by_wording.get(wording, ())] for group in self._groups]
        groups.extend(found for wording, found in by_wording.items() if wording not in self._grouped)
        return BoardItem(
            groups=sorted(
                (_group_item(group) for group in groups if len(group) > 1),
                key=lambda item: (-item.customers, -item.minutes, item.ids[0]),
            ),
            single=[_question_item(group[0]) for group in groups if len(group) == 1][-_SHOWN_QUESTIONS:],
            made=await self._made([one for one in questions if one.entry is not None], in_use, brand),
            questions=len(waiting),
            customers=len({question.contact_id for question in waiting}),
            behind=sum(wording not in self._grouped for wording in by_wording),
        )

    async def _keep_grouped(self, waiting: Sequence[Question], understanding: Understands) -> None:
        wanted = {_wording_of(question): question for question in waiting}
        if wanted.keys() <= self._grouped or (self._grouping is not None and not self._grouping.done()):
            return
        self._grouping = asyncio.create_task(self._group_anew(wanted, understanding), name="group questions")
        self._grouping.add_done_callback(_tell_failure)
        await asyncio.wait([self._grouping], timeout=_PATIENCE_SECONDS)

    async def _group_anew(self, wanted: Mapping[Wording, Question], understanding: Understands) -> None:
        wordings, texts = list(wanted), [question.text for question in wanted.values()]
        languages = [question.language for question in wanted.values()]
        vectors = await self._vectors_of(texts, understanding)
        asked = Heap(texts=texts, languages=languages, vectors=vectors)
        found = await self._group(order_of(asked, understanding))
        self._groups = [[wordings[place] for place in group] for group in found]
        self._grouped = frozenset(wordings)
        log.info("questions_grouped", questions=len(wordings), groups=sum(len(group) > 1 for group in found))

    async def _vectors_of(self, texts: Sequence[str], understanding: Understands) -> Vectors:
        """In portions, so that customers' questions get their turn at the encoder."""
        encoder = understanding.encoder if isinstance(understanding, Understanding) else None
        if encoder is None:
            return np.zeros((len(texts), 0), dtype=np.float32)
        for start in range(0, len(texts), _PORTION):
            some = texts[start : start + _PORTION]
            await asyncio.to_thread(encode_all, some, encoder=encoder, store=self._vectors)
        return await asyncio.to_thread(encode_all, texts, encoder=encoder, store=self._vectors)

    async def _made(self, questions: Sequence[Question], in_use: InUse, brand: Brand) -> list[MadeItem]:
        by_entry: dict[str, list[Question]] = {}
        for question in questions:
            by_entry.setdefault(question.entry or "", []).append(question)
        async with self._database.read() as session:
            entries = await find_entries(session, list(by_entry))
        items = []
        for name, entry in entries.items():
            group = by_entry[name][-_MOST_FORESEEN:]
            seen = await self._foresee(name, group, in_use, brand) if name in in_use.snapshot.entries else None
            items.append(
                MadeItem(
                    entry=name,
                    question=next(iter(entry.content.translations.values())).question,
                    status=EntryStatus.DRAFT if seen is None else EntryStatus.PUBLISHED,
                    questions=len(group),
                    customers=len({one.contact_id for one in group}),
                    answered=None if seen is None else sum(one.answered for one in seen),
                    unseen=None if seen is None else sum(one.unseen for one in seen),
                )
            )
        return sorted(items, key=lambda item: (item.status, -item.customers, item.entry))

    async def _foresee(self, entry: str, group: Sequence[Question], in_use: InUse, brand: Brand) -> list[Foresight]:
        """Decided anew only with another understanding or other questions."""
        asked = tuple(question.id for question in group)
        known = self._foreseen.get(entry)
        if known is not None and known[0] is in_use.understanding and known[1] == asked:
            return known[2]
        texts, languages = [one.text for one in group], [one.language for one in group]
        seen = await foresee(in_use.understanding, texts, languages, entry, brand=brand)
        self._foreseen[entry] = (in_use.understanding, asked, seen)
        return seen


def _tell_failure(grouping: asyncio.Task[None]) -> None:
    if not grouping.cancelled() and (error := grouping.exception()) is not None:
        log.error("questions_not_grouped", error=f"{type(error).__name__}: {error}")


def order_of(asked: Heap, understanding: Understands) -> Order:
    """With the phrasings of the published entries, of which the child learns what counts as alike."""
    model = understanding.model if isinstance(understanding, Understanding) else None
    if model is None:
        nothing = Heap(texts=(), languages=(), vectors=asked.vectors[:0])
        return Order(asked=asked, known=nothing, owners=(), shares={})
    collection, texts = model.matcher.collection, model.matcher.texts
    rows = np.flatnonzero(collection.asked)
    known = Heap(
        texts=[collection.texts[int(row)] for row in rows],
        languages=[collection.languages[int(row)] for row in rows],
        vectors=texts.vectors[rows],
    )
    return Order(asked=asked, known=known, owners=collection.owners[rows].tolist(), shares=dict(model.matcher.shares))


def _wording_of(question: Question) -> Wording:
    return question.language, tuple(words_of(question.text))


def _group_item(group: Sequence[Question]) -> GroupItem:
    return GroupItem(
        title=group[0].text,
        language=group[0].language,
        ids=[question.id for question in group],
        customers=len({question.contact_id for question in group}),
        minutes=round(minutes_of(group), 1),
        languages=dict(Counter(question.language for question in group).most_common()),
        questions=[_question_item(question) for question in group[:_SHOWN_QUESTIONS]],
        replies=_replies(group),
    )


def _replies(group: Iterable[Question]) -> list[ReplyItem]:
    """The last thing an agent wrote in each case, longest first: "one moment" answers nothing."""
    last = {question.case: (question, question.replies[-1]) for question in group if question.replies}
    by_text = {reply.text: (question, reply) for question, reply in last.values()}
    chosen = sorted(by_text.values(), key=lambda pair: -len(pair[1].text))[:_SHOWN_REPLIES]
    return [
        ReplyItem(
            id=reply.message_id,
            conversation_id=question.conversation_id,
            text=reply.text,
            language=reply.language,
            at=reply.at,
        )
        for question, reply in chosen
    ]


def _question_item(question: Question) -> QuestionItem:
    return QuestionItem(
        id=question.id,
        conversation_id=question.conversation_id,
        text=question.text,
        language=question.language,
        miss=question.miss,
        at=question.at,
    )
