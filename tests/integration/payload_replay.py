"""Replays the payload pack through the real endpoints, signed as the platforms sign, and tells what became of each body."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import func, select

from bot.accounts import DEMO
from bot.channels.messenger.envelope import split
from bot.models import InboxItem, InboxState
from bot.simulator import demo
from bot.simulator.graph.signing import raw_body, signature_headers
from core.messages import MessageState
from core.models import Account, Message
from tests.running_house import House

_NUMBERS_OF_THE_PACK: Final = 300_000
CHANNELS: Final = ("telegram", "messenger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One file of the pack. `content` has an update id of its own where two files had the same one."""

    channel: str
    name: str
    content: Any

    def dedup_keys(self) -> list[str]:
        """The dedup keys of its items, as the adapters give them."""
        if self.channel == "messenger":
            return [item.dedup_key for item in split(raw_body(self.content))]
        return [f"update:{self.content['update_id']}"]


def load_pack(shared: Path) -> list[Body]:
    """Every body of the pack's telegram and messenger folders, by name."""
    bodies = []
    for channel in CHANNELS:
        files = sorted((shared / "data" / "payloads" / channel).glob("*.json"))
        bodies += [Body(channel=channel, name=file.stem, content=json.loads(file.read_bytes())) for file in files]
    return _with_own_numbers(bodies)


def _with_own_numbers(bodies: Iterable[Body]) -> list[Body]:
    """The files come from many test suites, some of which used a number again; one bot's updates and messages never do."""
    used: set[int] = set()
    messages: set[tuple[int, int]] = set()
    own = []
    for body in bodies:
        content = body.content
        if body.channel == "telegram":
            number = int(content["update_id"])
            while number in used:
                number += 1_000_003
            used.add(number)
            content = {**_with_own_message(content, messages), "update_id": number}
        own.append(Body(channel=body.channel, name=body.name, content=content))
    return own


def _with_own_message(content: dict[str, Any], used: set[tuple[int, int]]) -> dict[str, Any]:
    for kind in ("message", "business_message"):
        message = content.get(kind)
        if isinstance(message, dict) and "message_id" in message and "chat" in message:
            number, chat = int(message["message_id"]), int(message["chat"]["id"])
            while (chat, number) in used:
                number += 10_007
            used.add((chat, number))
            content = {**content, kind: {**message, "message_id": number}}
    return content


def batches(bodies: Sequence[Body], *, size: int) -> list[Body]:
    """Messenger bodies joined: the entries of `size` files in one body, as Meta batches them."""
    joined = []
    for first in range(0, len(bodies), size):
        entries = [entry for body in bodies[first : first + size] for entry in body.content.get("entry", [])]
        joined.append(Body(channel="messenger", name=f"batch {first}", content={"object": "page", "entry": entries}))
    return joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Posts bodies to a running house."""

    house: House
    http: httpx.AsyncClient

    async def post(self, body: Body) -> int:
        """Signed and delivered; returns the status."""
        raw = raw_body(body.content)
        answer = await self.http.post(
            f"{self.house.url}/webhooks/{body.channel}/{DEMO}", content=raw, headers=self._signature(body.channel, raw)
        )
        return answer.status_code

    def _signature(self, channel: str, raw: bytes) -> Mapping[str, str]:
        if channel == "telegram":
            secret = self.house.product.vault.derive(f"webhook/telegram/{DEMO}")
            return {"X-Telegram-Bot-Api-Secret-Token": secret}
        return {name: value.decode() for name, value in signature_headers(demo.DEMO_APP_SECRET, raw).items()}

    async def settle(self) -> None:
        """Until every item has its fate and every message of either side its end."""
        await self.house.until(self._is_settled, seconds=60)

    async def _is_settled(self) -> bool:
        unsettled = (MessageState.RECEIVED, MessageState.PENDING, MessageState.SENDING)
        async with self.house.product.database.read() as session:
            items = await session.scalar(select(func.count()).where(InboxItem.state == InboxState.PENDING))
            messages = await session.scalar(select(func.count()).where(Message.state.in_(unsettled)))
        return not items and not messages

    async def items(self) -> dict[tuple[str, str], InboxItem]:
        """All kept items by (channel, dedup key)."""
        async with self.house.product.database.read() as session:
            rows = await session.execute(select(InboxItem, Account.channel).join(Account))
            return {(channel, item.dedup_key): item for item, channel in rows}

    async def messages(self) -> Sequence[Message]:
        async with self.house.product.database.read() as session:
            return (await session.scalars(select(Message).order_by(Message.id))).all()


def know_the_people(house: House, bodies: Iterable[Body]) -> None:
    """The fakes know everybody who writes in the pack, so that answers reach them under numbers that nobody has used."""
    while house.simulator.telegram.next_message_id() < _NUMBERS_OF_THE_PACK:
        pass
    for body in bodies:
        for number in sorted(set(_ids(body.content))):
            if body.channel == "telegram":
                house.simulator.telegram.customer(f"Person {number}", customer_id=number).started = True
            else:
                house.simulator.messenger.customer(f"Person {number}", customer_id=str(number))


def _ids(value: Any) -> Iterable[int]:
    """Every id of a chat or person inside."""
    if isinstance(value, dict):
        found = value.get("id")
        if isinstance(found, int) or (isinstance(found, str) and found.isdecimal()):
            yield int(found)
        for inner in value.values():
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)
