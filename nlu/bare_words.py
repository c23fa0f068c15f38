"""A thing without a question: "parcel", "доставка", "發票". It names a subject; what about it has to be asked."""

import re
from typing import Final

from knowledge_base.wording import words_of

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LONGEST_IN_HAN: Final = 2
"""Chinese things are two characters long; four can be a question ("運費多少")."""

_BESIDE: Final = frozenset(
    words_of(
        "a an the my your our this that please pls plz about regarding hi hello hey um well "
        "мой моя мое мои моего ваш ваша про о об по насчет пожалуйста это эта привет здравствуйте "
        "мій моя моє мої ваш ваша про щодо будь ласка це ця привіт вітаю "
        "saya anda awak tolong sila pasal tentang ini itu hai salam "
        "請問 我的 你們 的 那個 這個 關於"
    )
)


def bare_word(text: str) -> list[str]:
    """The one word (in Chinese: its characters) that is all there is beside small words like "my" and "please"; an
    empty list where there is more, or nothing.
    """
    words = [word for word in words_of(text) if word not in _BESIDE]
    if any(_HAN.search(word) for word in words):
        is_bare = len(words) <= _LONGEST_IN_HAN and all(_HAN.search(word) for word in words)
    else:
        is_bare = len(words) == 1
    return words if is_bare else []
