"""Text as databases and platforms can take it."""

import re
from typing import Final

_UNSTORABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def storable(text: str) -> str:
    """The same text with what UTF-8 or PostgreSQL cannot hold replaced by U+FFFD (lone surrogates, NUL, control characters).

    Line breaks and tabs stay. Joined surrogate pairs that arrived as two escapes become the character they mean.
    """
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSTORABLE.sub("\ufffd", joined)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, the unit in which Telegram counts (CHANNELS.md 1.6)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
