"""How time runs in the simulator: dates from a clock, waits divided by a speed, both can be pushed forward."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _system_now() -> datetime:
    return datetime.now(UTC)


class Pace:
    """Time for one simulator.

    `now()` is a UTC datetime from the clock handed in; it dates messages and judges windows (24 h, 150 s).
    `elapsed()` and `sleep()` count platform seconds: with `speed=1000` a retry after 2 s comes after 2 ms, while
    dates stay true. `advance()` moves both forward and wakes every sleeper whose time has come.
    """

    def __init__(self, *, clock: Callable[[], datetime] | None = None, speed: float = 1.0) -> None:
        self._clock = clock or _system_now
        self.speed = speed
        self._ahead = 0.0
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return self._clock() + timedelta(seconds=self._ahead)

    def elapsed(self) -> float:
        """Platform seconds since an arbitrary start."""
        return time.monotonic() * self.speed + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` platform seconds."""
        deadline = self.elapsed() + seconds
        while (left := deadline - self.elapsed()) > 0:
            try:
                await asyncio.wait_for(self._moved.wait(), left / self.speed)
            except TimeoutError:
                continue
