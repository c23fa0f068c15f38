"""What an entry would answer now, and what it would answer in words that it has never seen."""

import asyncio

import pytest

from core.preferences import Brand
from knowledge_base.search import Knowledge, KnownText
from nlu.unanswered.foresight import Foresight, answered_unseen, foresee
from nlu.understanding import Understanding
from tests.literal_understanding import LiteralUnderstanding

ENTRIES = {
    "returns": ["how do i return an item", "return an item", "return this item please", "returning an item"],
    "delivery": ["how long does delivery take", "delivery time", "how long until delivery", "time of delivery"],
    "card": ["can i pay by card", "pay by card", "card payment possible", "do you take card payment"],
    "wrap": ["do you wrap gifts", "can you wrap gifts", "wrap gifts please", "do you wrap the gifts", "paper and bow"],
}
WRAP = ENTRIES["wrap"]


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    texts = [
        KnownText(entry=entry, language="en", text=text, kind="phrasing")
        for entry, phrasings in ENTRIES.items()
        for text in phrasings
    ]
    return asyncio.run(Understanding.build(Knowledge(texts=tuple(texts), revision="test"), max_wrong_answer_rate=0.2))


async def test_a_phrasing_is_answered_now_and_unseen_only_where_the_others_lead_to_it(
    understanding: Understanding,
) -> None:
    seen = await foresee(understanding, WRAP, ["en"] * len(WRAP), "wrap", brand=Brand())
    assert all(one.answered for one in seen)
    assert seen[-1] == Foresight(answered=True, unseen=False)
    assert any(one.unseen for one in seen[:-1])


async def test_a_question_that_is_no_phrasing_is_simply_asked(understanding: Understanding) -> None:
    texts = ["Wrap gifts, please!", "zebra crossing"]
    assert answered_unseen(understanding, texts, ["en", "en"], "wrap")[1] is None
    seen = await foresee(understanding, texts, ["en", "en"], "wrap", brand=Brand())
    assert seen == [Foresight(answered=True, unseen=seen[0].unseen), Foresight(answered=False, unseen=False)]


async def test_an_engine_that_cannot_leave_words_out_tells_what_it_answers_now() -> None:
    literal = LiteralUnderstanding({"ask opening": "opening"})
    seen = await foresee(literal, ["ask opening", "other"], ["en", "en"], "opening", brand=Brand())
    assert seen == [Foresight(answered=True, unseen=True), Foresight(answered=False, unseen=False)]


def test_an_entry_that_is_not_published_has_nothing_to_foresee(understanding: Understanding) -> None:
    assert answered_unseen(understanding, WRAP, ["en"] * len(WRAP), "gone") == [None] * len(WRAP)
