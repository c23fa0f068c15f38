"""Keep: what a platform tells us is stored durably, then acknowledged, and nothing else happens here.

Rows that wait together are committed together, so that the price of one flush to the disk is shared (FIGURES.md A4).
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from prometheus_client import Counter

from bot.channel import Item, Keep
from bot.models import InboxItem
from core.clock import Clock
from core.database import TROUBLE, Database, announce
from core.text import storable

_MOST_ROWS: Final = 500
_LONGEST_KEY: Final = 255
KEPT: Final = Counter(
    "replydesk_items_kept_total", "Items stored from webhooks and polls, repeats included.", ["channel"]
)


@dataclass(frozen=True, slots=True)
class _Waiting:
    rows: list[dict[str, Any]]
    stored: asyncio.Future[None]


class Inbox:
    """The durable inbox. `run` must be going for `keep` to return."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._insert = database.insert_or_ignore(InboxItem)

    async def keep(self, *, account_id: int, channel: str, items: Sequence[Item]) -> None:
        """Returns once every item is durably stored, each dedup key once. Raises what the database raised if it is not."""
        if not items:
            return
        now = self._clock()
        rows = [_row(account_id, item, now) for item in items]
        waiting = _Waiting(rows, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        await waiting.stored
        KEPT.labels(channel).inc(len(items))

    def keeper(self, *, account_id: int, channel: str) -> Keep:
        """`keep` for one account, as a poller wants it."""

        async def keep(items: Sequence[Item]) -> None:
            await self.keep(account_id=account_id, channel=channel, items=items)

        return keep

    async def run(self) -> None:
        """Commit what waits, as one transaction at a time, until cancelled; whoever still waits then hears that it is not kept."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    await self._commit(self._take())
        finally:
            _tell(self._take_all(), InterruptedError("The process stops; this is not stored."))

    def _take(self) -> list[_Waiting]:
        count = rows = 0
        for waiting in self._waiting:
            count, rows = count + 1, rows + len(waiting.rows)
            if rows >= _MOST_ROWS:
                break
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def _take_all(self) -> list[_Waiting]:
        taken, self._waiting = self._waiting, []
        return taken

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            await self._store(batch)
        except TROUBLE as error:
            _tell(batch, error)
        except Exception as error:  # noqa: BLE001 - an edge: one delivery that cannot be stored must not take its neighbours along
            if len(batch) == 1:
                _tell(batch, error)
            else:
                for waiting in batch:
                    await self._commit([waiting])
        except asyncio.CancelledError:
            _tell(batch, InterruptedError("The process stops; nobody knows whether this is stored."))
            raise
        else:
            _tell(batch, None)

    async def _store(self, batch: list[_Waiting]) -> None:
        async with self._database.write() as session:
            await session.execute(self._insert, [row for waiting in batch for row in waiting.rows])
            announce(session, "inbox")


def _tell(batch: list[_Waiting], error: Exception | None) -> None:
    for waiting in batch:
        if waiting.stored.done():
            continue
        if error is None:
            waiting.stored.set_result(None)
        else:
            waiting.stored.set_exception(error)


def _row(account_id: int, item: Item, now: datetime) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "dedup_key": _key(item.dedup_key),
        "thread": None if item.thread is None else _key(item.thread),
        "platform_at": item.at,
        "received_at": now,
        "body": _raw(item.body),
        "state": "pending",
    }


def _key(key: str) -> str:
    """As it is where the column can hold it; a longer one by its digest, so that two of them stay two."""
    clean = storable(key)
    return clean if len(clean) <= _LONGEST_KEY else "sha256:" + hashlib.sha256(clean.encode()).hexdigest()


def _raw(body: Any) -> str:
    try:
        return json.dumps(body)
    except RecursionError:  # nested so deeply that nobody real sent it: kept as a mark, to become a dead letter
        return json.dumps("This item was nested too deeply to be kept.")
