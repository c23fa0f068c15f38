"""Which channels the suite runs over, and how it opens them."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import httpx

import bot.channels
import tests.contract.tiny
from bot.channel import Channel, ChannelKind, Item, Opening, WebhookRequest
from bot.registry import discover
from core.clock import utc_now
from core.inbound import Ignored, Inbound
from tests.contract.case import DERIVED_SECRET, WEBHOOK_URL, ContractCase

DISCOVERY_PATH: Final = (bot.channels, tests.contract.tiny)
"""Packages of channel folders: ours, and one from outside to prove that a folder is all it takes."""

NOWHERE: Final = "http://127.0.0.1:9"

_TLS: Final = ssl.create_default_context()
"""Made once: reading the certificates costs more than most tests here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A discovered channel; `package` is its folder as a module's name."""

    kind: ChannelKind
    package: str
    folder: Path

    @property
    def case(self) -> ContractCase:
        """Found when asked for: a channel without one fails its own tests and nobody else's."""
        case: ContractCase = import_module(f"{self.package}.tests.contract").CASE
        return case

    def fixtures(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in sorted((self.folder / "fixtures").glob("*.json"))}

    @asynccontextmanager
    async def open(self, base_url: str = NOWHERE) -> AsyncIterator[Channel]:
        """The channel of one account whose platform is at `base_url`."""
        async with httpx.AsyncClient(timeout=httpx.Timeout(10.0), verify=_TLS) as http:
            opening = Opening(
                account="main",
                credentials=self.case.credentials(base_url),
                http=http,
                clock=utc_now,
                webhook_url=WEBHOOK_URL,
                derived_secret=DERIVED_SECRET,
            )
            async with self.kind.open(opening) as channel:
                yield channel

    async def split(self, *bodies: bytes) -> list[list[Item]]:
        """The items of each rightly signed body, all received by one open channel."""
        async with self.open() as channel:
            return [await split(self, channel, body) for body in bodies]

    async def items(self) -> list[Item]:
        """The items of all fixtures, in the order of their names."""
        return [item for items in await self.split(*self.fixtures().values()) for item in items]


async def split(subject: Subject, channel: Channel, body: bytes) -> list[Item]:
    return list((await channel.receive(request(body, subject.case.signed(body)))).items)


def subjects(packages: tuple[ModuleType, ...] = DISCOVERY_PATH) -> Iterator[Subject]:
    for package in packages:
        for name, kind in discover(package).items():
            module = import_module(f"{package.__name__}.{name}")
            assert module.__file__ is not None
            yield Subject(kind=kind, package=module.__name__, folder=Path(module.__file__).parent)


def request(body: bytes, headers: Any) -> WebhookRequest:
    return WebhookRequest(method="POST", body=body, headers=dict(headers), query={})


def kind_of(inbound: Inbound) -> str:
    """The word for it in `ContractCase.expected`."""
    return f"Ignored:{inbound.kind}" if isinstance(inbound, Ignored) else type(inbound).__name__
