"""Grouping by meaning: what belongs together for the brand's own entries decides how near is near."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlu.unanswered.beside import Heap, Order, group_beside, group_now
from nlu.unanswered.grouping import choose_cut

KNOWN = {
    "returns": ["how do i return an item", "return an item", "return this item please", "returning an item"],
    "delivery": ["how long does delivery take", "delivery time", "how long until delivery", "time of delivery"],
    "card": ["can i pay by card", "pay by card", "card payment possible", "do you take card payment"],
}
ASKED = ["do you wrap gifts", "gift wrap please", "can you wrap gifts for me", "wrap gifts", "is the shop haunted",
         "vouchers for sale", "buy vouchers", "do you have vouchers for sale"]  # fmt: skip


def heap(texts: list[str], language: str = "en") -> Heap:
    return Heap(texts=texts, languages=[language] * len(texts), vectors=np.zeros((len(texts), 0), dtype=np.float32))


def order(asked: Heap, known: dict[str, list[str]] | None = None) -> Order:
    entries = KNOWN if known is None else known
    owners = [place for place, texts in enumerate(entries.values()) for _ in texts]
    return Order(
        asked=asked, known=heap([one for texts in entries.values() for one in texts]), owners=owners, shares={}
    )


def groups(asked: list[str]) -> list[set[str]]:
    return [{asked[place] for place in group} for group in group_now(order(heap(asked)))]


def test_wordings_of_one_meaning_are_grouped_and_a_stranger_stays_alone() -> None:
    found = groups(ASKED)
    assert {"is the shop haunted"} in found
    assert [len(group) for group in found] == sorted(map(len, found), reverse=True)
    wrap, vouchers = found[:2]
    assert wrap >= {"do you wrap gifts", "wrap gifts", "can you wrap gifts for me"}
    assert vouchers >= {"vouchers for sale", "do you have vouchers for sale"}
    assert not wrap & vouchers


async def test_a_child_process_groups_as_this_one_does() -> None:
    assert await group_beside(order(heap(ASKED))) == group_now(order(heap(ASKED)))


def test_without_any_entry_to_learn_from_questions_are_still_grouped() -> None:
    found = group_now(order(heap(["do you wrap gifts", "do you wrap gifts please", "xyzzy"]), known={}))
    assert sorted(map(len, found)) == [1, 2]


def test_languages_that_the_model_does_not_know_are_grouped_by_themselves() -> None:
    both = Heap(texts=["menu", "menu"], languages=["en", "ms"], vectors=np.zeros((2, 0), dtype=np.float32))
    assert sorted(group_now(order(both))) == [[0], [1]]


@given(st.lists(st.text(alphabet="abcde ", min_size=1, max_size=12), max_size=25))
def test_every_question_is_in_exactly_one_group(texts: list[str]) -> None:
    found = group_now(order(heap(texts)))
    assert sorted(place for group in found for place in group) == list(range(len(texts)))


def test_the_cut_lies_between_what_belongs_together_and_what_does_not() -> None:
    near, far = 0.6, 0.2
    owners = [0, 0, 0, 1, 1, 1]
    alike = np.array([[near if one == other else far for other in owners] for one in owners], dtype=np.float32)
    cut = choose_cut(alike, owners)
    assert cut is not None
    assert far < cut < near
    assert choose_cut(alike, [0, 1, 2, 3, 4, 5]) is None
