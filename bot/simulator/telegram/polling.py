"""getUpdates: long polling with its odd rules (CHANNELS.md 1.2; tdlib/telegram-bot-api Client.cpp)."""

import asyncio
from typing import Any

from bot.simulator.pace import Pace
from bot.simulator.telegram.errors import BotError, named_error
from bot.simulator.telegram.parameters import Parameters
from bot.simulator.telegram.updates import UpdateQueue

LONGEST_POLL_SECONDS = 50
SAME_OFFSET_SECONDS = 3.0
HASTY_SECONDS = 0.5
MOST_UPDATES = 100


class Polling:
    """One long poll at a time; a second one ends the first with 409."""

    def __init__(self, *, updates: UpdateQueue, pace: Pace) -> None:
        self._updates = updates
        self._pace = pace
        self._running: asyncio.Future[BotError | None] | None = None
        self._last_offset: int | None = None
        self._last_start = 0.0

    async def get_updates(self, parameters: Parameters) -> list[dict[str, Any]]:
        """The bodies of the waiting updates. Raises BotError 409 when another poll or a webhook takes over."""
        self.end_running(named_error("other_poller"))
        self._updates.allow(parameters.structure("allowed_updates"))
        offset = parameters.integer("offset")
        limit, wait = self._limits(offset, parameters)
        if offset < 0:
            self._updates.keep_last(-offset)
        else:
            self._updates.acknowledge_before(offset)
        return await self._wait(max(offset, 0), limit, wait)

    @property
    def running(self) -> bool:
        """Whether a poll waits now."""
        return self._running is not None and not self._running.done()

    def finish(self) -> None:
        """Let a waiting poll go with nothing."""
        self.end_running(None)

    def end_running(self, reason: BotError | None) -> None:
        if self._running is not None and not self._running.done():
            self._running.set_result(reason)
        self._running = None

    def _limits(self, offset: int, parameters: Parameters) -> tuple[int, float]:
        """How many updates and how many real seconds; asking the same offset in haste gets less, later."""
        limit = min(max(parameters.integer("limit", MOST_UPDATES), 1), MOST_UPDATES)
        wait = float(min(max(parameters.integer("timeout"), 0), LONGEST_POLL_SECONDS))
        now = self._pace.elapsed()
        if offset == self._last_offset:
            since = now - self._last_start
            if since < SAME_OFFSET_SECONDS:
                wait = max(wait, SAME_OFFSET_SECONDS / self._pace.speed)
            if since < HASTY_SECONDS:
                limit = 1
        self._last_offset, self._last_start = offset, now
        return limit, wait

    async def _wait(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[BotError | None] = loop.create_future()
        self._running = ended
        deadline = loop.time() + seconds
        while not (found := self._updates.first(limit, offset=offset)) and (left := deadline - loop.time()) > 0:
            self._updates.arrived.clear()
            arrival = asyncio.ensure_future(self._updates.arrived.wait())
            watched: set[asyncio.Future[Any]] = {arrival, ended}
            try:
                await asyncio.wait(watched, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                arrival.cancel()
            if ended.done():
                if (reason := ended.result()) is not None:
                    raise reason
                return []
        if self._running is ended:
            self._running = None
        ended.cancel()
        return [update.body for update in found]
