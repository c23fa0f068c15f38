"""Wake-ups: a committed change makes the worker that waits for it look at the database now instead of a second later.

They are hints: losing one loses nothing, every worker also looks by itself.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from core.database import Change, Database


class Wakeup:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Until it rings, at the most `seconds`. A ring between two waits is not lost."""
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()


class Wakeups:
    """Rung by the changes that this process's own database commits."""

    def __init__(self, database: Database) -> None:
        self._listening: list[tuple[str, int | None, Wakeup]] = []
        database.listeners.append(self._on_change)

    @contextmanager
    def on(self, kind: str, identity: int | None = None) -> Iterator[Wakeup]:
        """A wake-up of one's own for changes of a kind, or only for those about one id."""
        entry = (kind, identity, Wakeup())
        self._listening.append(entry)
        try:
            yield entry[2]
        finally:
            self._listening.remove(entry)

    def _on_change(self, change: Change) -> None:
        for kind, identity, wakeup in self._listening:
            if kind == change.kind and identity in (None, change.id):
                wakeup.ring()
