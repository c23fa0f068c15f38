"""The composition root: every part is built once, here, and handed its collaborators by keyword."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import httpx
import structlog

from bot.absorb import Absorber
from bot.accounts import Accounts, OpenAccount
from bot.channel import ChannelKind, Polling, Preparing
from bot.deliver import Deliverer
from bot.desk_work import DeskWork
from bot.first_run.trial import Trial
from bot.housekeeping import Housekeeper
from bot.incoming import BurstWindow
from bot.introductions import Introducer
from bot.media import MediaKeeper
from bot.ratings import RatingRequests
from bot.receive import Inbox
from bot.signals import Signals
from bot.supervision import Hold, PerAccount, Supervisor
from bot.thinking import Thinker
from bot.turns import Turns
from bot.wakeups import Wakeups
from core.clock import Clock, utc_now
from core.database import Database
from core.errors import AccountStopped, SendError
from core.leases import Leases
from core.logs import Scrubber
from core.settings import Settings
from core.user_watch import UserWatch
from core.vault import Vault
from handoff.automations.running import Automations
from handoff.routing.router import Router
from handoff.webhooks.calling import WebhookCaller
from nlu.serving import Build, Serving

log = structlog.get_logger(__name__)

_LONGEST_BURSTS: Final = 5
"""A burst is cut after this many quiet windows: a customer who never pauses is answered all the same."""
_ACCOUNTS_LOOK_SECONDS: Final = 2.0
_PREPARE_EVERY_SECONDS: Final = 24 * 3600.0
"""Platforms drop a webhook that failed for an hour: it is looked after daily (CHANNELS.md 2.1)."""
_HTTP_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The parts of one process, built and not yet running."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    scrubber: Scrubber
    accounts: Accounts
    inbox: Inbox
    serving: Serving
    wakeups: Wakeups
    supervisor: Supervisor
    leases: Leases
    signals: Signals
    window: BurstWindow
    trial: Trial

    async def keep_receiving(self) -> None:
        """What a process that takes webhooks needs running."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.supervisor.keep("inbox", self.inbox.run))
            group.create_task(self.supervisor.keep("accounts", self._follow_accounts))
            group.create_task(self.supervisor.keep("knowledge", self.serving.run))
            group.create_task(self.supervisor.keep("users", UserWatch(database=self.database).run))

    async def work(self) -> None:
        """What a worker runs: polling, absorbing, turns, delivery and the small jobs. Until cancelled."""
        leases = self.leases
        if self.database.is_sqlite:
            await leases.forget_all()  # the data folder is ours alone (bot/serve.py holds its lock)
        absorber = Absorber(
            database=self.database,
            accounts=self.accounts,
            clock=self.clock,
            window=self.window,
            wakeups=self.wakeups,
            send_signal=self.signals.send,
        )
        turns = Turns(
            database=self.database,
            serving=self.serving,
            thinker=Thinker(),
            clock=self.clock,
            window=self.window,
            wakeups=self.wakeups,
            owner=leases.owner,
            send_signal=self.signals.send,
        )
        media = MediaKeeper(database=self.database, accounts=self.accounts, wakeups=self.wakeups, clock=self.clock)
        introducer = Introducer(database=self.database, accounts=self.accounts, wakeups=self.wakeups, clock=self.clock)
        housekeeper = Housekeeper(database=self.database, clock=self.clock)
        buttons = {name: kind.limits.buttons for name, kind in self.accounts.kinds.items()}
        desk_work = DeskWork(
            router=Router(database=self.database, clock=self.clock, windows=self.windows),
            rating_requests=RatingRequests(database=self.database, clock=self.clock, buttons=buttons),
            automations=Automations(database=self.database, clock=self.clock, windows=self.windows),
        )
        keep, held = self.supervisor.keep, self._holding
        async with asyncio.TaskGroup() as group:
            group.create_task(keep("absorb", absorber.run, hold=held("absorb")))
            group.create_task(keep("turns", turns.run))
            group.create_task(keep("media", media.run, hold=held("media")))
            group.create_task(keep("introductions", introducer.run, hold=held("introductions")))
            group.create_task(keep("housekeeping", housekeeper.run, hold=held("housekeeping")))
            group.create_task(keep("webhooks", self._call_webhooks, hold=held("webhooks")))
            group.create_task(keep("desk_work", desk_work.run, hold=held("desk_work")))
            group.create_task(self._per_account("receive", self._receive_from).run())
            group.create_task(self._per_account("deliver", self._deliver_for).run())

    @property
    def windows(self) -> dict[str, timedelta | None]:
        """By channel, how long after the customer's last message a person may write; None: always."""
        return {name: kind.limits.agent_window or kind.limits.window for name, kind in self.accounts.kinds.items()}

    async def _call_webhooks(self) -> None:
        """With a client of its own: no proxy from the environment, which would look addresses up for us."""
        async with httpx.AsyncClient(timeout=_HTTP_TIMEOUT, trust_env=False) as http:
            await WebhookCaller(database=self.database, clock=self.clock, vault=self.vault, http=http).run()

    def _holding(self, job: str) -> Hold:
        """One process does the job at a time; with SQLite there is only one anyway."""
        return nullcontext if self.database.is_sqlite else partial(self.leases.held, job)

    def _per_account(self, name: str, work: Callable[[OpenAccount], Awaitable[None]]) -> PerAccount:
        return PerAccount(
            name=name,
            accounts=self.accounts,
            wakeups=self.wakeups,
            supervisor=self.supervisor,
            work=work,
            holding=self._holding,
        )

    async def _receive_from(self, account: OpenAccount) -> None:
        """Tell the platform where we listen, and poll it if it is to be polled."""
        channel = account.channel
        if isinstance(channel, Polling) and channel.polls:
            if isinstance(channel, Preparing):
                await self._prepare(account, channel)
            await channel.poll(self.inbox.keeper(account_id=account.id, channel=account.kind.name))
        while isinstance(channel, Preparing):
            await self._prepare(account, channel)
            await asyncio.sleep(_PREPARE_EVERY_SECONDS)
        await asyncio.Event().wait()

    async def _prepare(self, account: OpenAccount, channel: Preparing) -> None:
        """A platform that is out of reach at start is asked again; it delivers meanwhile what it was told before."""
        pause = 1.0
        while True:
            try:
                await channel.prepare()
            except AccountStopped:
                raise
            except SendError as error:
                log.warning("prepare_later", channel=account.kind.name, account=account.name, error=str(error))
                await asyncio.sleep(pause)
                pause = min(60.0, pause * 2)
            else:
                return

    async def _deliver_for(self, account: OpenAccount) -> None:
        await Deliverer(
            database=self.database,
            clock=self.clock,
            account=account,
            wakeups=self.wakeups,
            scrubber=self.scrubber,
        ).run()

    async def _follow_accounts(self) -> None:
        with self.wakeups.on("accounts") as wakeup:
            while True:
                await self.accounts.refresh()
                await wakeup.wait(_ACCOUNTS_LOOK_SECONDS)


@asynccontextmanager
async def open_product(
    settings: Settings,
    *,
    database: Database,
    kinds: Mapping[str, ChannelKind],
    build_understanding: Build,
    scrubber: Scrubber,
    environment: Mapping[str, str],
    clock: Clock = utc_now,
) -> AsyncIterator[Product]:
    """Build every part; close what was opened at the end."""
    vault = Vault.from_settings(settings)
    wakeups = Wakeups(database)
    async with httpx.AsyncClient(timeout=_HTTP_TIMEOUT, limits=httpx.Limits(max_connections=100)) as http:
        accounts = Accounts(
            database=database,
            kinds=kinds,
            vault=vault,
            http=http,
            clock=clock,
            public_url=settings.public_url,
            scrubber=scrubber,
        )
        accounts.use_environment(environment)
        quiet = timedelta(milliseconds=settings.turn_wait_ms)
        product = Product(
            settings=settings,
            clock=clock,
            database=database,
            vault=vault,
            scrubber=scrubber,
            accounts=accounts,
            inbox=Inbox(database=database, clock=clock),
            serving=Serving(database=database, build=build_understanding),
            wakeups=wakeups,
            supervisor=Supervisor(),
            leases=Leases(database=database, clock=clock),
            signals=Signals(accounts),
            window=BurstWindow(quiet=quiet, longest=quiet * _LONGEST_BURSTS),
            trial=Trial(database=database, accounts=accounts),
        )
        try:
            yield product
        finally:
            await product.trial.end()
            await accounts.close()
