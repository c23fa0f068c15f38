import pytest

from nlu.bare_words import bare_word


@pytest.mark.parametrize(
    "text",
    ["parcel", "My parcel, please", "доставка", "про доставку", "моє замовлення", "penghantaran", "運費", "我的包裹"],
)
def test_a_thing_alone_is_bare(text: str) -> None:
    assert bare_word(text)


@pytest.mark.parametrize("text", ["where parcel", "доставка когда", "運費多少", "bila sampai", "gift card", "", "🙂"])
def test_a_question_however_short_is_not(text: str) -> None:
    assert not bare_word(text)
