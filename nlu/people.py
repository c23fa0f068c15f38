"""People first: who wants a person, who is angry or in haste, and what a machine must not handle."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

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
    """`priority` of a case that this message would open: 0 normal, 1 high, 2 urgent."""

    wants_human: bool
    angry: bool
    sensitive: bool
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
        left = self._without_never(self._spelling.mend(words))
        if self._phrases.occurs(left):
            return True
        alone = self._alone.find(left)
        if alone and len(left) <= max(_ALONE, alone[0][1] - alone[0][0] + 1):
            return True
        persons = [start for start, _ in self._persons.find(left)]
        return self._near(self._asks, persons, left, _REACH) or self._near(self._wants, persons, left, _SHORT_REACH)

    def _without_never(self, words: list[str]) -> list[str]:
        left, place = [], 0
        for start, end in self._never.find(words):
            left += [*words[place:start], "·"]
            place = end
        return left + words[place:]

    @staticmethod
    def _near(asks: PhraseBook, persons: Sequence[int], words: Sequence[str], reach: int) -> bool:
        if not persons:
            return False
        return any(0 <= person - end <= reach for _, end in asks.find(words) for person in persons)


class MoodReader:
    """Reads the lists once. `sensitive_words` replaces the bundled sensitive list (an operator's setting)."""

    def __init__(self, sensitive_words: Iterable[str] | None = None) -> None:
        lists = read_lists("people.yaml")
        self._wishes = [_HumanWish(of_language) for of_language in lists["human"].values()]
        self._angry = PhraseBook(_flat(lists["angry"]))
        self._urgent = PhraseBook(_flat(lists["urgent"]))
        bundled = lists["sensitive"]
        self._safety = PhraseBook(_flat(bundled["safety"]) if sensitive_words is None else ())
        self._sensitive = PhraseBook(_flat(bundled) if sensitive_words is None else sensitive_words)

    def read(self, text: str) -> Mood:
        words = words_of(text)
        angry = self._angry.occurs(words) or bool(_ANGRY_FACES & set(text)) or _shouts(text)
        urgent = self._urgent.occurs(words)
        sensitive = self._sensitive.occurs(words)
        raised = sum((angry, urgent, sensitive))
        priority = _URGENT if self._safety.occurs(words) or raised > 1 else min(raised, _HIGH)
        return Mood(
            wants_human=any(wish(words) for wish in self._wishes),
            angry=angry,
            sensitive=sensitive,
            priority=max(priority, _NORMAL),
        )


def _shouts(text: str) -> bool:
    letters = [character for character in text[:200] if character.isalpha()]
    return len(letters) >= _SHOUTED_LETTERS and all(letter.isupper() for letter in letters) and "!!" in text


def _flat(lists: Any) -> list[str]:
    if isinstance(lists, Mapping):
        return [phrase for inner in lists.values() for phrase in _flat(inner)]
    return list(lists)
