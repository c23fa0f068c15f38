import pytest

from nlu.language import LanguageDetector
from nlu.latin_letters import in_own_letters

DETECTOR = LanguageDetector()


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("ru", "gde moy zakaz", "где мой заказ"),
        ("ru", "mojno oplatit kartoj", "можно оплатит картой"),
        ("ru", "kogda pridet moya posylka pojaluista", "когда придет моя посылка пожалуйста"),
        ("ru", "skolko stoit dostavka", "сколко стоит доставка"),
        ("uk", "de moie zamovlennia", "де моє замовлення"),
        ("uk", "yak povernuty tovar", "як повернути товар"),
        ("uk", "koly pryide posylka", "коли прийде посилка"),
    ],
)
def test_russian_and_ukrainian_in_latin_letters_are_recognised_and_written_back(
    language: str, typed: str, meant: str
) -> None:
    assert DETECTOR.typed_in_latin(typed, ["en", "ru", "uk", "ms"]) == language
    assert in_own_letters(typed, language) == meant


@pytest.mark.parametrize(
    "text", ["where is my order", "PayPal", "di mana pesanan saya", "OK", "какой PayPal", "kad kredit", ""]
)
def test_other_texts_are_not_taken_for_them(text: str) -> None:
    assert DETECTOR.typed_in_latin(text, ["en", "ru", "uk", "ms"]) is None
