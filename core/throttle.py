"""Counts tries, so that nobody guesses passwords by the thousand. Kept in the database: it holds over all processes."""

from datetime import timedelta
from math import ceil
from typing import Final

from sqlalchemy import delete, func, select

from core.access import digest_of
from core.clock import Clock
from core.database import Database
from core.errors import TooManyTries
from core.sign_in_models import Try

_LONGEST_PERIOD: Final = timedelta(hours=1)


class Throttle:
    """At most `tries` per `period` and key; `name` keeps what is counted apart from other throttles."""

    def __init__(
        self, *, database: Database, clock: Clock, name: str, tries: int, period: timedelta = timedelta(minutes=1)
    ) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._tries = tries
        self._period = min(period, _LONGEST_PERIOD)

    async def count(self, key: str) -> None:
        """One more try. Raises `TooManyTries` where the period holds enough of them already."""
        now, digest = self._clock(), self._digest(key)
        async with self._database.write() as session:
            await session.execute(delete(Try).where(Try.at < now - _LONGEST_PERIOD))
            seen = select(func.count(), func.min(Try.at)).where(Try.key == digest, Try.at > now - self._period)
            many, oldest = (await session.execute(seen)).one()
            if many < self._tries:
                session.add(Try(key=digest, at=now))
                return
        wait = oldest + self._period - now
        raise TooManyTries("Too many tries. Wait a minute and try again.", after_seconds=ceil(wait.total_seconds()))

    async def forget(self, key: str) -> None:
        """After success: the tries before it no longer count."""
        async with self._database.write() as session:
            await session.execute(delete(Try).where(Try.key == self._digest(key)))

    def _digest(self, key: str) -> str:
        return digest_of(f"{self._name}:{key}")
