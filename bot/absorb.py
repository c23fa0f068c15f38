"""Read: stored items become messages, edits, echoes and receipts; what nobody can read becomes a dead letter.

One process at a time does this, in order of (platform time, arrival) within a thread. A batch that fails is taken again
with a savepoint for every item, so one bad item never stops it.
"""

import asyncio
import json
import time
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars

from bot.accounts import Accounts
from bot.channel import Signal
from bot.incoming import BurstWindow, Incoming
from bot.models import InboxItem, InboxState
from bot.wakeups import Wakeups
from core.clock import Clock
from core.database import TROUBLE, Database
from core.errors import Unreadable
from core.models import Account
from core.text import storable

log = structlog.get_logger(__name__)

_BATCH: Final = 32
_NEXT: Final = (
    select(InboxItem)
    .where(InboxItem.state == InboxState.PENDING)
    .order_by(InboxItem.id)
    .limit(_BATCH)
    .with_for_update()  # while a lease changes hands two processes may be here
)
_LONGEST_SECONDS: Final = 0.02
_POLL_SECONDS: Final = 1.0
_LONGEST_ERROR: Final = 2000
_MOST_TROUBLES: Final = 5
"""An item in whose midst the database gave up so often is the trouble itself (too many values for one statement …)."""
ABSORBED: Final = Counter(
    "replydesk_items_absorbed_total", "Stored items by what became of them.", ["channel", "outcome"]
)
DEAD_LETTERS: Final = Counter("replydesk_dead_letters_total", "Items nobody could read or handle.", ["channel"])


class Absorber:
    """Turns pending inbox items into conversations. `signals` takes what must be told to the customer afterwards."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        clock: Clock,
        window: BurstWindow,
        wakeups: Wakeups,
        send_signal: Callable[[int, Signal], None],
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock
        self._window = window
        self._wakeups = wakeups
        self._send_signal = send_signal
        self._troubles: Tally[int] = Tally()
        self._known_accounts: dict[int, Account] = {}
        self._careful = False
        """After a failure: every item has a savepoint of its own and may fail alone."""

    async def run(self) -> None:
        """Absorb for ever; trouble with the database is waited out, nothing is skipped."""
        with self._wakeups.on("inbox") as wakeup:
            while True:
                try:
                    if not await self.absorb_batch():
                        await wakeup.wait(_POLL_SECONDS)
                except TROUBLE as error:
                    log.warning("absorbing_waits_for_database", error=str(error))
                    await asyncio.sleep(_POLL_SECONDS)

    async def absorb_batch(self) -> bool:
        """Absorb what is pending, at most a batch. Returns whether more may be."""
        try:
            more = await self._absorb_batch()
        except TROUBLE:
            self._careful = True
            raise
        except Exception:
            if self._careful:
                raise
            self._careful = True
            more = await self._absorb_batch()
        self._careful = False
        return more

    async def _absorb_batch(self) -> bool:
        """It ends after `_LONGEST_SECONDS` too: meanwhile nothing that arrives can be stored."""
        taken = 0
        outgoing: list[tuple[int, Signal]] = []
        absorbed: Tally[tuple[str, str]] = Tally()
        async with self._database.write() as session:
            items = (await session.scalars(_NEXT)).all()
            ends_at = time.monotonic() + _LONGEST_SECONDS
            for item in _in_order(items):
                if taken and time.monotonic() > ends_at:
                    break
                taken += 1
                account = await self._account(session, item.account_id)
                incoming = Incoming(session=session, account=account, now=self._clock(), window=self._window)
                with bound_contextvars(channel=account.channel, account=account.name, item=item.id):
                    outcomes = await self._absorb_item(incoming, item)
                absorbed.update((account.channel, outcome) for outcome in outcomes)
                outgoing += [(account.id, signal) for signal in incoming.signals]
        for (channel, outcome), count in absorbed.items():
            ABSORBED.labels(channel, outcome).inc(count)
        for account_id, signal in outgoing:
            self._send_signal(account_id, signal)
        return taken < len(items) or len(items) == _BATCH

    async def _absorb_item(self, incoming: Incoming, item: InboxItem) -> Sequence[str]:
        """What became of the item."""
        number = item.id  # a savepoint rolled back takes it away
        if not self._careful:
            return await self._apply(incoming, item)
        try:
            async with incoming.session.begin_nested():
                return await self._apply(incoming, item)
        except Unreadable as error:
            reason = str(error)
        except TROUBLE as error:
            self._troubles[number] += 1
            if self._troubles[number] < _MOST_TROUBLES:
                raise
            reason = f"{type(error).__name__}: {error}"
        except Exception as error:  # an edge: one bad item never stops the batch
            log.exception("item_failed")
            reason = f"{type(error).__name__}: {error}"
        self._bury(item, incoming, reason)
        return ()

    async def _apply(self, incoming: Incoming, item: InboxItem) -> Sequence[str]:
        body: Any = json.loads(item.body)
        parsed = self._accounts.kind(incoming.account.channel).parse(body)
        outcomes = [await incoming.apply(inbound) for inbound in parsed]
        item.state, item.outcome, item.error = InboxState.DONE, ",".join(outcomes)[:255] or "nothing", None
        self._troubles.pop(item.id, None)
        return outcomes

    async def _account(self, session: AsyncSession, account_id: int) -> Account:
        """Only read: what it is called and which channel it has never change."""
        known = self._known_accounts.get(account_id)
        if known is None:
            known = self._known_accounts[account_id] = await session.get_one(Account, account_id)
            session.expunge(known)
        return known

    def _bury(self, item: InboxItem, incoming: Incoming, error: str) -> None:
        channel = incoming.account.channel
        incoming.signals.clear()
        item.state, item.error = InboxState.DEAD, storable(self._accounts.scrubber.clean(error))[:_LONGEST_ERROR]
        self._troubles.pop(item.id, None)
        DEAD_LETTERS.labels(channel).inc()
        log.error("dead_letter", channel=channel, item=item.id, error=item.error)


def _in_order(items: Sequence[InboxItem]) -> list[InboxItem]:
    def place(item: InboxItem) -> tuple[datetime, int]:
        return (item.platform_at or item.received_at, item.id)

    return sorted(items, key=place)
