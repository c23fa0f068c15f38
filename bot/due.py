"""Rows that have something due: work beside the messages, handled a few at a time, for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from bot.wakeups import Wakeup
from core.clock import Clock
from core.database import Database

Row = TypeVar("Row")


class Due(Generic[Row]):
    """Those rows of a table whose time in `column` has come, the longest due first, `side_by_side` at once."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        table: type[Row],
        column: InstrumentedAttribute[datetime | None],
        side_by_side: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._table = table
        self._column = column
        self._side_by_side = side_by_side

    async def work_off(self, handle: Callable[[Row], Awaitable[None]], *, wakeup: Wakeup, look_seconds: float) -> None:
        """Until cancelled. `handle` takes its row's due time away, or puts it off; what it raises ends this."""
        while True:
            rows = await self._next()
            await asyncio.gather(*(handle(row) for row in rows))
            if len(rows) < self._side_by_side:
                await wakeup.wait(look_seconds)

    async def _next(self) -> list[Row]:
        async with self._database.glance() as session:
            query = select(self._table).where(self._column <= self._clock()).order_by(self._column)
            return list((await session.scalars(query.limit(self._side_by_side))).all())
