"""Who wants a person, who is angry or in haste, and what a machine must not handle."""

import pytest

from nlu.people import BrandWords, MoodReader

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
        "gimme a real person pls",
        "any1 there",
        "hooman please",
        "let me talk to your boss",
        "оператара позовите",
        "хочу с челом поговорить",
        "тут есть люди?",
        "хай мені передзвонять",
        "тут є люди?",
        "nk ckp ngan admin",
        "ada orang tak kat sana",
        "有人在嗎",
        "不要再機器人了",
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
        "заказ для человека",
        "подарунок для людини",
        "hadiah untuk bos saya",
        "送給老闆的禮物",
        "do you deliver to my boss",
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


def test_a_brand_adds_sensitive_words_and_takes_bundled_ones_away() -> None:
    assert not READER.read("is there a recall of the kettle").sensitive
    brand = BrandWords(sensitive=("recall", "召回"), harmless=("court",))
    assert READER.read("is there a recall of the kettle", brand).sensitive
    assert READER.read("這個水壺有召回嗎", brand).sensitive
    assert READER.read("do you sell court shoes").sensitive
    assert not READER.read("do you sell court shoes", brand).sensitive
    assert READER.read("my lawyer will call you", brand).sensitive


@pytest.mark.parametrize(
    ("question", "demand"),
    [
        ("where is your privacy policy?", "delete my data please"),
        ("где ваша политика конфиденциальности", "удалите мои данные"),
        ("де ваша політика конфіденційності", "видаліть мої дані"),
        ("di mana dasar privasi anda", "padam data saya"),
        ("你們的隱私政策在哪裡", "请删除我的个人资料"),
    ],
)
def test_a_question_about_data_protection_is_no_demand(question: str, demand: str) -> None:
    assert (READER.read(question).delicate, READER.read(question).sensitive) == (True, False)
    assert READER.read(demand).sensitive
