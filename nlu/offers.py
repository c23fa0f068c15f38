"""What a customer's words mean right after "did you mean …": one of the offered entries, none of them, or a new question."""

from collections.abc import Mapping, Sequence
from typing import Final

from knowledge_base.wording import words_of

_NEARLY_THE_SAME: Final = 90
"""Of 100, rapidfuzz's ratio of the message and an offered question, typed off instead of pressed."""

_ORDINALS: Final = (
    frozenset({"1", "one", "first", "1st", "a", "первый", "первое", "первая", "один", "раз", "перше", "перший", "перша",
               "pertama", "satu", "一", "第一"}),
    frozenset({"2", "two", "second", "2nd", "b", "второй", "второе", "вторая", "два", "другий", "друге", "друга",
               "kedua", "dua", "二", "第二"}),
    frozenset({"3", "three", "third", "3rd", "c", "третий", "третье", "третья", "три", "третій", "третє", "третя",
               "ketiga", "tiga", "三", "第三"}),
)  # fmt: skip
_BESIDE: Final = frozenset({
    "the", "one", "option", "number", "no", "please", "вариант", "номер", "пожалуйста", "варіант", "будь", "ласка",
    "yang", "nombor", "pilihan", "個", "个", "那", "這", "这", "選", "选", "項", "项",
})  # fmt: skip
_NONE: Final = (
    "none", "none of these", "none of them", "neither", "no", "nope", "something else", "not these", "другое", "ничего",
    "нет", "ни одно", "ни один", "не то", "другой вопрос", "інше", "нічого", "ні", "жодне", "жоден", "не те", "інше питання",
    "tiada", "bukan", "tidak", "lain", "yang lain", "soalan lain", "都不是", "不是", "沒有", "其他", "別的", "都不对",
)  # fmt: skip


def chosen_offer(text: str, offered: Sequence[str], questions: Mapping[str, Sequence[str]]) -> str | None:
    """The entry that a number, an ordinal or an offered question typed off stands for; None for anything else.

    `questions` maps each offered entry to its questions in all languages.
    """
    bare = text.strip().strip(".!()#").casefold()
    words = [word for word in bare.replace("第", " 第").split() if word not in _BESIDE] or [bare]
    if len(words) == 1:
        for place, names in enumerate(_ORDINALS[: len(offered)]):
            if words[0] in names or words[0].rstrip("個个") in names:
                return offered[place]
    return _typed_off(text, offered, questions)


def declined(text: str) -> bool:
    """Whether the message says that none of the offered is meant."""
    return " ".join(words_of(text)) in {" ".join(words_of(phrase)) for phrase in _NONE}


def _typed_off(text: str, offered: Sequence[str], questions: Mapping[str, Sequence[str]]) -> str | None:
    from rapidfuzz import fuzz  # noqa: PLC0415  # only after a clarification

    said = " ".join(words_of(text))
    near = [
        (fuzz.ratio(said, " ".join(words_of(question))), entry)
        for entry in offered
        for question in questions.get(entry, ())
    ]
    likeness, entry = max(near, default=(0.0, ""))
    return entry if likeness >= _NEARLY_THE_SAME else None
