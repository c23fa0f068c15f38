"""What the brand knows, as plain values, and exact search in it. No database here."""

from dataclasses import dataclass
from typing import Literal

TextKind = Literal["question", "phrasing", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownText:
    """One text of a published entry: its question, one of its phrasings or its answer.

    `entry` is the id that `kb import` was given; `language` one of the house's codes.
    """

    entry: str
    language: str
    text: str
    kind: TextKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """A frozen snapshot of all published entries. `revision` changes whenever any text does."""

    texts: tuple[KnownText, ...] = ()
    revision: str = ""
