"""Trying the house out: a customer of the simulator writes, and the real way of a message answers.

The simulator runs in this process, on a port that only this machine reaches, and only while it is tried; its account
comes and goes with it. What was written stays as an ordinary conversation.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select

from bot.accounts import TRIAL, Accounts
from bot.demo import trial_account
from bot.simulator.app import Simulator, create_simulator
from bot.simulator.screens import CUSTOMER
from bot.simulator.server import serve_simulator
from bot.simulator.telegram.customer import TelegramCustomer
from core.database import Database
from core.messages import ConversationStatus
from core.models import Account, Conversation
from core.preferences import load_brand

log = structlog.get_logger(__name__)

_NAME: Final = "Test customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    by_customer: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the test customer's phone shows, and what has become of his conversation."""

    messages: Sequence[Said] = ()
    conversation_id: int | None = None
    status: ConversationStatus | None = None


@dataclass(slots=True, kw_only=True)
class _Stage:
    simulator: Simulator
    customer: TelegramCustomer
    channel: str
    leaving: AsyncExitStack


@dataclass(slots=True, kw_only=True)
class Trial:
    """At most one at a time; `end` takes everything away again."""

    database: Database
    accounts: Accounts
    _stage: _Stage | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def say(self, text: str, *, language: str, anew: bool = False) -> None:
        """The test customer, or `anew` another one, writes; the simulator is started for the first words."""
        async with self._turn:
            if self._stage is None:
                self._stage = await self._set(language)
            elif anew:
                self._stage.customer = _stranger(self._stage.simulator, language)
            self._stage.customer.write(text)

    async def scene(self) -> Scene:
        if self._stage is None:
            return Scene()
        said = [
            Said(by_customer=one.author == CUSTOMER, text=one.text, at=one.at)
            for one in self._stage.customer.screen.messages.values()
        ]
        async with self.database.read() as session:
            found = await session.scalar(
                select(Conversation)
                .join(Account, Account.id == Conversation.account_id)
                .where(
                    Account.channel == self._stage.channel,
                    Account.name == TRIAL,
                    Conversation.thread == self._stage.customer.id,
                )
            )
        if found is None:
            return Scene(messages=said)
        return Scene(messages=said, conversation_id=found.id, status=found.status)

    async def end(self) -> None:
        """The account is closed, the simulator stops; what was said stays in the desk."""
        async with self._turn:
            if self._stage is not None:
                stage, self._stage = self._stage, None
                await self.accounts.take_back(stage.channel, TRIAL)
                await stage.leaving.aclose()
                log.info("trial_ended")

    async def _set(self, language: str) -> _Stage:
        async with self.database.read() as session:
            brand = await load_brand(session)
        async with AsyncExitStack() as stack:
            simulator = await stack.enter_async_context(serve_simulator(create_simulator(brand=brand.name)))
            kind, credentials = trial_account(self.accounts.kinds, simulator.base_url)
            self.accounts.lend(kind.name, TRIAL, credentials)
            await self.accounts.refresh()
            log.info("trial_begun")
            return _Stage(
                simulator=simulator,
                customer=_stranger(simulator, language),
                channel=kind.name,
                leaving=stack.pop_all(),
            )


def _stranger(simulator: Simulator, language: str) -> TelegramCustomer:
    """Somebody whom neither this nor an earlier trial has seen."""
    customer = simulator.telegram.customer(_NAME, language=language, customer_id=secrets.randbelow(10**9) + 10**9)
    customer.started = True
    return customer
