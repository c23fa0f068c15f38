"""People first: who wants a person, who is angry or in haste, and what a machine must not handle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from core.preferences import Brand
from knowledge_base.wording import words_of
from nlu.phrase_book import PhraseBook, Spelling, read_lists

_NORMAL, _HIGH, _URGENT = 0, 1, 2
_REACH: Final = 5
"""Words that may stand between "talk" and "a person"."""
_SHORT_REACH: Final = 2
_ALONE: Final = 3
"""Words of a message that is nothing but the wish ("operator please now")."""
_ANGRY_FACES: Final = frozenset("😡😠🤬👎🖕")
_SHOUTED_LETTERS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """`priority` of a case that this message would open: 0 normal, 1 high, 2 urgent. `sensitive`: for a person at once;
    `delicate`: for a person unless an entry surely answers it (a question about the privacy policy is no demand).
    """

    wants_human: bool
    angry: bool
    sensitive: bool
    delicate: bool
    priority: int


class _HumanWish:
    """One language's words for wanting a person."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self._persons = PhraseBook(lists.get("persons", ()))
        self._alone = PhraseBook(lists.get("alone", ()))
        self._asks = PhraseBook(lists.get("asks", ()))
        self._wants = PhraseBook(lists.get("wants", ()))
        self._phrases = PhraseBook(lists.get("phrases", ()))
        self._never = PhraseBook(lists.get("never", ()))
        self._spelling = Spelling(self._alone.single_words() + self._asks.single_words())

    def __call__(self, words: Sequence[str]) -> bool:
        left = self._without_never(self._spelling.mend(self._without_never(words)))
        if self._phrases.occurs(left):
            return True
        alone = self._alone.find(left)
        if alone and len(left) <= max(_ALONE, alone[0][1] - alone[0][0] + 1):
            return True
        persons = [start for start, _ in self._persons.find(left)]
        return self._near(self._asks, persons, left, _REACH) or self._near(self._wants, persons, left, _SHORT_REACH)

    def _without_never(self, words: Sequence[str]) -> list[str]:
        left: list[str] = []
        place = 0
        for start, end in self._never.find(words):
            left += [*words[place:start], "·"]
            place = end
        return [*left, *words[place:]]

    @staticmethod
    def _near(asks: PhraseBook, persons: Sequence[int], words: Sequence[str], reach: int) -> bool:
        if not persons:
            return False
        return any(0 <= person - end <= reach for _, end in asks.find(words) for person in persons)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandWords:
    """What a brand set about the bundled list of sensitive words: phrases of its own, and some that mean no harm here."""

    sensitive: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()


_AS_BUNDLED: Final = BrandWords()


def brand_words(brand: Brand) -> BrandWords:
    return BrandWords(sensitive=brand.sensitive_words, harmless=brand.harmless_words)


class MoodReader:
    """Reads the lists once."""

    def __init__(self) -> None:
        lists = read_lists("people.yaml")
        self._wishes = [_HumanWish(of_language) for of_language in lists["human"].values()]
        self._angry = PhraseBook(_flat(lists["angry"]))
        self._urgent = PhraseBook(_flat(lists["urgent"]))
        self._lists = lists["sensitive"]
        self._books: dict[BrandWords, _SensitiveBooks] = {}

    def read(self, text: str, brand: BrandWords = _AS_BUNDLED) -> Mood:
        if brand not in self._books:
            self._books = {brand: _SensitiveBooks.of(self._lists, brand)}
        books = self._books[brand]
        words = words_of(text)
        angry = self._angry.occurs(words) or bool(_ANGRY_FACES & set(text)) or _shouts(text)
        urgent = self._urgent.occurs(words)
        sensitive = books.sensitive.occurs(words)
        raised = sum((angry, urgent, sensitive))
        priority = _URGENT if books.safety.occurs(words) or raised > 1 else min(raised, _HIGH)
        return Mood(
            wants_human=any(wish(words) for wish in self._wishes),
            angry=angry,
            sensitive=sensitive,
            delicate=books.delicate.occurs(words),
            priority=max(priority, _NORMAL),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _SensitiveBooks:
    safety: PhraseBook
    sensitive: PhraseBook
    delicate: PhraseBook

    @classmethod
    def of(cls, lists: Mapping[str, Any], brand: BrandWords) -> Self:
        harmless = {tuple(words_of(phrase)) for phrase in brand.harmless}

        def book(*kinds: str) -> list[str]:
            return [one for kind in kinds for one in _flat(lists[kind]) if tuple(words_of(one)) not in harmless]

        return cls(
            safety=PhraseBook(book("safety")),
            sensitive=PhraseBook([*book("legal", "safety", "data"), *brand.sensitive]),
            delicate=PhraseBook(book("about_data")),
        )


def _shouts(text: str) -> bool:
    letters = [character for character in text[:200] if character.isalpha()]
    return len(letters) >= _SHOUTED_LETTERS and all(letter.isupper() for letter in letters) and "!!" in text


def _flat(lists: Any) -> list[str]:
    if isinstance(lists, Mapping):
        return [phrase for inner in lists.values() for phrase in _flat(inner)]
    return list(lists)
