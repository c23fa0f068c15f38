"""Would the bot answer a question with an entry now, as it stands, and had it never seen those words?"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.preferences import Brand
from knowledge_base.wording import words_of
from nlu.decisions import Answer
from nlu.understanding import Context, Understanding, Understands


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """Of one text: `answered` with the entry as things stand; `unseen` if its own words were not among the phrasings,
    which is what the next customer's words are like.
    """

    answered: bool
    unseen: bool


async def foresee(
    understanding: Understands, texts: Sequence[str], languages: Sequence[str], entry: str, *, brand: Brand
) -> list[Foresight]:
    """One a text, decided as a conversation's first message."""
    answered = [
        await _answers(understanding, text, language, entry, brand=brand)
        for text, language in zip(texts, languages, strict=True)
    ]
    unseen = await asyncio.to_thread(answered_unseen, understanding, texts, languages, entry)
    return [
        Foresight(answered=now, unseen=now if later is None else later)
        for now, later in zip(answered, unseen, strict=True)
    ]


def answered_unseen(
    understanding: Understands, texts: Sequence[str], languages: Sequence[str], entry: str
) -> list[bool | None]:
    """For texts that the entry has among its phrasings: would it be found from the other ones alone? None for a text that
    it has not, and where the understanding cannot tell (Rasa).
    """
    nothing: list[bool | None] = [None] * len(texts)
    if not isinstance(understanding, Understanding) or understanding.model is None:
        return nothing
    matcher, calibration = understanding.model.matcher, understanding.model.calibration
    if entry not in matcher.collection.entries:
        return nothing
    place = matcher.collection.entries.index(entry)
    rows_of: dict[tuple[str, ...], list[int]] = {}
    for row in np.flatnonzero((matcher.collection.owners == place) & matcher.collection.asked):
        rows_of.setdefault(tuple(words_of(matcher.collection.texts[int(row)])), []).append(int(row))
    known = [(number, rows_of.get(tuple(words_of(text)))) for number, text in enumerate(texts)]
    hidden = [(number, np.array(rows, dtype=np.intp)) for number, rows in known if rows]
    if not hidden:
        return nothing
    evidence = matcher.match_without(np.array([rows[0] for _, rows in hidden]), [rows for _, rows in hidden])
    asked = [languages[number] for number, _ in hidden]
    confidences = calibration.confidence(evidence.signs, asked)
    for turn, ((number, _), language) in enumerate(zip(hidden, asked, strict=True)):
        is_sure = confidences[turn] >= calibration.cutoffs_of(language).answer
        nothing[number] = bool(is_sure and evidence.ranked[turn, 0] == place)
    return nothing


async def _answers(understanding: Understands, text: str, language: str, entry: str, *, brand: Brand) -> bool:
    context = Context(
        conversation_language=language, default_language=brand.default_language, languages=brand.languages
    )
    decision = await understanding.decide(text, context)
    return isinstance(decision, Answer) and entry in {decision.entry, *(one.entry for one in decision.also)}
