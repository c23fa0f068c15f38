"""The frame in which both fakes deliver: lanes that keep an order, and one knock at the product's door."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from bot.simulator.background import Background


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What the product answered; `status` is None when it did not answer, `error` then names the trouble."""

    status: int | None
    error: str = ""
    reason: str = ""
    retry_after: float = 0.0
    body: bytes = b""
    late: bool = False
    """It did not answer in time."""

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def knock(
    client: httpx.AsyncClient, url: str, *, body: bytes, headers: Mapping[str, bytes], seconds: float
) -> Knock:
    """POST once, with all of the answer within so many seconds."""
    raw_headers = [(name.encode(), value) for name, value in headers.items()]
    try:
        async with asyncio.timeout(seconds):
            answer = await client.post(url, content=body, headers=raw_headers, timeout=seconds)
    except (TimeoutError, httpx.TimeoutException) as error:
        return Knock(status=None, error=type(error).__name__, late=True)
    except httpx.HTTPError as error:
        return Knock(status=None, error=type(error).__name__)
    wait = answer.headers.get("Retry-After", "")
    return Knock(
        status=answer.status_code,
        reason=answer.reason_phrase,
        retry_after=float(wait) if wait.isdigit() else 0.0,
        body=answer.content,
    )


class Lanes:
    """One lane's work is done one after the other, lanes side by side."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._running: dict[str, asyncio.Task[Any]] = {}

    def run(self, lane: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin `work`, which does all there is in the lane, unless it is under way."""
        if lane not in self._running:
            self._running[lane] = self._background.start(self._run(lane, work))

    async def _run(self, lane: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        finally:
            if self._running.get(lane) is asyncio.current_task():
                del self._running[lane]

    def cancel(self) -> None:
        for task in self._running.values():
            task.cancel()
        self._running.clear()
