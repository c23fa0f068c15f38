"""The payload pack through the real endpoints: one by one, twice, shuffled, in batches (issue 2, Done means)."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from bot.models import InboxState
from core.inbound import (
    CustomerDeleted,
    CustomerEdited,
    CustomerReacted,
    CustomerWrote,
    Echo,
    Ignored,
    Inbound,
    PlatformWarning,
    Reachability,
    Receipt,
    ThreadControl,
    ThreadMoved,
)
from core.messages import Author, MessageState
from tests.integration.payload_replay import Body, Replay, batches, know_the_people, load_pack
from tests.running_house import running_house

FATES: Final[dict[type[Inbound], tuple[str, ...]]] = {
    CustomerWrote: ("customer_", "repeated_message"),
    CustomerEdited: ("customer_edit", "customer_message", "edit_"),
    CustomerDeleted: ("customer_deletion", "deletion_of_unknown_message"),
    CustomerReacted: ("customer_reaction", "reaction_to_unknown_message"),
    Echo: ("echo_of_ours", "echo_of_a_person"),
    Receipt: ("receipt_", "delivered_of_unknown", "read_of_unknown"),
    Reachability: ("customer_blocked", "customer_unblocked", "reachability_of_unknown_contact"),
    ThreadControl: ("thread_given_back", "thread_taken"),
    ThreadMoved: ("thread_moved", "move_without_effect"),
    PlatformWarning: ("platform_warning",),
    Ignored: ("ignored_",),
}
"""What an item of each kind may become; which of them depends on what was there before it."""


@pytest.fixture(scope="module")
def pack(shared_dir: Path) -> list[Body]:
    bodies = load_pack(shared_dir)
    assert len(bodies) > 120
    return bodies


@asynccontextmanager
async def replaying(folder: Path, pack: list[Body]) -> AsyncIterator[Replay]:
    async with (
        running_house(folder, turn_wait_ms=20, speed=50.0, receipts="none", echo_mode="never") as house,
        httpx.AsyncClient() as http,
    ):
        know_the_people(house, pack)
        yield Replay(house=house, http=http)


async def test_one_by_one_and_then_all_again_nothing_is_lost_and_nothing_answered_twice(
    tmp_path: Path, pack: list[Body]
) -> None:
    async with replaying(tmp_path, pack) as replay:
        assert {body.name: await replay.post(body) for body in pack} == {body.name: 200 for body in pack}
        await replay.settle()
        await _check_fates(replay, pack)
        first = [(message.id, message.text, message.state) for message in await replay.messages()]
        again = list(pack)
        random.Random(7).shuffle(again)
        assert {await replay.post(body) for body in again} == {200}
        await replay.settle()
        assert [(message.id, message.text, message.state) for message in await replay.messages()] == first


@pytest.mark.parametrize("seed", [1, 2])
async def test_in_any_order_the_same_messages_are_there_once(tmp_path: Path, pack: list[Body], seed: int) -> None:
    async with replaying(tmp_path, pack) as replay:
        shuffled = list(pack)
        random.Random(seed).shuffle(shuffled)
        assert {await replay.post(body) for body in shuffled} == {200}
        await replay.settle()
        await _check_fates(replay, pack)


async def test_batches_lose_nothing(tmp_path: Path, pack: list[Body]) -> None:
    """Messenger: many entries in one body; Telegram: many updates in one poll."""
    async with replaying(tmp_path, pack) as replay:
        await replay.house.until(lambda: replay.house.simulator.telegram.polling.running)
        updates = [body.content for body in pack if body.channel == "telegram"]
        for update in sorted(updates, key=lambda update: int(update["update_id"])):
            replay.house.simulator.telegram.inject(update, keep_id=True)
        joined = batches([body for body in pack if body.channel == "messenger"], size=7)
        assert {await replay.post(body) for body in joined} == {200}
        await replay.house.until(lambda: len(replay.house.simulator.telegram.updates) == 0, seconds=30)
        await replay.settle()
        wanted = set(replay.house.simulator.telegram.updates.allowed)
        await _check_fates(
            replay, [body for body in pack if body.channel == "messenger" or wanted & body.content.keys()]
        )


async def _check_fates(replay: Replay, pack: list[Body]) -> None:
    """Every item has its one row and a fate of its kind; every customer message one row, handled, with one turn."""
    items = await replay.items()
    wrote: set[str] = set()
    for body in pack:
        for key in body.dedup_keys():
            item = items[body.channel, key]
            assert item.state == InboxState.DONE, f"{body.name}: {item.error}"
            parse = replay.house.product.accounts.kind(body.channel).parse
            inbounds = parse(json.loads(item.body))
            outcomes = (item.outcome or "").split(",")
            for inbound, outcome in zip(inbounds, outcomes, strict=True):
                assert outcome.startswith(FATES[type(inbound)]), f"{body.name}: {type(inbound).__name__} → {outcome}"
                if isinstance(inbound, CustomerWrote):
                    wrote.add(inbound.external_id)
    messages = await replay.messages()
    kept = [message for message in messages if message.author == Author.CUSTOMER]
    ids = [message.external_id for message in kept]
    assert len(ids) == len(set(ids))
    assert wrote <= set(ids)
    assert {message.state for message in kept} == {MessageState.HANDLED}
    for conversation in {message.conversation_id for message in messages}:
        theirs = [one for one in kept if one.conversation_id == conversation]
        ours = [one for one in messages if one.conversation_id == conversation and one.author == Author.BOT]
        assert len(ours) <= len(theirs)
