"""A load generator: N connections, each sends its next request as soon as the last one is answered."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one run saw: answers by status, wall time, each answer's waiting time in seconds."""

    seconds: float
    statuses: Counter[int]
    waits: list[float] = field(repr=False)

    @property
    def accepted(self) -> int:
        return self.statuses[200]

    @property
    def per_second(self) -> float:
        return self.accepted / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], until: float, statuses: Counter[int], waits: list[float]) -> None:
        self._requests = requests
        self._until = until
        self._statuses = statuses
        self._waits = waits
        self._received = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._until else None
        if request is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(_END_OF_HEAD)
        if not end:
            return
        length = int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        self._received = b""
        self._statuses[int(head[9:12])] += 1
        self._waits.append(time.perf_counter() - self._sent_at)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None) if exc is None else self.done.set_exception(exc)


async def press(*, port: int, requests: Iterator[bytes], connections: int, seconds: float = 3600.0) -> Load:
    """Send until `seconds` are over or the requests are used up."""
    loop = asyncio.get_running_loop()
    statuses: Counter[int] = Counter()
    waits: list[float] = []
    began = time.perf_counter()
    opened = [
        await loop.create_connection(
            lambda: _Connection(requests, began + seconds, statuses, waits), host="127.0.0.1", port=port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in opened))
    return Load(seconds=time.perf_counter() - began, statuses=statuses, waits=waits)


def quantile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
