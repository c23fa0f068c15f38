"""Notices within a second that somebody was put out by another process, so that his open streams end at once."""

import asyncio
import secrets
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import TROUBLE, Change, Database, announce
from core.models import Preference

log = structlog.get_logger(__name__)

_KEY: Final = "users_changed"
_LOOK_SECONDS: Final = 0.5


async def users_changed(session: AsyncSession, user_id: int | None = None) -> None:
    """What a user may do is another thing now: told here after the commit, and noticed by other processes."""
    await session.merge(Preference(key=_KEY, value=secrets.token_hex(8)))
    announce(session, "user", user_id)


class UserWatch:
    """Tells this process's listeners of changes to users that another process made."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """For ever; one small read every half second."""
        seen = await self._read()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                now = await self._read()
            except TROUBLE as error:
                log.warning("users_not_watched", error=type(error).__name__)
                continue
            if now != seen:
                seen = now
                for listener in self._database.listeners:
                    listener(Change(kind="user"))

    async def _read(self) -> object:
        async with self._database.read() as session:
            stored = await session.get(Preference, _KEY)
        return None if stored is None else stored.value
