"""What is held of one customer, wherever it is: every package with such tables says how it is shown and how it goes.

The composition root hands all holders to who exports and erases (handoff/contacts/leaving.py), and a test sees to it
that no table with a customer's things is without one.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Base


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

    @property
    def keys(self) -> frozenset[str]:
        return frozenset({self.external_id, *self.threads})


Collect = Callable[[AsyncSession, Person], Awaitable[Mapping[str, Any]]]
"""Everything held of the person, JSON by topic."""
Erase = Callable[[AsyncSession, Person], Awaitable[None]]
"""Removes or blanks it, on the caller's transaction; what figures count (times, states, reasons) stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """`tables`: the names of those it answers for."""

    tables: frozenset[str]
    collect: Collect
    erase: Erase


def as_json(rows: Iterable[Base]) -> list[dict[str, Any]]:
    """Rows as JSON objects, column by column; bytes are left out."""
    return [
        {
            column.key: _plain(getattr(row, column.key))
            for column in inspect(type(row)).column_attrs
            if not isinstance(getattr(row, column.key), bytes)
        }
        for row in rows
    ]


def mentions(value: Any, keys: frozenset[str]) -> bool:
    """Whether one of the keys stands anywhere in the JSON value, as a whole value."""
    if isinstance(value, Mapping):
        return any(mentions(one, keys) for one in value.values())
    if isinstance(value, list):
        return any(mentions(one, keys) for one in value)
    return isinstance(value, str | int) and not isinstance(value, bool) and str(value) in keys


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
