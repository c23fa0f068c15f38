"""Rasa finds the entries; everything around it (people first, small talk, offers, asking back) is the built-in way."""

import asyncio
from collections.abc import Sequence
from typing import Final, Self

import numpy as np
import structlog

from knowledge_base.wording import Wording, words_of
from nlu.building import Model
from nlu.calibration import DEFAULT_MAX_WRONG_ANSWER_RATE
from nlu.candidates import MOST_CANDIDATES, Reading
from nlu.decisions import Candidate, Decision
from nlu.rasa.breaker import Breaker, BreakerOpen
from nlu.rasa.calibration import calibrate
from nlu.rasa.client import RasaClient, RasaUnavailable
from nlu.rasa.practice import signs_of
from nlu.rasa.ranking import Ranking
from nlu.rasa.trained import TrainedModel
from nlu.sentences import sentences_of
from nlu.understanding import Context, Understanding

log = structlog.get_logger(__name__)

_OUT_OF_ORDER: Final = (RasaUnavailable, BreakerOpen)


class RasaUnderstanding(Understanding):
    """One revision of the knowledge base with one trained model. While Rasa is out of order the built-in engine
    decides, by its own calibration; `fallbacks` counts how often.
    """

    def __init__(
        self,
        *,
        builtin: Understanding,
        client: RasaClient,
        breaker: Breaker,
        trained: TrainedModel,
        model: Model | None,
        words: Wording,
    ) -> None:
        super().__init__(
            knowledge=builtin.knowledge,
            model=model,
            encoder=None,
            readers=builtin._readers,  # noqa: SLF001  # of the same class, and costly to make twice
        )
        self.trained, self.fallbacks = trained, 0
        self._builtin, self._client, self._breaker, self._words = builtin, client, breaker, words
        self._intents = {intent: entry for intent, entry in trained.intents.items() if entry in self._names.by_language}

    @classmethod
    async def over(
        cls,
        builtin: Understanding,
        *,
        client: RasaClient,
        breaker: Breaker,
        trained: TrainedModel,
        max_wrong_answer_rate: float = DEFAULT_MAX_WRONG_ANSWER_RATE,
    ) -> Self:
        """Calibrate what is known about the model, outside the event loop. A model of older knowledge serves on; that
        is logged and shown by `doctor`.
        """
        model = None
        if builtin.model is not None:
            calibration = await asyncio.to_thread(
                calibrate, trained.outcomes, max_wrong_answer_rate=max_wrong_answer_rate
            )
            model = Model(matcher=builtin.model.matcher, calibration=calibration)
        asked = [text.text for text in builtin.knowledge.texts if text.kind != "answer"]
        words = await asyncio.to_thread(Wording, asked)
        if trained.revision != builtin.knowledge.revision:
            log.warning("rasa_model_stale", model=trained.name, hint="run `replydesk nlu rasa train`")
        return cls(builtin=builtin, client=client, breaker=breaker, trained=trained, model=model, words=words)

    async def decide(self, text: str, context: Context) -> Decision:
        """As the built-in engine does, and by it where Rasa does not answer."""
        try:
            return await super().decide(text, context)
        except _OUT_OF_ORDER:
            self.fallbacks += 1
            return await self._builtin.decide(text, context)

    async def candidates(self, text: str, context: Context) -> tuple[Candidate, ...]:
        try:
            return await super().candidates(text, context)
        except _OUT_OF_ORDER:
            return await self._builtin.candidates(text, context)

    async def read(self, text: str, language: str, context: Context) -> list[Reading]:
        """As the built-in `read`; raises RasaUnavailable or BreakerOpen where Rasa gives no answer."""
        if self.model is None or not words_of(text):
            return []
        sentences = [part for part in sentences_of(text) if self._readers.small_talk.kind_of(part) is None]
        texts = [text, *(part for part in sentences if part != text)]
        with self._breaker.guard():
            rankings = await asyncio.gather(*(self._client.parse(part) for part in texts))
        readings = [
            self._reading(part, ranking, self.model, language, context.default_language)
            for part, ranking in zip(texts, rankings, strict=True)
        ]
        return [reading for reading in readings if reading.candidates] if readings[0].candidates else []

    def _reading(self, text: str, ranking: Ranking, model: Model, language: str, default: str) -> Reading:
        """A text that an entry has word for word is that entry, at least at the answering cut-off."""
        signs = np.array([signs_of(ranking, self._intents, self._words.known_share(text))])
        best = float(model.calibration.confidence(signs, [language])[0])
        ranked = ranking.entries(self._intents)
        owner = self._names.verbatim(text)
        if owner is not None:
            ranked = [(owner, 1.0), *((entry, confidence) for entry, confidence in ranked if entry != owner)]
            best = max(best, model.calibration.cutoffs_of(language).answer)
        ranked = ranked[:MOST_CANDIDATES]
        shares = _shares(best, [confidence for _, confidence in ranked[1:]], model.calibration.rescue)
        return Reading(
            candidates=tuple(
                self._names.candidate(entry, share, language, default)
                for (entry, _), share in zip(ranked, shares, strict=False)
            )
        )


def _shares(best: float, others: Sequence[float], rescue: float) -> list[float]:
    """The best candidate's confidence, and what is left for the others by Rasa's own, never above the best's."""
    total = sum(others)
    left = (1 - best) * rescue
    return [best, *(min(best, left * one / total) if total > 0 else 0.0 for one in others)]
