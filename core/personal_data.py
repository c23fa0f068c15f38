"""What is held of one customer, wherever it is: every package with such tables says how it is shown and how it goes.

The composition root hands all holders to whoever exports or erases (handoff/contacts), and a test sees to it that no
table with a customer's things is without one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer as one account knows him: our ids, and the platform's keys of him and of his conversations."""

    contact_id: int
    account_id: int
    external_id: str
    conversation_ids: Sequence[int]
    threads: Sequence[str]
    at: datetime
    """When this was asked for."""


Collect = Callable[[AsyncSession, Person], Awaitable[Mapping[str, Any]]]
"""Everything held of the person, JSON by topic; files as digests of stored files."""
Erase = Callable[[AsyncSession, Person], Awaitable[None]]
"""Removes or blanks it, on the caller's transaction; what figures count (times, states, reasons) stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """`tables`: the names of those it answers for."""

    tables: frozenset[str]
    collect: Collect
    erase: Erase
