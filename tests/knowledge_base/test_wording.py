"""How texts look: one spelling for several, likeness in every language, nothing that breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.wording import Wording, fold, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ЁЛКА", "елка"),
        ("ＡＢＣ", "abc"),
        ("café", "cafe"),
        ("soooo", "soo"),
        ("order 702164", "order 000000"),
        ("об'єкт", "обєкт"),
        ("see https://example.org/x now", "see  now"),
        ("te\u200bst", "test"),
    ],
)
def test_spellings_of_one_word_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_han_characters_are_words() -> None:
    assert words_of("可以退款嗎?") == words_of("可以退款吗") == ["可", "以", "退", "款", "吗"]


def test_a_misspelt_word_is_still_near_in_every_script() -> None:
    texts = ["Where is my order?", "Де моє замовлення?", "可以退款嗎", "Di mana pesanan saya?"]
    wording = Wording(texts)
    asked = wording.vectors(["whre is my ordr", "де замовленя", "怎麼退款", "mana pesanan sya"])
    assert asked.products(wording.vectors(texts)).argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_a_text_of_unknown_words_is_far_from_everything() -> None:
    wording = Wording(["Where is my order?", "How can I pay?"])
    known = wording.vectors(["Where is my order?"])
    near, far = wording.vectors(["where is my order", "is qwrtz plmk vbnm zzxx"]).products(known)[:, 0]
    assert near > 0.9
    assert far < 0.2
    assert wording.known_share("where order") == 1.0
    assert wording.known_share("qwrtz") == 0.0


@given(st.text(st.characters(), max_size=300))
def test_any_text_can_be_folded_and_compared(text: str) -> None:
    wording = Wording(["Where is my order?"])
    assert 0 <= wording.known_share(text) <= 1
    assert len(wording.vectors([text])) == 1


def test_simplified_and_traditional_characters_are_one_spelling_in_both_directions() -> None:
    assert fold("我的訂單到哪裡了") == fold("我的订单到哪里了")
    known = Wording(["運費怎麼算", "退款什麼時候會下來"])
    asked = known.vectors(["运费怎么算", "退款什么时候会下来"])
    assert asked.products(known.vectors(["運費怎麼算", "退款什麼時候會下來"])).round(3).tolist()[0][0] == 1.0
    simplified = Wording(["运费怎么算"])
    assert simplified.known_share("運費怎麼算") == 1.0
