"""Who wants a person, who is angry or in haste, and what a machine must not handle."""

import pytest

from nlu.people import MoodReader

READER = MoodReader()


@pytest.mark.parametrize(
    "text",
    [
        "can i talk to a human",
        "opertor please",
        "humna",
        "I asked twice about my parcel and now I want to speak with a real person about it",
        "connect me to an agnet",
        "this is useless, get me a manager",
        "хочу поговорить с оператором",
        "оператро",
        "соедините с живым человеком пожалуйста",
        "не хочу бота, позовите человека",
        "покличте людину будь ласка",
        "зв'яжіть мене з менеджером",
        "nak cakap dengan orang",
        "sambungkan saya ke ejen",
        "tak nak bot, nak cakap dengan manusia",
        "請轉接真人客服",
        "我要找專員",
        "转人工",
    ],
)
def test_the_wish_for_a_person_is_heard(text: str) -> None:
    assert READER.read(text).wants_human


@pytest.mark.parametrize(
    "text",
    [
        "what is the e-mail of your human resources",
        "is this portion for one person",
        "how do i transfer money to another person",
        "do you sell human hair wigs",
        "which mobile operator do you recommend",
        "порция на одного человека?",
        "подарок для другого человека",
        "чи є порція на одну людину",
        "berapa orang boleh duduk di situ",
        "人工智慧是什麼",
        "人工淚液有賣嗎",
        "where is my order",
        "",
    ],
)
def test_words_that_only_look_like_it_are_not_a_wish(text: str) -> None:
    assert not READER.read(text).wants_human


def test_anger_and_haste_raise_the_priority() -> None:
    assert READER.read("where is my order").priority == 0
    assert READER.read("This is the worst service, scammers").angry
    assert READER.read("I need it urgently").priority == 1
    assert READER.read("Срочно! Вы мошенники!").priority == 2
    assert READER.read("WHERE IS MY ORDER ALREADY!!").angry
    assert READER.read("😡").angry


@pytest.mark.parametrize(
    "text",
    [
        "I will call my lawyer",
        "удалите мои персональные данные",
        "я подам до суду",
        "saya akan saman",
        "我要找律師提告",
    ],
)
def test_legal_and_data_words_are_sensitive(text: str) -> None:
    assert READER.read(text).sensitive


def test_danger_is_urgent() -> None:
    assert READER.read("the kettle caught fire").priority == 2


def test_the_sensitive_list_can_be_replaced() -> None:
    own = MoodReader(sensitive_words=["recall"])
    assert own.read("is there a recall").sensitive
    assert not own.read("my lawyer").sensitive
