"""Live updates for browsers: committed changes as server-sent events, each client behind a bounded queue."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from core.database import Change, Database

TOLD: Final = frozenset({"conversation", "message", "knowledge", "accounts", "brand", "presence", "agents"})
"""The kinds of changes that browsers hear of; `user` only makes a stream check whether its user is still welcome."""
_KEPT: Final = 1000
_QUEUE: Final = 500
_HEARTBEAT_SECONDS: Final = 15.0
_BEAT: Final = "event: beat\ndata: {}\n\n"
"""A sign of life that browsers see: a connection that died in silence is found by its absence."""

StillWelcome = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    number: int
    change: Change


class Client:
    """One open stream. A client too slow for its queue loses updates and is told to read everything again."""

    def __init__(self) -> None:
        self._waiting: deque[Update] = deque()
        self._rung = asyncio.Event()
        self.missed = False

    def put(self, update: Update) -> None:
        if len(self._waiting) >= _QUEUE:
            self._waiting.clear()
            self.missed = True
        self._waiting.append(update)
        self._rung.set()

    async def take(self, seconds: float) -> list[Update]:
        """What has come, after waiting for it at most so long; empty when nothing has."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return []
        self._rung.clear()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class Live:
    """Listens to the database and feeds all clients. `heartbeat_seconds` keeps proxies from closing quiet streams."""

    def __init__(self, *, database: Database, heartbeat_seconds: float = _HEARTBEAT_SECONDS) -> None:
        self._epoch = secrets.token_hex(4)
        self._number = 0
        self._kept: deque[Update] = deque(maxlen=_KEPT)
        self._clients: set[Client] = set()
        self._heartbeat_seconds = heartbeat_seconds
        self._closed = False
        database.listeners.append(self._hear)

    def close(self) -> None:
        """End all streams, for a graceful stop."""
        self._closed = True
        self._hear(Change(kind="closing"))

    async def stream(self, *, last_id: str | None, still_welcome: StillWelcome) -> AsyncIterator[str]:
        """The lines of one client: `hello` first, then what it missed since `last_id` if that is still known, then live.

        `hello` has `{"reread": true}` where the client has to read everything again. It ends when the user is no
        longer welcome, which is asked whenever users change and at each heartbeat (`beat`).
        """
        with self._join() as client:
            missed = self._since(last_id)
            yield self._hello(reread=missed is None)
            for update in missed or ():
                yield self._line(update)
            while not self._closed:
                updates = await client.take(self._heartbeat_seconds)
                if not updates or any(update.change.kind == "user" for update in updates):
                    if self._closed or not await still_welcome():
                        return
                    yield _BEAT
                if client.missed:
                    client.missed = False
                    yield self._hello(reread=True)
                for update in updates:
                    if update.change.kind in TOLD:
                        yield self._line(update)

    @contextmanager
    def _join(self) -> Iterator[Client]:
        client = Client()
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)

    def _hear(self, change: Change) -> None:
        if change.kind in TOLD or change.kind in {"user", "closing"}:
            self._number += 1
            update = Update(number=self._number, change=change)
            self._kept.append(update)
            for client in self._clients:
                client.put(update)

    def _since(self, last_id: str | None) -> list[Update] | None:
        """The kept updates after that id; None where it is unknown or too old to tell what was missed."""
        epoch, _, number = (last_id or "").partition("-")
        if epoch != self._epoch or not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        seen = int(number)
        oldest = self._kept[0].number if self._kept else self._number + 1
        if seen + 1 < oldest or seen > self._number:
            return None
        return [update for update in self._kept if update.number > seen and update.change.kind in TOLD]

    def _hello(self, *, reread: bool) -> str:
        return f"id: {self._epoch}-{self._number}\nevent: hello\ndata: {json.dumps({'reread': reread})}\n\n"

    def _line(self, update: Update) -> str:
        data = json.dumps({"id": update.change.id})
        return f"id: {self._epoch}-{update.number}\nevent: {update.change.kind}\ndata: {data}\n\n"
