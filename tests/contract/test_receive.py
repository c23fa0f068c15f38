"""`receive`: nobody but the platform gets in, and nothing of it gets lost."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channel import Channel, Item
from core.errors import Refused, Unreadable
from tests.contract.mutations import damaged
from tests.contract.subjects import Subject, request, split

LETTERS = 255

NOT_READABLE = {
    "nothing at all": b"",
    "not UTF-8": b"\xff\xfe{}",
    "not JSON": b"{'single': quotes}",
    "cut short": b'{"entry": [{"id": "1"',
    "nested beyond reason": b"[" * 100_000,
    "a number": b"12",
    "a text": b'"hello"',
    "null": b"null",
}


async def refuses(channel: Channel, body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        await channel.receive(request(body, headers))
    assert refusal.value.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


async def test_an_unsigned_body_is_refused(subject: Subject) -> None:
    async with subject.open() as channel:
        for body in subject.fixtures().values():
            await refuses(channel, body, {})


async def test_a_body_signed_with_another_secret_is_refused(subject: Subject) -> None:
    async with subject.open() as channel:
        for body in subject.fixtures().values():
            await refuses(channel, body, dict(subject.case.wrongly_signed(body)))


@pytest.mark.parametrize("value", ["", " ", "sha256=", "sha256=zz", "null", "caf\u00e9", "\u00ff" * 64, "0" * 64])
async def test_an_odd_signature_header_is_refused_and_not_an_error(subject: Subject, value: str) -> None:
    body = next(iter(subject.fixtures().values()))
    good = subject.case.signed(body)
    async with subject.open() as channel:
        await refuses(channel, body, {**good, subject.case.signature_header: value})
        await refuses(
            channel, body, {**good, subject.case.signature_header: good[subject.case.signature_header] + value + "x"}
        )


async def test_a_changed_body_is_refused_where_the_signature_covers_it(subject: Subject) -> None:
    if not subject.case.signature_covers_body:
        return
    async with subject.open() as channel:
        for body in subject.fixtures().values():
            headers = dict(subject.case.signed(body))
            changed = json.dumps(json.loads(body), ensure_ascii=False, separators=(", ", ":  ")).encode(
                errors="replace"
            )
            for wrong in (body + b" ", body[:-1], body[: len(body) // 2], changed, b""):
                await refuses(channel, wrong, headers)


async def test_a_good_body_gives_items_with_keys_that_repeat_with_the_body_only(subject: Subject) -> None:
    seen: dict[str, str] = {}
    fixtures = subject.fixtures()
    for name, first, second in zip(
        fixtures, await subject.split(*fixtures.values()), await subject.split(*fixtures.values()), strict=True
    ):
        assert [item.dedup_key for item in first] == [item.dedup_key for item in second]
        assert first
        for item in first:
            holds(item)
            assert item.dedup_key not in seen, f"{name} shares a key with {seen.get(item.dedup_key)}"
            seen[item.dedup_key] = name


async def test_items_know_the_thread_of_what_they_mean(subject: Subject) -> None:
    for item in await subject.items():
        for inbound in subject.kind.parse(item.body):
            thread = getattr(inbound, "thread", None)
            assert thread is None or thread == item.thread


async def test_items_have_the_platforms_time_in_utc(subject: Subject) -> None:
    known = [item.at for item in await subject.items() if item.at is not None]
    assert known
    assert all(at.utcoffset() is not None and not at.utcoffset() for at in known)


@pytest.mark.parametrize("body", NOT_READABLE.values(), ids=NOT_READABLE.keys())
async def test_a_signed_body_that_cannot_be_read_is_kept_as_an_item(subject: Subject, body: bytes) -> None:
    [items], [again] = await subject.split(body), await subject.split(body)
    assert len(items) == 1
    holds(items[0])
    assert [item.dedup_key for item in again] == [items[0].dedup_key]
    with pytest.raises(Unreadable):
        subject.kind.parse(items[0].body)


def test_a_signed_body_never_raises_and_always_leaves_an_item(subject: Subject) -> None:
    good = [json.loads(body) for body in subject.fixtures().values()]

    with asyncio.Runner() as runner:
        opened = subject.open()
        channel = runner.run(opened.__aenter__())

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(data=st.data())
        def holds_for(data: st.DataObject) -> None:
            value: Any = data.draw(damaged(data.draw(st.sampled_from(good))))
            items = runner.run(split(subject, channel, json.dumps(value).encode()))
            assert items
            assert len({item.dedup_key for item in items}) == len(items)
            for item in items:
                holds(item)

        holds_for()
        runner.run(opened.__aexit__(None, None, None))


def holds(item: Item) -> None:
    """What every stored item keeps to, whatever is in it."""
    assert 0 < len(item.dedup_key) <= LETTERS
    item.dedup_key.encode()
    assert item.thread is None or 0 < len(item.thread) <= LETTERS
    if item.thread is not None:
        item.thread.encode()
    json.dumps(item.body)
