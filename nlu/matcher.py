"""Which entry a question is about: all entries scored at once, with the evidence for the best one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search import KnownText
from knowledge_base.wording import Wording
from nlu.evidence import Evidence, Shelves, gather
from nlu.likeness import Numbers, Texts, compare, kernel
from nlu.regression import LeftOut, Lessons, Rows, learn_coefficients

NO_ENTRY: Final = -1
MOST_LANDMARKS: Final = 2000
"""Above it the regression leans on a seeded sample of texts; every text still counts in the fit and as a neighbour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """All texts that the matcher learns from: those of entries first, then texts that no entry answers (negatives).

    `owners` gives each text's entry by its place in `entries`, −1 for negatives; `asked` is True for what customers
    may ask (questions and phrasings) and False for answers, which only lend their words.
    """

    texts: Sequence[str]
    languages: Sequence[str]
    owners: NDArray[np.intp]
    asked: NDArray[np.bool_]
    entries: Sequence[str]

    @property
    def known(self) -> int:
        """How many texts belong to entries."""
        return int((self.owners != NO_ENTRY).sum())

    def some(self, rows: Rows) -> "Collection":
        return Collection(
            texts=[self.texts[int(row)] for row in rows],
            languages=[self.languages[int(row)] for row in rows],
            owners=self.owners[rows],
            asked=self.asked[rows],
            entries=self.entries,
        )


def collect(known: Sequence[KnownText], negatives: Sequence[tuple[str, str]]) -> Collection:
    """All texts without repeats; entries that have nothing but an answer are left out. `negatives`: (language, text)."""
    known = [text for text in known if text.text.strip()]
    entries = sorted({text.entry for text in known if text.kind != "answer"})
    place = {entry: number for number, entry in enumerate(entries)}
    rows = dict.fromkeys(
        (text.text, text.language, place[text.entry], text.kind != "answer") for text in known if text.entry in place
    )
    rows |= dict.fromkeys((text, language, NO_ENTRY, False) for language, text in negatives)
    return Collection(
        texts=[row[0] for row in rows],
        languages=[row[1] for row in rows],
        owners=np.array([row[2] for row in rows], dtype=np.intp),
        asked=np.array([row[3] for row in rows], dtype=bool),
        entries=entries,
    )


def without_answered_negatives(matcher: "Matcher") -> Rows:
    """The rows of the collection less those negatives that this knowledge base does answer.

    A negative counts as answered when, negatives left out, its best entry scores as high as the better three quarters
    of the entries' own left-out texts do.
    """
    collection = matcher.collection
    known, strange = np.flatnonzero(collection.owners != NO_ENTRY), np.flatnonzero(collection.owners == NO_ENTRY)
    if not len(strange):
        return known
    asked = np.flatnonzero(collection.asked)
    others = np.setdiff1d(asked, matcher.landmarks)
    own = matcher.left_out.without_each(others if len(others) else asked).max(axis=1)
    foreign = matcher.left_out.without(strange, strange).max(axis=1)
    return np.concatenate([known, strange[foreign < np.percentile(own, 25)]])


class Matcher:
    """Fitted once per knowledge revision; immutable."""

    def __init__(self, *, collection: Collection, texts: Texts, wording: Wording, shares: Mapping[str, float]) -> None:
        """`texts` are the collection's, made comparable with `wording`."""
        self.collection, self.texts, self.shares, self._wording = collection, texts, shares, wording
        self.landmarks = _landmarks(collection)
        self._marks = self.texts if len(self.landmarks) == len(self.texts) else self.texts.some(self.landmarks)
        self._coefficients = learn_coefficients(self._lessons())
        self._shelves = Shelves(collection.owners, len(collection.entries))

    def _lessons(self) -> Lessons:
        to = kernel(self.texts, self._marks, self.shares)
        among = to if len(self.landmarks) == len(to) else to[self.landmarks]
        return Lessons(among=among, to=to, targets=_targets(self.collection), weights=_weights(self.collection))

    @cached_property
    def left_out(self) -> LeftOut:
        """For trials; a matcher that only serves never makes it."""
        return LeftOut(self._lessons())

    def match(self, texts: Sequence[str], vectors: NDArray[np.float32], languages: Sequence[str]) -> Evidence:
        """Evidence for a batch of questions; `languages` decide the share of meaning."""
        asked = Texts.of(vectors, self._wording.vectors(texts), languages)
        likeness = compare(asked, self.texts, self.shares)
        to_landmarks = likeness.blend[:, self.landmarks]
        return gather(
            scores=to_landmarks @ self._coefficients,
            known_words=np.array([self._wording.known_share(text) for text in texts]),
            likeness=likeness,
            shelves=self._shelves,
            trust=self._trust(languages),
        )

    def match_without(self, asked: Rows, groups: Sequence[Rows]) -> Evidence:
        """Evidence for known texts `asked`, each as if the texts of its group (which contains it) were not known."""
        entries, total = len(self.collection.entries), len(self.collection.texts)
        scores = np.zeros((len(asked), entries))
        hidden = np.zeros((len(asked), total), dtype=bool)
        places: dict[bytes, list[int]] = {}
        for place, group in enumerate(groups):
            hidden[place, group] = True
            places.setdefault(group.tobytes(), []).append(place)
        for same in places.values():
            scores[same] = self.left_out.without(groups[same[0]], asked[same])
        return gather(
            scores=scores,
            known_words=np.array(
                [self._known_share(row, group) for row, group in zip(asked, groups, strict=True)], dtype=np.float64
            ),
            likeness=compare(self.texts.some(asked), self.texts, self.shares),
            shelves=self._shelves,
            trust=self._trust([self.collection.languages[int(row)] for row in asked]),
            hidden=hidden,
        )

    def _trust(self, languages: Sequence[str]) -> Numbers:
        """The share of meaning by question; none where there is no model."""
        if self.texts.vectors.shape[1] == 0:
            return np.zeros(len(languages))
        return np.array([self.shares.get(language, 0.0) for language in languages])

    def _known_share(self, row: int, group: Rows) -> float:
        texts, known = self.collection.texts, self.collection.known
        return self._wording.known_share(texts[row], without=[texts[other] for other in group if other < known])


def _landmarks(collection: Collection) -> Rows:
    total = len(collection.texts)
    if total <= MOST_LANDMARKS:
        return np.arange(total)
    return np.sort(np.random.default_rng(0).choice(total, MOST_LANDMARKS, replace=False))


def _targets(collection: Collection) -> Numbers:
    targets = np.zeros((len(collection.owners), len(collection.entries)))
    rows = np.flatnonzero(collection.owners != NO_ENTRY)
    targets[rows, collection.owners[rows]] = 1.0
    return targets


def _weights(collection: Collection) -> Numbers:
    """Entries with many phrasings count less per phrasing, by the square root; negatives count as an average text."""
    counts = np.bincount(collection.owners[collection.owners != NO_ENTRY], minlength=len(collection.entries))
    weights = np.ones(len(collection.owners))
    rows = collection.owners != NO_ENTRY
    weights[rows] = 1 / np.sqrt(counts[collection.owners[rows]])
    weights[rows] /= weights[rows].mean() if rows.any() else 1.0
    return weights
