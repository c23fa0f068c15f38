"""From a knowledge snapshot to a calibrated matcher: vectors, shares of meaning, fit, trials, cut-offs.

`gather_material` and `fit` are what serving waits for, some tenths of a second when texts are known already; `tune`
takes seconds and may follow later, in another process (`nlu/calibrating.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.languages import LANGUAGES
from knowledge_base.encoder import Encoder
from knowledge_base.search import Knowledge
from knowledge_base.vectors import VectorStore, text_key
from knowledge_base.wording import Lexicon, Wording
from nlu.calibration import Calibration, calibrate
from nlu.experience import read_prior
from nlu.likeness import Texts
from nlu.matcher import NO_ENTRY, Collection, Matcher, collect, without_answered_negatives
from nlu.phrase_book import read_lists
from nlu.trials import practise
from nlu.tuning import Tuning

_SHARES: Final = (0.0, 0.35, 0.6, 0.8)
"""Shares of meaning that are tried; each language keeps the one that finds most of its own left-out texts."""
_USUAL_SHARE: Final = 0.6
"""Before any was tried, in the languages that the model serves."""
_MOST_TO_TRY_ON: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All texts, made comparable. `model` is the encoder's identity, "" without one; `meaning_known` the languages
    that it serves.
    """

    collection: Collection
    texts: Texts
    wording: Wording
    model: str
    meaning_known: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What deciding needs."""

    matcher: Matcher
    calibration: Calibration


def build_model(
    knowledge: Knowledge, *, encoder: Encoder | None, store: VectorStore, max_wrong_answer_rate: float
) -> Model | None:
    """Fit and calibrate; None when there is nothing to answer with. Takes seconds: call it off the event loop."""
    material = gather_material(knowledge, encoder=encoder, store=store)
    if material is None:
        return None
    return fit(material, tune(material, max_wrong_answer_rate=max_wrong_answer_rate))


def gather_material(
    knowledge: Knowledge, *, encoder: Encoder | None, store: VectorStore, lexicon: Lexicon | None = None
) -> Material | None:
    """Encodes the texts that `store` has not; None without an entry."""
    collection = collection_of(knowledge)
    if not collection.entries:
        return None
    return material_of(
        collection,
        vectors=encode_all(collection.texts, encoder=encoder, store=store),
        model=encoder.identity if encoder else "",
        meaning_known=frozenset(collection.languages) & (encoder.languages if encoder else frozenset()),
        lexicon=lexicon,
    )


def collection_of(knowledge: Knowledge) -> Collection:
    languages = {text.language for text in knowledge.texts}
    return collect(knowledge.texts, _strange_texts(languages))


def material_of(
    collection: Collection,
    *,
    vectors: NDArray[np.float32],
    model: str,
    meaning_known: frozenset[str],
    lexicon: Lexicon | None = None,
) -> Material:
    wording = Wording(collection.texts, known=collection.known, lexicon=lexicon)
    texts = Texts.of(vectors, wording.vectors(collection.texts), collection.languages)
    return Material(collection=collection, texts=texts, wording=wording, model=model, meaning_known=meaning_known)


def usual_shares(material: Material) -> dict[str, float]:
    return dict.fromkeys(sorted(material.meaning_known), _USUAL_SHARE)


def tune(material: Material, *, max_wrong_answer_rate: float) -> Tuning:
    """Learn from the material how to weigh it and what a confidence means. Takes seconds."""
    collection, texts = material.collection, material.texts
    shares = _choose_shares(collection, texts, material.wording) if material.model else {}
    matcher = Matcher(collection=collection, texts=texts, wording=material.wording, shares=shares)
    kept = without_answered_negatives(matcher)
    answered = frozenset(collection.texts) - {collection.texts[int(row)] for row in kept}
    if answered:
        matcher = _matcher(material, shares=shares, answered=answered)
    calibration = calibrate(
        practise(matcher, material.meaning_known, foreign=_foreign_share(collection, answered)),
        read_prior(),
        max_wrong_answer_rate=max_wrong_answer_rate,
        meaning_known=material.meaning_known,
    )
    return Tuning(model=material.model, shares=shares, answered=answered, calibration=calibration)


def _foreign_share(collection: Collection, answered: frozenset[str]) -> float:
    strangers = len(collection.texts) - collection.known
    return 1 - len(answered) / strangers if strangers else 1.0


def fit(material: Material, tuning: Tuning) -> Model:
    """Ready to decide. The tuning may be that of a former revision; languages new to it get the usual share."""
    shares = usual_shares(material) | dict(tuning.shares)
    matcher = _matcher(material, shares=shares, answered=tuning.answered)
    return Model(matcher=matcher, calibration=tuning.calibration)


def _matcher(material: Material, *, shares: Mapping[str, float], answered: frozenset[str]) -> Matcher:
    collection, texts = material.collection, material.texts
    strange = enumerate(zip(collection.texts, collection.owners, strict=True))
    rows = np.array([row for row, (text, owner) in strange if owner != NO_ENTRY or text not in answered], dtype=np.intp)
    if len(rows) < len(texts):
        collection, texts = collection.some(rows), texts.some(rows)
    return Matcher(collection=collection, texts=texts, wording=material.wording, shares=shares)


def encode_all(texts: Sequence[str], *, encoder: Encoder | None, store: VectorStore) -> NDArray[np.float32]:
    """One vector a text, from the store where it is known; no columns without an encoder."""
    if encoder is None:
        return np.zeros((len(texts), 0), dtype=np.float32)
    kept = dict(store.load(encoder.identity))
    missing = not_kept(texts, kept)
    if missing:
        kept.update(zip(map(text_key, missing), encoder.encode_now(missing), strict=True))
        store.save(encoder.identity, kept)
    return np.stack([kept[text_key(text)] for text in texts])


def not_kept(texts: Sequence[str], kept: Mapping[str, NDArray[np.float32]]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text_key(text) not in kept]


def _strange_texts(languages: set[str]) -> list[tuple[str, str]]:
    lists = _read_strange_texts()
    return [(language, text) for language in LANGUAGES if language in languages for text in lists[language]]


@cache
def _read_strange_texts() -> Mapping[str, Sequence[str]]:
    """Bundled with the code: once a process, reading YAML takes longer than a fit."""
    lists: Mapping[str, Sequence[str]] = read_lists("out_of_scope.yaml")
    return lists


def _choose_shares(collection: Collection, texts: Texts, wording: Wording) -> dict[str, float]:
    """Per language, by leaving each text out; on a seeded sample of large knowledge bases."""
    rows = np.flatnonzero(collection.owners != NO_ENTRY)
    if len(rows) > _MOST_TO_TRY_ON:
        rows = np.sort(np.random.default_rng(0).choice(rows, _MOST_TO_TRY_ON, replace=False))
    sample, tried = collection.some(rows), texts.some(rows)
    languages = np.array(sample.languages)
    found: dict[str, dict[float, float]] = {}
    for share in _SHARES:
        shares = dict.fromkeys(sample.languages, share)
        matcher = Matcher(collection=sample, texts=tried, wording=wording, shares=shares)
        hits = matcher.left_out.without_each(np.arange(len(rows))).argmax(axis=1) == sample.owners
        for language in np.unique(languages):
            chosen = (languages == language) & sample.asked
            found.setdefault(str(language), {})[share] = float(hits[chosen].mean()) if chosen.any() else 0.0
    return {language: max(rates, key=lambda share: (rates[share], share)) for language, rates in found.items()}
