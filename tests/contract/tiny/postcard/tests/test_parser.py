"""Cards that the contract suite's fixtures do not hold."""

import pytest

from core.errors import Unreadable

from ..parser import parse  # noqa: TID252 - a test copies the folder elsewhere


@pytest.mark.parametrize("missing", ["number", "from", "at"])
def test_a_card_without_number_writer_or_date_is_unreadable(missing: str) -> None:
    card = {"number": 9, "from": "anna", "at": 1795000000, "words": "Hello"}
    del card[missing]
    with pytest.raises(Unreadable):
        parse(card)
