"""Finding listed phrases in folded words. Han characters count as words, so one rule serves all languages."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from knowledge_base.wording import words_of

_FOLDER: Final = Path(__file__).parent
_SHORTEST_FUZZY: Final = 5
_LONG: Final = 8
_MOST_MENDED: Final = 4096
"""Words whose nearest one is kept: people use few words often."""

Phrase = tuple[str, ...]


def read_lists(name: str) -> Any:
    """One of the word lists beside this file (`people.yaml`, `small_talk.yaml`, `out_of_scope.yaml`)."""
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))


class PhraseBook:
    """A set of phrases, found where all their words follow each other."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            words = tuple(words_of(phrase))
            if words:
                self._by_first.setdefault(words[0], []).append(words)
        for same in self._by_first.values():
            same.sort(key=len, reverse=True)

    def find(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Where the longest phrases stand: (first word, word after the last), left to right, not overlapping."""
        found: list[tuple[int, int]] = []
        place = 0
        while place < len(words):
            end = self.longest_at(words, place)
            if end is None:
                place += 1
            else:
                found.append((place, end))
                place = end
        return found

    def longest_at(self, words: Sequence[str], place: int) -> int | None:
        for phrase in self._by_first.get(words[place], ()):
            end = place + len(phrase)
            if tuple(words[place:end]) == phrase:
                return end
        return None

    def occurs(self, words: Sequence[str]) -> bool:
        return any(self.longest_at(words, place) is not None for place in range(len(words)))

    def single_words(self) -> list[str]:
        return [words[0] for same in self._by_first.values() for words in same if len(words) == 1]


class Spelling:
    """Mends a misspelt word that is near one of a few listed ones (transpositions count as one slip)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_letter: dict[str, list[str]] = {}
        for word in dict.fromkeys(words):
            if len(word) >= _SHORTEST_FUZZY:
                self._by_letter.setdefault(word[0], []).append(word)
        self._mended: dict[str, str] = {}

    def mend(self, words: Sequence[str]) -> list[str]:
        return [self._nearest(word) for word in words]

    def _nearest(self, word: str) -> str:
        known = self._by_letter.get(word[0])
        if known is None or len(word) < _SHORTEST_FUZZY - 1:
            return word
        mended = self._mended.get(word)
        if mended is None:
            if len(self._mended) >= _MOST_MENDED:
                self._mended = {}
            mended = self._mended[word] = _nearest_of(known, word)
        return mended


def _nearest_of(known: Sequence[str], word: str) -> str:
    from rapidfuzz.distance import OSA  # noqa: PLC0415  # needed only once a word list is in use

    for one in known:
        slips = 2 if min(len(one), len(word)) >= _LONG else 1
        if abs(len(one) - len(word)) <= slips and OSA.distance(one, word, score_cutoff=slips) <= slips:
            return one
    return word
