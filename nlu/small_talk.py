"""Is the whole message small talk, and of which kind? A greeting before a question is not: the question counts."""

import re
from typing import Final

from knowledge_base.wording import words_of
from nlu.phrase_book import PhraseBook, read_lists

_REPEATED: Final = re.compile(r"([^\W\d_])\1+")
_MOST_WORDS: Final = 14
_BETWEEN: Final = re.compile(r"[\u200d\ufe0f\U0001f3fb-\U0001f3ff\s]")


class SmallTalkReader:
    def __init__(self) -> None:
        lists = read_lists("small_talk.yaml")
        self._kinds = {
            kind: PhraseBook(phrase for phrases in of_kind.values() for phrase in _spellings(phrases))
            for kind, of_kind in lists["kinds"].items()
        }
        self._fillers = PhraseBook(word for words in lists["fillers"].values() for word in words)
        self._emoji = {sign: kind for kind, signs in lists["emoji"].items() for sign in _BETWEEN.sub("", signs)}

    def kind_of(self, text: str) -> str | None:
        """The kind when the message is small talk and nothing else, else None."""
        words = words_of(text)
        if not words:
            return self._kind_of_signs(text)
        if len(words) > _MOST_WORDS and not any("\u3400" <= word[0] <= "\u9fff" for word in words):
            return None
        return self._cover(words) or self._cover([_REPEATED.sub(r"\1", word) for word in words])

    def _cover(self, words: list[str]) -> str | None:
        """Phrases must cover every word that is no filler; the first kind of the file that occurs wins."""
        found: set[str] = set()
        place = 0
        while place < len(words):
            ends = {kind: book.longest_at(words, place) for kind, book in self._kinds.items()}
            best = max((end or 0, -order, kind) for order, (kind, end) in enumerate(ends.items()))
            filler = self._fillers.longest_at(words, place)
            if best[0] and best[0] >= (filler or 0):
                found.add(best[2])
                place = best[0]
            elif filler:
                place = filler
            else:
                return None
        return next((kind for kind in self._kinds if kind in found), None)

    def _kind_of_signs(self, text: str) -> str | None:
        signs = _BETWEEN.sub("", text)
        kinds = [self._emoji.get(sign) for sign in signs if not sign.isascii()]
        known = [kind for kind in kinds if kind]
        return known[0] if known and len(known) == len(kinds) else None


def _spellings(phrases: list[str]) -> list[str]:
    """A phrase and itself without doubled letters, so that "hellooo" and "thankkks" are found too."""
    return [*phrases, *(_REPEATED.sub(r"\1", phrase) for phrase in phrases)]
