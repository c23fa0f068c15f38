"""Small regular jobs: wake what is snoozed, forget what nobody needs any more."""

import asyncio
from datetime import timedelta
from typing import Final

from sqlalchemy import delete

from bot.models import InboxItem, InboxState
from core.clock import Clock
from core.database import Database
from core.models import BrowserSession
from handoff.cases import wake_due

_WAKE_EVERY_SECONDS: Final = 5.0
_CLEAN_EVERY: Final = timedelta(hours=1)
KEEP_DEDUP_KEYS: Final = timedelta(days=9)
"""Platforms repeat for up to 7 days; keys are to be kept at least 8 (CHANNELS.md rule 0.2)."""


class Housekeeper:
    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        next_clean = self._clock()
        while True:
            now = self._clock()
            async with self._database.write() as session:
                await wake_due(session, now=now)
            if now >= next_clean:
                await self.clean()
                next_clean = now + _CLEAN_EVERY
            await asyncio.sleep(_WAKE_EVERY_SECONDS)

    async def clean(self) -> None:
        """Handled items and their raw bodies go after nine days, dead letters stay; lapsed log-ins go at once."""
        now = self._clock()
        async with self._database.write() as session:
            await session.execute(
                delete(InboxItem).where(
                    InboxItem.state == InboxState.DONE, InboxItem.received_at < now - KEEP_DEDUP_KEYS
                )
            )
            await session.execute(delete(BrowserSession).where(BrowserSession.expires_at < now))
