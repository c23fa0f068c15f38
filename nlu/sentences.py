"""A long story into its sentences, so that the one question in it is found, or both of two."""

import re
from typing import Final

from knowledge_base.wording import MOST_CHARACTERS, words_of

_END: Final = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
_MOST_SENTENCES: Final = 6
_FEWEST_WORDS: Final = 2


def sentences_of(text: str) -> list[str]:
    """Up to six sentences of two words or more; an empty list when there is only one sentence."""
    parts = [part.strip() for part in _END.split(text[:MOST_CHARACTERS]) if part and part.strip()]
    telling = [part for part in parts if len(words_of(part)) >= _FEWEST_WORDS]
    if len(parts) < 2 or not telling:
        return []
    return telling[:_MOST_SENTENCES]
