"""Text and context in, decision out."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, Self

import numpy as np

from core.languages import DEFAULT_LANGUAGE, LANGUAGES
from knowledge_base.encoder import Encoder
from knowledge_base.search import Knowledge
from knowledge_base.vectors import MemoryVectorStore, VectorStore
from knowledge_base.wording import MOST_CHARACTERS, words_of
from nlu.bare_words import bare_word
from nlu.building import Model, build_model
from nlu.calibration import DEFAULT_MAX_WRONG_ANSWER_RATE, Cutoffs
from nlu.candidates import Names, Reading, read_evidence
from nlu.decisions import Answer, Candidate, Clarify, Decision, HandOff, Reason, SmallTalk
from nlu.language import LanguageDetector
from nlu.latin_letters import in_own_letters
from nlu.offers import chosen_offer, declined
from nlu.people import BrandWords, Mood, MoodReader
from nlu.sentences import sentences_of
from nlu.small_talk import SmallTalkReader

_MOST_ANSWERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known before the text is read.

    `failures` counts clarifications and doubts just before in this episode; `offered` are the entries of the last
    clarification, in the order in which they were shown; `words` what the brand
    set about the sensitive ones.
    """

    conversation_language: str | None = None
    profile_language: str | None = None
    default_language: str = DEFAULT_LANGUAGE
    languages: Sequence[str] = LANGUAGES
    failures: int = 0
    offered: tuple[str, ...] = ()
    words: BrandWords = field(default_factory=BrandWords)


class Understands(Protocol):
    """Whatever can decide about a turn; never raises, whatever the text."""

    async def decide(self, text: str, context: Context) -> Decision: ...


class Readers:
    """What reads a message without the knowledge base; made once, shared by every revision."""

    def __init__(self) -> None:
        self.language = LanguageDetector()
        self.mood = MoodReader()
        self.small_talk = SmallTalkReader()


class Understanding:
    """One revision of the knowledge base, ready to decide. Immutable: a change is a new one, swapped whole."""

    def __init__(self, *, knowledge: Knowledge, model: Model | None, encoder: Encoder | None, readers: Readers) -> None:
        self.knowledge, self.model = knowledge, model
        self.encoder, self._readers = encoder, readers
        self._names = Names.of(knowledge)

    @classmethod
    async def build(
        cls,
        knowledge: Knowledge,
        *,
        encoder: Encoder | None = None,
        store: VectorStore | None = None,
        readers: Readers | None = None,
        max_wrong_answer_rate: float = DEFAULT_MAX_WRONG_ANSWER_RATE,
    ) -> Self:
        """Encode what is new, fit and calibrate, outside the event loop. Without an encoder: lexically."""
        model = await asyncio.to_thread(
            build_model,
            knowledge,
            encoder=encoder,
            store=store or MemoryVectorStore(),
            max_wrong_answer_rate=max_wrong_answer_rate,
        )
        return cls(knowledge=knowledge, model=model, encoder=encoder, readers=readers or Readers())

    async def decide(self, text: str, context: Context) -> Decision:
        """Any text gives a decision. People first, then small talk, then the best entry or a question back."""
        text = text[:MOST_CHARACTERS].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        language = self._readers.language.detect(
            text,
            languages=context.languages,
            conversation=context.conversation_language,
            profile=context.profile_language,
            default=context.default_language,
        )
        typed = self._readers.language.typed_in_latin(text, context.languages)
        if typed is not None:
            text = in_own_letters(text, typed)
        kind = self._readers.small_talk.kind_of(text)
        mood = self._readers.mood.read(text, context.words)
        urgent = self._people_first(text, kind, mood, language)
        if urgent is not None:
            readings = await self.read(text, language, context) if urgent.reason != Reason.NOT_UNDERSTOOD else []
            return replace(urgent, candidates=readings[0].candidates if readings else ())
        if context.offered and (picked := self._pick(text, language, context)) is not None:
            return picked
        if kind is not None and self._names.verbatim(text) is None:
            return SmallTalk(kind=kind, language=language)
        readings = await self.read(text, language, context)
        if self._names.verbatim(text) is not None:
            mood = replace(mood, delicate=False)  # the brand answers this very question
        elif readings and (bare := bare_word(text)):
            return self._ask_about(bare, readings[0], mood, context, language)
        return self._weigh(readings, mood, context, language)

    async def candidates(self, text: str, context: Context) -> tuple[Candidate, ...]:
        """The best entries for a text whatever would be decided about it (small talk has some too)."""
        readings = await self.read(
            text[:MOST_CHARACTERS], context.conversation_language or context.default_language, context
        )
        return readings[0].candidates if readings else ()

    def cutoffs_of(self, language: str) -> Cutoffs | None:
        """From which confidences on it answers and asks back; None while there is nothing to answer with."""
        return None if self.model is None else self.model.calibration.cutoffs_of(language)

    def _people_first(self, text: str, kind: str | None, mood: Mood, language: str) -> HandOff | None:
        reason = None
        if mood.wants_human and kind != "are_you_a_bot":
            reason = Reason.ASKED_FOR_HUMAN
        elif mood.sensitive:
            reason = Reason.SENSITIVE_TOPIC
        elif kind is None and not words_of(text):
            reason = Reason.ANGRY if mood.angry else Reason.NOT_UNDERSTOOD
        return (
            None if reason is None else HandOff(reason=reason, priority=mood.priority, candidates=(), language=language)
        )

    def _pick(self, text: str, language: str, context: Context) -> Decision | None:
        """The answer to our own "did you mean", if it is one."""
        entry = chosen_offer(text, context.offered, self._names.questions)
        if entry is not None and entry in self._names.questions:
            chosen = self._names.candidate(entry, 1.0, language, context.default_language)
            return Answer(entry=entry, confidence=1.0, candidates=(chosen,), language=language)
        if declined(text):
            offered = tuple(
                self._names.candidate(entry, 0.0, language, context.default_language)
                for entry in context.offered
                if entry in self._names.questions
            )
            return HandOff(reason=Reason.REPEATED_FAILURE, priority=0, candidates=offered, language=language)
        return None

    async def read(self, text: str, language: str, context: Context) -> list[Reading]:
        """The whole text's reading first, then its sentences' where it has several; empty without a knowledge base."""
        if self.model is None or not words_of(text):
            return []
        sentences = [part for part in sentences_of(text) if self._readers.small_talk.kind_of(part) is None]
        texts = [text, *(part for part in sentences if part != text)]
        matcher = self.model.matcher
        if self.encoder is None:
            vectors = np.zeros((len(texts), 0), dtype=np.float32)
        else:
            vectors = await self.encoder.encode(texts)
        evidence = matcher.match(texts, vectors, [language] * len(texts))
        return read_evidence(
            evidence, texts, model=self.model, names=self._names, language=language, default=context.default_language
        )

    def _weigh(self, readings: Sequence[Reading], mood: Mood, context: Context, language: str) -> Decision:
        if not readings or self.model is None:
            return HandOff(reason=Reason.NOT_UNDERSTOOD, priority=mood.priority, candidates=(), language=language)
        cutoffs = self.model.calibration.cutoffs_of(language)
        whole, *parts = readings
        sure = [reading for reading in (parts or [whole]) if reading.confidence >= cutoffs.answer]
        if whole.confidence >= cutoffs.answer or sure:
            first = whole if whole.confidence >= cutoffs.answer else sure[0]
            if not mood.delicate or first.confidence >= cutoffs.sure:
                return _answer(first, sure, language, is_sure=first.confidence >= cutoffs.sure)
        if mood.delicate:
            return HandOff(
                reason=Reason.SENSITIVE_TOPIC,
                priority=mood.priority,
                candidates=whole.candidates,
                language=language,
            )
        best = max(readings, key=lambda reading: reading.confidence)
        doubt = self._doubt(best, mood, context, clarify=cutoffs.clarify)
        if doubt is not None:
            return HandOff(reason=doubt, priority=mood.priority, candidates=best.candidates, language=language)
        return Clarify(candidates=best.candidates, language=language)

    def _ask_about(
        self, bare: Sequence[str], reading: Reading, mood: Mood, context: Context, language: str
    ) -> Decision:
        """A bare word is no question, however sure we are of its subject: which of its entries is meant is asked."""
        assert self.model is not None  # noqa: S101 - there is a reading
        clarify = 0.0 if self._names.knows(bare) else self.model.calibration.cutoffs_of(language).clarify
        doubt = self._doubt(reading, mood, context, clarify=clarify)
        if doubt is None:
            return Clarify(candidates=reading.candidates, language=language)
        return HandOff(reason=doubt, priority=mood.priority, candidates=reading.candidates, language=language)

    @staticmethod
    def _doubt(best: Reading, mood: Mood, context: Context, *, clarify: float) -> Reason | None:
        """Why not to ask back; None when asking is worth it."""
        total = sum(candidate.confidence for candidate in best.candidates)
        if mood.angry:
            return Reason.ANGRY
        if context.failures >= 1:
            return Reason.REPEATED_FAILURE
        if len(best.candidates) >= 2 and total >= clarify:
            return None
        return Reason.LOW_CONFIDENCE if total >= clarify / 2 else Reason.NOT_UNDERSTOOD


def _answer(first: Reading, sure: Sequence[Reading], language: str, *, is_sure: bool) -> Answer:
    """One answer, and a second one where another sentence surely asks something else."""
    also: list[Candidate] = []
    for reading in sure:
        if reading.entry not in {first.entry, *(candidate.entry for candidate in also)}:
            also.append(reading.candidates[0])
    return Answer(
        entry=first.entry,
        confidence=first.confidence,
        candidates=first.candidates,
        language=language,
        also=tuple(also[: _MOST_ANSWERS - 1]),
        sure=is_sure,
    )
