"""Russian and Ukrainian typed in Latin letters, for want of a keyboard, written back in their own.

People mix several systems ("moj", "moy", "moi"), so the result is near what was meant, not always right: it is meant for
comparing, where letter grams forgive a wrong vowel, never for showing.
"""

import re
from collections.abc import Mapping
from typing import Final

_BOTH: Final[Mapping[str, str]] = {
    "shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "tz": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "ju": "ю",
    "ya": "я", "ja": "я", "a": "а", "b": "б", "c": "ц", "d": "д", "f": "ф", "g": "г", "j": "й", "k": "к", "l": "л",
    "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "в",
    "x": "х", "z": "з", "4": "ч",
}  # fmt: skip
_LETTERS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {**_BOTH, "yo": "е", "jo": "е", "ye": "е", "je": "е", "iy": "ий", "yy": "ый", "e": "е", "h": "х", "i": "и",
           "y": "ы", "'": "ь"},
    "uk": {**_BOTH, "ye": "є", "je": "є", "ie": "є", "yi": "ї", "ji": "ї", "ia": "я", "iu": "ю", "yo": "йо", "e": "е",
           "h": "г", "i": "і", "y": "и", "'": "ь"},
}  # fmt: skip
_PIECES: Final = {
    language: re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))
    for language, table in _LETTERS.items()
}
_AFTER_VOWEL: Final = re.compile(r"(?<=[aeiou])(?:y(?![aeiou])|i$)|(?<=u)i(?![aeiou])")
"""The short i of "moy", "moi", "tvoey"; before a vowel the letter belongs to the next one ("moya")."""
_YI_AFTER_CONSONANT: Final = re.compile(r"(?<=[bcdfghklmnprstvz])yi")
"""Ukrainian "pryide", "podarunkovyi": two sounds; elsewhere yi is one letter."""
_J_AS_ZH: Final = re.compile(r"j(?![aeiou]|$)|(?<=[aeiou])j(?=[ae])")
"""Russians also write j for zh ("mojno", "pojaluista")."""
_WORD: Final = re.compile(r"[A-Za-z4][A-Za-z4']*")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")


def in_own_letters(text: str, language: str) -> str:
    """The text in Cyrillic where it is Russian or Ukrainian without a Cyrillic letter; else as it is."""
    if language not in _LETTERS or _CYRILLIC.search(text):
        return text
    return _WORD.sub(lambda word: _spelt(word.group().lower(), language), text)


def _spelt(word: str, language: str) -> str:
    if word == "4":
        return word
    word = _J_AS_ZH.sub("zh", word) if language == "ru" else _YI_AFTER_CONSONANT.sub("yj", word)
    return _PIECES[language].sub(lambda piece: _LETTERS[language][piece.group()], _AFTER_VOWEL.sub("j", word))
