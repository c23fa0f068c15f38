"""Read: stored items become messages, edits, echoes and receipts; what nobody can read becomes a dead letter.

One process at a time does this, in order of (platform time, arrival) within a thread. Every item has a savepoint of
its own, so one bad item never stops the batch.
"""

import asyncio
import json
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

_BATCH: Final = 16
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

    async def run(self) -> None:
        """Absorb for ever; trouble with the database is waited out, nothing is skipped."""
        with self._wakeups.on("inbox") as wakeup:
            while True:
                try:
                    if await self.absorb_batch() < _BATCH:
                        await wakeup.wait(_POLL_SECONDS)
                except TROUBLE as error:
                    log.warning("absorbing_waits_for_database", error=str(error))
                    await asyncio.sleep(_POLL_SECONDS)

    async def absorb_batch(self) -> int:
        """Absorb what is pending, at most a batch. Returns how many items it took."""
        outgoing: list[tuple[int, Signal]] = []
        async with self._database.write() as session:
            items = (
                await session.scalars(
                    select(InboxItem)
                    .where(InboxItem.state == InboxState.PENDING)
                    .order_by(InboxItem.id)
                    .limit(_BATCH)
                    .with_for_update()  # while a lease changes hands two processes may be here
                )
            ).all()
            for item in _in_order(items):
                outgoing += [(item.account_id, signal) for signal in await self._absorb_item(session, item)]
        for account_id, signal in outgoing:
            self._send_signal(account_id, signal)
        return len(items)

    async def _absorb_item(self, session: AsyncSession, item: InboxItem) -> Sequence[Signal]:
        account = await session.get_one(Account, item.account_id)
        channel, name, number = account.channel, account.name, item.id  # a savepoint rolled back takes them away
        incoming = Incoming(session=session, account=account, now=self._clock(), window=self._window)
        with bound_contextvars(channel=channel, account=name, item=number):
            try:
                body: Any = json.loads(item.body)
                kind = self._accounts.kind(channel)
                async with session.begin_nested():
                    outcomes = [await incoming.apply(inbound) for inbound in kind.parse(body)]
            except Unreadable as error:
                self._bury(item, channel, str(error))
                return ()
            except TROUBLE as error:
                self._troubles[number] += 1
                if self._troubles[number] < _MOST_TROUBLES:
                    raise
                self._bury(item, channel, f"{type(error).__name__}: {error}")
                return ()
            except Exception as error:  # an edge: one bad item never stops the batch
                log.exception("item_failed")
                self._bury(item, channel, f"{type(error).__name__}: {error}")
                return ()
        item.state, item.outcome, item.error = InboxState.DONE, ",".join(outcomes)[:255] or "nothing", None
        self._troubles.pop(number, None)
        for outcome in outcomes:
            ABSORBED.labels(channel, outcome).inc()
        return incoming.signals

    def _bury(self, item: InboxItem, channel: str, error: str) -> None:
        item.state, item.error = InboxState.DEAD, storable(self._accounts.scrubber.clean(error))[:_LONGEST_ERROR]
        self._troubles.pop(item.id, None)
        DEAD_LETTERS.labels(channel).inc()
        log.error("dead_letter", channel=channel, item=item.id, error=item.error)


def _in_order(items: Sequence[InboxItem]) -> list[InboxItem]:
    def place(item: InboxItem) -> tuple[datetime, int]:
        return (item.platform_at or item.received_at, item.id)

    return sorted(items, key=place)
