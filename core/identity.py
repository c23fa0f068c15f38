"""Ids in addresses."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from core.errors import NotFound

_LARGEST: Final = 2**31 - 1  # PostgreSQL's integer


def _existing(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= _LARGEST):
        raise NotFound("There is nothing with this id.")
    return int(text)


Identity = Annotated[int, BeforeValidator(_existing)]
"""An id in a path. What cannot be one is unknown (404), not a mistake of form."""
