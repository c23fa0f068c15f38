"""The language of a message: its letters, its words, then what is known anyway."""

import pytest

from core.languages import LANGUAGES
from nlu.language import LanguageDetector

DETECTOR = LanguageDetector()


def detect(text: str, *, conversation: str | None = None, profile: str | None = None, default: str = "en") -> str:
    return DETECTOR.detect(text, languages=LANGUAGES, conversation=conversation, profile=profile, default=default)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order?", "en"),
        ("Di mana pesanan saya?", "ms"),
        ("nak tukar alamat boleh tak", "ms"),
        ("Где мой заказ?", "ru"),
        ("хочу поговорить с оператором", "ru"),
        ("Де моє замовлення?", "uk"),
        ("як повернути кошти", "uk"),
        ("我的訂單在哪裡？", "zh-Hant"),
        ("我的订单在哪里", "zh-Hant"),
        ("есть apple pay?", "ru"),
        ("有 apple pay 嗎", "zh-Hant"),
    ],
)
def test_letters_and_words_tell_the_language(text: str, language: str) -> None:
    assert detect(text) == language


def test_an_unsure_text_is_in_the_language_of_the_conversation() -> None:
    assert detect("ok", conversation="uk", profile="ru") == "uk"
    assert detect("12345", conversation=None, profile="ms") == "ms"
    assert detect("🙂", default="zh-Hant") == "zh-Hant"


def test_a_sure_text_outweighs_the_conversation() -> None:
    assert detect("Where is my order?", conversation="ru", profile="ru") == "en"


def test_only_configured_languages_are_answered() -> None:
    found = DETECTOR.detect("Де моє замовлення?", languages=("en", "ru"), conversation=None, profile=None, default="en")
    assert found == "ru"
    assert DETECTOR.detect("我的訂單", languages=("en",), conversation=None, profile=None, default="en") == "en"
