"""`parse`: pure, tolerant, and everything it gives can be stored."""

import asyncio
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Unreadable
from core.inbound import Inbound
from core.text import storable
from tests.contract.mutations import damaged
from tests.contract.subjects import Subject, kind_of


async def test_every_fixture_is_understood_as_its_case_says(subject: Subject) -> None:
    fixtures = subject.fixtures()
    found = {
        name: [kind_of(inbound) for item in items for inbound in subject.kind.parse(item.body)]
        for name, items in zip(fixtures, await subject.split(*fixtures.values()), strict=True)
    }
    assert found == {name: list(kinds) for name, kinds in subject.case.expected.items()}


async def test_parsing_twice_gives_the_same_and_leaves_the_body_alone(subject: Subject) -> None:
    for item in await subject.items():
        before = copy.deepcopy(item.body)
        assert subject.kind.parse(item.body) == subject.kind.parse(item.body)
        assert item.body == before


async def test_everything_understood_can_be_stored(subject: Subject) -> None:
    for item in await subject.items():
        for inbound in subject.kind.parse(item.body):
            can_be_stored(inbound)


def test_damaged_bodies_are_understood_or_unreadable_and_nothing_else(subject: Subject) -> None:
    bodies = [item.body for item in asyncio.run(subject.items())]

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def holds_for(data: st.DataObject) -> None:
        body = data.draw(damaged(data.draw(st.sampled_from(bodies))))
        try:
            understood = subject.kind.parse(body)
        except Unreadable:
            return
        assert understood
        for inbound in understood:
            can_be_stored(inbound)

    holds_for()


def can_be_stored(inbound: Inbound) -> None:
    """Every text as PostgreSQL takes it, every instant aware and in UTC."""
    for value in leaves(inbound):
        if isinstance(value, str):
            assert value == storable(value)
        elif isinstance(value, datetime):
            assert value.utcoffset() == timedelta(0)


def leaves(value: Any) -> Iterator[Any]:
    if is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(key)
            yield from leaves(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value
