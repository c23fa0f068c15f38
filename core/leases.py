"""Jobs that one process at a time may do (polling an account, reading the inbox, sending for an account)."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import delete, update

from core.clock import Clock
from core.database import TROUBLE, Database
from core.models import Lease

LEASE_SECONDS: Final = 15.0

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another process holds the job now; stop doing it."""


class Leases:
    """The leases of one process. A dead process's leases lapse after `LEASE_SECONDS`."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self.owner = f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid4().hex[:8]}"
        self._database = database
        self._clock = clock

    async def forget_all(self) -> None:
        """Take every lease away from whoever had it. Only for the one process that owns a SQLite data folder."""
        async with self._database.write() as session:
            await session.execute(delete(Lease))

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[None]:
        """Wait until the job is ours, keep it ours inside the block, and give it back.

        Raises `LeaseLost` inside the block when it could not be renewed in time.
        """
        while not await self._take(name):  # noqa: ASYNC110 - the holder is another process
            await asyncio.sleep(LEASE_SECONDS / 5)
        body = asyncio.current_task()
        lost = False

        async def renew() -> None:
            nonlocal lost
            while await self._still_ours(name):  # noqa: ASYNC110 - nothing but time to wait for
                await asyncio.sleep(LEASE_SECONDS / 3)
            lost = True
            if body is not None:
                body.cancel()

        renewal = asyncio.create_task(renew(), name=f"lease {name}")
        try:
            yield
        except asyncio.CancelledError:
            if lost and body is not None and body.uncancel() == 0:
                raise LeaseLost(name) from None
            raise
        finally:
            renewal.cancel()
            if not lost:
                await self._give_back(name)

    async def _still_ours(self, name: str) -> bool:
        """Renew; while the database is away the lease holds until it would lapse."""
        deadline = asyncio.get_running_loop().time() + LEASE_SECONDS * 2 / 3
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._take(name)
            except TROUBLE:
                if asyncio.get_running_loop().time() > deadline:
                    return False
                await asyncio.sleep(1.0)

    async def _take(self, name: str) -> bool:
        now = self._clock()
        until = now + timedelta(seconds=LEASE_SECONDS)
        async with self._database.write() as session:
            taken = await session.execute(
                update(Lease)
                .where(Lease.name == name, (Lease.owner == self.owner) | (Lease.until < now))
                .values(owner=self.owner, until=until)
            )
            if taken.rowcount:  # type: ignore[attr-defined]
                return True
            inserted = await session.execute(
                self._database.insert_or_ignore(Lease).values(name=name, owner=self.owner, until=until)
            )
            return bool(inserted.rowcount)  # type: ignore[attr-defined]

    async def _give_back(self, name: str) -> None:
        async with self._database.write() as session:
            await session.execute(delete(Lease).where(Lease.name == name, Lease.owner == self.owner))
