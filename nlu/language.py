"""Which of the configured languages a message is in: by its letters, then by lingua, then by what is known anyway."""

import re
from collections.abc import Sequence
from typing import Any, Final

from knowledge_base.wording import MOST_CHARACTERS, words_of
from nlu.phrase_book import read_lists

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_ONLY_UKRAINIAN: Final = re.compile(r"[іїєґІЇЄҐ]")
_ONLY_RUSSIAN: Final = re.compile(r"[ыэъёЫЭЪЁ]")
_HAN_WORTH: Final = 6
_CYRILLIC_WORTH: Final = 3
_SURE: Final = 0.8
"""Lingua's confidence from which its word counts more than the conversation's language."""

_ENDINGS: Final = (
    re.compile(r"..(?:ать|еть|ться|ого|ется|ов|ии|ия|ит|ет|ют|ешь|ишь|ла|ли)$"),
    re.compile(r"..(?:ати|ити|іти|тися|тись|ться|ння|ого|ів|ють|ла|ли)$"),
)
"""Russian and Ukrainian endings; those that both have cancel out."""

_LINGUA_NAMES: Final = {"en": "ENGLISH", "ru": "RUSSIAN", "uk": "UKRAINIAN", "ms": "MALAY"}


class LanguageDetector:
    """Restricted to the house's languages. Lingua is built at the first message that letters do not settle."""

    def __init__(self) -> None:
        self._lingua: Any = None
        self._telling = {language: frozenset(words) for language, words in read_lists("telling_words.yaml").items()}

    def detect(
        self, text: str, *, languages: Sequence[str], conversation: str | None, profile: str | None, default: str
    ) -> str:
        """Sure: the text's. Else the conversation's, the profile's, the likeliest, the default; always one of ours."""
        sure, likely = self._read(text[:MOST_CHARACTERS], languages)
        for choice in (sure, conversation, profile, likely, default):
            if choice in languages:
                return str(choice)
        return default

    def _read(self, text: str, languages: Sequence[str]) -> tuple[str | None, str | None]:
        han, cyrillic, latin = (len(pattern.findall(text)) for pattern in (_HAN, _CYRILLIC, _LATIN))
        # brand names are written in Latin letters everywhere; a Han character says what several letters say
        if han and _HAN_WORTH * han >= latin and han >= cyrillic:
            return "zh-Hant", "zh-Hant"
        if cyrillic and _CYRILLIC_WORTH * cyrillic >= latin:
            return self._between(text, [language for language in ("ru", "uk") if language in languages])
        if latin:
            typed = self.typed_in_latin(text, languages)
            return (
                (typed, typed)
                if typed
                else self._between(text, [language for language in ("en", "ms") if language in languages])
            )
        return None, None

    def typed_in_latin(self, text: str, languages: Sequence[str]) -> str | None:
        """Russian or Ukrainian in Latin letters: two of its words, or nothing else."""
        words = set() if _CYRILLIC.search(text) else set(words_of(text))
        counts = {one: len(words & self._telling[f"{one}-Latn"]) for one in ("ru", "uk") if one in languages}
        best = max(counts, key=lambda one: counts[one], default=None)
        return None if best is None or counts[best] < min(2, max(len(words), 1)) else best

    def _between(self, text: str, pair: list[str]) -> tuple[str | None, str | None]:
        if len(pair) < 2:
            return (pair[0], pair[0]) if pair else (None, None)
        if "uk" in pair:
            ukrainian, russian = len(_ONLY_UKRAINIAN.findall(text)), len(_ONLY_RUSSIAN.findall(text))
            if ukrainian != russian:
                letters = "uk" if ukrainian > russian else "ru"
                return letters, letters
        words = set(words_of(text))
        first, second = (len(words & (self._telling[one] - self._telling[two])) for one, two in (pair, pair[::-1]))
        if "uk" in pair:
            russian, ukrainian = (sum(ending.search(word) is not None for word in words) for ending in _ENDINGS)
            first, second = (first + russian, second + ukrainian) if pair[0] == "ru" else (first, second)
        if first != second:
            winner = pair[0] if first > second else pair[1]
            return winner, winner
        return self._ask_lingua(text, pair)

    def _ask_lingua(self, text: str, pair: list[str]) -> tuple[str | None, str | None]:
        if self._lingua is None:
            self._lingua = _build_lingua()
        values = {value.language.name: value.value for value in self._lingua.compute_language_confidence_values(text)}
        shares = {language: values.get(_LINGUA_NAMES[language], 0.0) for language in pair}
        total = sum(shares.values())
        best = max(pair, key=lambda language: shares[language])
        if not total:
            return None, None
        is_sure = shares[best] / total >= _SURE and len(words_of(text)) > 1  # one word ("доставка") may be in both
        return (best if is_sure else None), best


def _build_lingua() -> Any:
    """Low accuracy mode: trigrams suffice to tell these few apart, at a fifth of the memory."""
    from lingua import Language, LanguageDetectorBuilder  # noqa: PLC0415  # heavy

    chosen = [getattr(Language, name) for name in _LINGUA_NAMES.values()]
    return LanguageDetectorBuilder.from_languages(*chosen).with_low_accuracy_mode().build()
