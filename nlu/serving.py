"""The understanding in use: built from the published entries, swapped whole when they change."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from core.database import Change, Database
from core.preferences import load_brand
from knowledge_base.revision import read_revision
from knowledge_base.search import Knowledge
from knowledge_base.snapshot import Snapshot, load_snapshot
from nlu.understanding import Understands

log = structlog.get_logger(__name__)


class Build(Protocol):
    """Makes an understanding of a snapshot. `generation` changes when it would make another one of the same snapshot."""

    @property
    def generation(self) -> int: ...

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> Understands: ...


_LOOK_EVERY_SECONDS: Final = 0.9
"""For changes made by other processes; this one's own are heard at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """What one turn thinks with: always of one revision."""

    understanding: Understands
    snapshot: Snapshot


class Serving:
    """Holds what is in use; a change of the knowledge base is live within a second or as soon as it is built."""

    def __init__(self, *, database: Database, build: Build) -> None:
        self._database = database
        self._build = build
        self._in_use: InUse | None = None
        self._built_from: tuple[int, int, float] | None = None
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()
        database.listeners.append(self._hear)

    @property
    def is_ready(self) -> bool:
        return self._in_use is not None

    async def current(self) -> InUse:
        """What is in use; waits for the first build after the start."""
        await self._ready.wait()
        assert self._in_use is not None  # noqa: S101 - _ready says so
        return self._in_use

    async def refresh(self) -> bool:
        """Build anew if the published entries, the model or the allowed error changed. Returns whether one had."""
        async with self._database.glance() as session:
            number, rate = await read_revision(session), (await load_brand(session)).max_wrong_answer_rate
        generation = self._build.generation  # what it grows to while this build runs is for the next one
        if self._built_from == (number, generation, rate):
            return False
        snapshot = await load_snapshot(self._database)
        understanding = await self._build(snapshot.knowledge, max_wrong_answer_rate=rate)
        self._built_from = (snapshot.number, generation, rate)
        self._in_use = InUse(understanding=understanding, snapshot=snapshot)
        self._ready.set()
        log.info("knowledge_in_use", entries=len(snapshot.entries), revision=snapshot.number)
        return True

    async def run(self) -> None:
        """Follow the knowledge base until cancelled; when a build fails the old one serves on and it is tried again."""
        failing = False
        while True:
            self._changed.clear()
            try:
                await self.refresh()
                failing = False
            except Exception:  # an edge: the bot goes on with what it knew
                if not failing:
                    log.exception("knowledge_not_rebuilt")
                failing = True
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_SECONDS):
                    await self._changed.wait()

    def _hear(self, change: Change) -> None:
        if change.kind in ("knowledge", "brand"):
            self._changed.set()
