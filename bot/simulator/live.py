"""Live changes for the page: every change of a screen goes to all listening browsers."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

KEEP_ALIVE_SECONDS = 15.0
BACKLOG = 1000


class Hub:
    """Fans events out to listeners; a listener that falls too far behind is told to load everything again."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[tuple[str, dict[str, Any]] | None]] = set()

    @property
    def watched(self) -> bool:
        return bool(self._listeners)

    def publish(self, event: str, data: dict[str, Any]) -> None:
        for listener in self._listeners:
            if listener.qsize() < BACKLOG:
                listener.put_nowait((event, data))
            elif listener.qsize() == BACKLOG:
                listener.put_nowait(("reload", {}))

    async def stream(self) -> AsyncIterator[str]:
        """Server-sent events, with a comment every 15 s so that a dead connection is noticed."""
        listener: asyncio.Queue[tuple[str, dict[str, Any]] | None] = asyncio.Queue()
        self._listeners.add(listener)
        try:
            yield "event: hello\ndata: {}\n\n"
            while True:
                try:
                    item = await asyncio.wait_for(listener.get(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if item is None:
                    return
                yield f"event: {item[0]}\ndata: {json.dumps(item[1])}\n\n"
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        for listener in self._listeners:
            listener.put_nowait(None)
