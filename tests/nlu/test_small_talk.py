"""Small talk is the whole message or it is none."""

import pytest

from nlu.small_talk import SmallTalkReader

READER = SmallTalkReader()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hi there", "greeting"),
        ("Hellooo!!!", "greeting"),
        ("Привіт!", "greeting"),
        ("您好", "greeting"),
        ("Hello, how are you?", "how_are_you"),
        ("ok thanks a lot", "thanks"),
        ("Большое спасибо!", "thanks"),
        ("Terima kasih banyak ya", "thanks"),
        ("謝謝你", "thanks"),
        ("bye bye", "goodbye"),
        ("are you a bot?", "are_you_a_bot"),
        ("вы живой человек?", "are_you_a_bot"),
        ("你是機器人嗎", "are_you_a_bot"),
        ("👍🏽", "acknowledgement"),
        ("😂😂", "laughter"),
    ],
)
def test_small_talk_has_a_kind(text: str, kind: str) -> None:
    assert READER.kind_of(text) == kind


@pytest.mark.parametrize(
    "text",
    ["hi where is my order", "thanks but it did not work", "你好 請問怎麼退款", "привет, где заказ", "", "😡", "42"],
)
def test_a_question_behind_a_greeting_is_a_question(text: str) -> None:
    assert READER.kind_of(text) is None
