"""From evidence to candidates: entries with calibrated confidence, named in the customer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from core.languages import LANGUAGES
from knowledge_base.search import Knowledge
from knowledge_base.wording import words_of
from nlu.building import Model
from nlu.decisions import Candidate
from nlu.evidence import Evidence

MOST_CANDIDATES: Final = 3
_SHORTEST_BEGINNING: Final = 4
_TELLING_SHARE: Final = 0.7
"""Of a word's letters; the rest is its ending ("посылка", "посылку")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one text (a message or one of its sentences) may ask: up to three candidates, best first."""

    candidates: tuple[Candidate, ...]

    @property
    def entry(self) -> str:
        return self.candidates[0].entry

    @property
    def confidence(self) -> float:
        return self.candidates[0].confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Entries' questions by language, and who owns which text word for word."""

    by_language: Mapping[str, Mapping[str, str]]
    questions: Mapping[str, Sequence[str]]
    owners: Mapping[tuple[str, ...], str | None]
    beginnings: frozenset[str]
    """The first letters of every word in a question or phrasing: a word in any of its endings."""

    @classmethod
    def of(cls, knowledge: Knowledge) -> Self:
        by_language: dict[str, dict[str, str]] = {}
        owners: dict[tuple[str, ...], str | None] = {}
        for text in knowledge.texts:
            if text.kind == "answer":
                continue
            named = by_language.setdefault(text.entry, {})
            if text.kind == "question" or text.language not in named:
                named[text.language] = text.text
            words = tuple(words_of(text.text))
            owners[words] = text.entry if owners.get(words, text.entry) == text.entry else None
        questions = {entry: list(named.values()) for entry, named in by_language.items()}
        beginnings = frozenset(_beginning(word) for words in owners for word in words)
        return cls(by_language=by_language, questions=questions, owners=owners, beginnings=beginnings)

    def verbatim(self, text: str) -> str | None:
        """The one entry that has this text word for word."""
        return self.owners.get(tuple(words_of(text)))

    def knows(self, words: Sequence[str]) -> bool:
        """Whether questions and phrasings have all of these words, in whatever ending."""
        return all(_beginning(word) in self.beginnings for word in words)

    def candidate(self, entry: str, confidence: float, language: str, default: str) -> Candidate:
        """The entry's question in the best language it has: the customer's, the brand's, or any."""
        named = self.by_language[entry]
        chosen = next((one for one in (language, default, *LANGUAGES, *named) if one in named), language)
        return Candidate(entry=entry, confidence=confidence, language=chosen, question=named.get(chosen, entry))


def _beginning(word: str) -> str:
    return word[: max(_SHORTEST_BEGINNING, round(len(word) * _TELLING_SHARE))]


def read_evidence(
    evidence: Evidence, texts: Sequence[str], *, model: Model, names: Names, language: str, default: str
) -> list[Reading]:
    """One reading a text. A text that an entry has word for word is that entry, at least at the answering cut-off."""
    confidences = model.calibration.confidence(evidence.signs, [language] * len(texts))
    readings = []
    for row, text in enumerate(texts):
        entries = [model.matcher.collection.entries[place] for place in evidence.ranked[row, :MOST_CANDIDATES]]
        best = float(confidences[row])
        owner = names.verbatim(text)
        if owner is not None:
            entries = [owner, *(entry for entry in entries if entry != owner)][:MOST_CANDIDATES]
            best = max(best, model.calibration.cutoffs_of(language).answer)
        shares = _shares(best, evidence.scores[row, : len(entries)], model.calibration.rescue)
        readings.append(
            Reading(
                candidates=tuple(
                    names.candidate(entry, share, language, default)
                    for entry, share in zip(entries, shares, strict=True)
                )
            )
        )
    return readings


def _shares(best: float, scores: np.ndarray, rescue: float) -> list[float]:
    """The best candidate's confidence, and what is left of the rest: by their scores, never above the best's."""
    others = np.maximum(scores[1:], 0.0)
    total = float(others.sum())
    left = (1 - best) * rescue
    return [best, *(min(best, left * float(score) / total) if total else 0.0 for score in others)]
