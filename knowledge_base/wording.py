"""How texts look: folded words, character n-grams and Han bigrams, weighted by rarity. Serves every language.

Two vectors a text, one of words and word pairs, one of character n-grams; each is of length one over *all* its grams,
the unknown ones included, so that a text of unknown words is far from everything instead of near by the rest.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.gram_vectors import GramVectors

MOST_CHARACTERS: Final = 1500
"""What is read of one text; a customer's question is not found behind it."""

_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")
_REPEATED: Final = re.compile(r"(.)\1{2,}")
_APOSTROPHES: Final = re.compile(r"[\u0027\u2019\u02bc\u2018`\u00b4]")
_WORD: Final = re.compile(r"[^\W_]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_LONGEST_DIGITS: Final = 6
_SHORTEST_GRAM: Final = 2
_LONGEST_GRAM: Final = 5
_UNKNOWN: Final = -1
_MOST_LOOKED: Final = 64
"""Texts of questions that are kept apart, for the next reader of the same message."""
_CYRILLIC_TWINS: Final = str.maketrans({"ё": "е", "ґ": "г", "ъ": "ь"})


def fold(text: str) -> str:
    """One spelling for what people spell in several: case, width, diacritics, ё/е, Simplified and Traditional
    characters, long repeats, digits, links.
    """
    whole = text[:MOST_CHARACTERS].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = _LINK.sub(" ", unicodedata.normalize("NFKC", whole)).casefold().translate(_CYRILLIC_TWINS)
    if not (plain.isascii() and plain.isprintable()):
        plain = _in_one_script("".join(map(_bare, plain)))
    plain = _APOSTROPHES.sub("", plain)
    return _DIGITS.sub(lambda run: "0" * min(len(run.group()), _LONGEST_DIGITS), _REPEATED.sub(r"\1\1", plain))


@lru_cache(maxsize=20_000)
def _bare(character: str) -> str:
    """A Latin letter without its diacritics; a format or control character becomes a space; the rest as it is."""
    if character < "\x80":
        return character if character.isprintable() else " "
    if unicodedata.category(character) in {"Cf", "Cc", "Cs", "Co", "Cn"}:
        return " " if unicodedata.category(character) != "Cf" else ""
    first = unicodedata.normalize("NFD", character)[0]
    return first if first < "\x80" else character


def _in_one_script(text: str) -> str:
    """Traditional characters as Simplified ones: that way round fewer of them have two answers."""
    return _simplifier().convert(text) if _HAN.search(text) else text


@cache
def _simplifier() -> Any:
    from opencc import OpenCC  # noqa: PLC0415  # 5 MB, for Chinese only

    return OpenCC("t2s")


def words_of(text: str) -> list[str]:
    """Folded words; a Han run gives its single characters."""
    return _split_han(_WORD.findall(fold(text)))


def _split_han(runs: Sequence[str]) -> list[str]:
    words: list[str] = []
    for word in runs:
        if _HAN.search(word):
            words.extend(word)
        else:
            words.append(word)
    return words


def _word_grams(words: Sequence[str]) -> Iterator[str]:
    return chain(words, (f"{first} {second}" for first, second in pairwise(words)))


def _letter_grams(word: str) -> Iterator[str]:
    """Of a Han run, whole, these are its bigrams and longer."""
    padded = f" {word} "
    for size in range(_SHORTEST_GRAM, _LONGEST_GRAM + 1):
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


@dataclass(frozen=True, slots=True)
class _Grams:
    """A text's different grams by number (−1: unknown), with `1 + log(how often)`; word grams first, letter grams from
    `split` on. `words` are its different words, by number.
    """

    words: NDArray[np.int32]
    places: NDArray[np.int32]
    weights: NDArray[np.float64]
    split: int


class Lexicon:
    """Numbers for grams, and the grams of the texts that were learnt from: a text is taken apart once, however many
    revisions of the knowledge it lives through. One build at a time may `learn`; any thread may `look`.
    """

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._letters: dict[str, int] = {}
        self._of_run: dict[str, list[int]] = {}
        self._known: dict[str, _Grams] = {}
        self._looked: dict[str, _Grams] = {}

    def __len__(self) -> int:
        return len(self._words) + len(self._letters)

    def learn(self, texts: Sequence[str]) -> list[_Grams]:
        for text in texts:
            if text not in self._known:
                runs = _WORD.findall(fold(text))
                for gram in _word_grams(_split_han(runs)):
                    self._words.setdefault(gram, len(self))
                for run in runs:
                    self._learn_run(run)
                self._known[text] = self._take_apart(runs)
                self._looked = {}
        return [self._known[text] for text in texts]

    def look(self, text: str) -> _Grams:
        """The grams of any text, without learning from it."""
        found = self._known.get(text) or self._looked.get(text)
        if found is None:
            found = self._take_apart(_WORD.findall(fold(text)))
            if len(self._looked) >= _MOST_LOOKED:
                self._looked = {}
            self._looked[text] = found
        return found

    def _learn_run(self, run: str) -> None:
        if run not in self._of_run:
            for gram in _letter_grams(run):
                self._letters.setdefault(gram, len(self))
            self._of_run[run] = [self._letters[gram] for gram in _letter_grams(run)]

    def _take_apart(self, runs: Sequence[str]) -> _Grams:
        words = _split_han(runs)
        of_words = Counter(_word_grams(words))
        of_letters: Counter[int | str] = Counter()
        for run in runs:
            of_letters.update(self._of_run.get(run) or (self._letters.get(gram, gram) for gram in _letter_grams(run)))
        places = [self._words.get(gram, _UNKNOWN) for gram in of_words]
        places += [gram if isinstance(gram, int) else _UNKNOWN for gram in of_letters]
        counts = np.array([*of_words.values(), *of_letters.values()], dtype=np.float64)
        return _Grams(
            words=np.array([self._words.get(word, _UNKNOWN) for word in dict.fromkeys(words)], dtype=np.int32),
            places=np.array(places, dtype=np.int32),
            weights=1 + np.log(counts),
            split=len(of_words),
        )


class Wording:
    """The rarity of every word and letter gram, learnt from the knowledge base's texts."""

    def __init__(self, texts: Sequence[str], *, known: int | None = None, lexicon: Lexicon | None = None) -> None:
        """The first `known` texts (all by default) make words known. A `lexicon` may serve many revisions."""
        self._lexicon = Lexicon() if lexicon is None else lexicon
        grams = self._lexicon.learn(texts)
        self.width = len(self._lexicon)
        self._rarity = self._weigh([each.places for each in grams])
        of_known = [each.words for each in grams[: len(texts) if known is None else known]]
        self._known_words = np.bincount(_joined(of_known), minlength=self.width + 1)

    def _weigh(self, documents: Sequence[NDArray[np.int32]]) -> NDArray[np.float64]:
        """Inverse document frequencies by gram; the last one is that of all grams that were never seen."""
        frequency = np.bincount(_joined(documents), minlength=self.width + 1)
        total = 1 + len(documents)
        rarity: NDArray[np.float64] = np.log(total / (1 + frequency)) + 1
        rarity[frequency == 0] = math.log(total) + 1
        return rarity

    def vectors(self, texts: Sequence[str]) -> GramVectors:
        """One row a text; the product of two rows is their likeness between 0 and 1."""
        grams = [self._lexicon.look(text) for text in texts]
        sizes = np.array([len(each.places) for each in grams], dtype=np.intp)
        places = self._seen(_joined([each.places for each in grams]))
        blocks = 2 * np.repeat(np.arange(len(grams)), sizes)
        blocks += np.concatenate([np.arange(len(each.places)) >= each.split for each in grams] or [np.zeros(0, bool)])
        weights = np.concatenate([each.weights for each in grams] or [np.zeros(0)]) * self._rarity[places]
        lengths = np.sqrt(np.bincount(blocks, weights**2, minlength=2 * len(grams)))
        values = math.sqrt(0.5) * weights / lengths[blocks]
        rows = np.repeat(np.arange(len(grams)), sizes)
        inside = places != self.width
        return GramVectors.of(
            rows=rows[inside],
            places=places[inside],
            values=values[inside].astype(np.float32),
            texts=len(texts),
            width=self.width,
        )

    def _seen(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        """Grams that nobody knew when the rarities were learnt stand behind the last one."""
        return np.where((places < 0) | (places >= self.width), np.int32(self.width), places)

    def known_share(self, text: str, without: Sequence[str] = ()) -> float:
        """Share (0 to 1) of the text's words, weighted by rarity, that occur in the known texts at all, or would
        without some of them.
        """
        words = self._seen(self._lexicon.look(text).words)
        hidden = Counter(_joined([self._lexicon.look(each).words for each in without]).tolist())
        weights = self._rarity[words]
        known = self._known_words[words] > np.array([hidden[word] for word in words.tolist()])
        total = float(weights.sum())
        return float(weights[known].sum()) / total if total else 0.0


def _joined(parts: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    return np.concatenate([np.zeros(0, dtype=np.int32), *parts])
