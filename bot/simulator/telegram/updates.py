"""The bot's queue of updates: they expire, and leave only when acknowledged (CHANNELS.md 1.1, 1.2)."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.simulator.pace import Pace

UPDATE_LIFE = timedelta(hours=24)
CALLBACK_LIFE = timedelta(seconds=150)
#: Kinds that are sent only when asked for; every other kind belongs to the default set.
ASKED_FOR_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedUpdate:
    """`lane` is the head-of-line queue it waits in (CHANNELS.md 1.3)."""

    update_id: int
    kind: str
    body: dict[str, Any]
    lane: str
    expires_at: datetime


class UpdateQueue:
    """Updates in order of id. Kinds that are not allowed are dropped when created, not held."""

    def __init__(self, *, pace: Pace, first_id: int = 800_000_001) -> None:
        self._pace = pace
        self._next_id = first_id
        self._waiting: dict[int, QueuedUpdate] = {}
        self._lanes: dict[str, dict[int, QueuedUpdate]] = {}
        self._allowed: frozenset[str] | None = None
        self.arrived = asyncio.Event()
        self.on_arrival: Callable[[str], None] = lambda _lane: None
        self.on_acknowledged: Callable[[QueuedUpdate], None] = lambda _update: None

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Set the kinds wanted. None keeps the last setting; an empty list is the default set."""
        if kinds is not None:
            self._allowed = frozenset(kinds) or None

    @property
    def allowed(self) -> list[str]:
        return sorted(self._allowed or ())

    def wants(self, kind: str) -> bool:
        return kind not in ASKED_FOR_ONLY if self._allowed is None else kind in self._allowed

    def put(
        self, kind: str, content: Any, *, lane: str, born_at: datetime | None = None, update_id: int | None = None
    ) -> int | None:
        """Queue one update and return its id, or None when its kind is not wanted."""
        if not self.wants(kind):
            return None
        number = self._next_id if update_id is None else update_id
        self._next_id = max(self._next_id, number + 1)
        life = CALLBACK_LIFE if kind == "callback_query" else UPDATE_LIFE
        update = QueuedUpdate(
            update_id=number,
            kind=kind,
            body={"update_id": number, kind: content},
            lane=lane,
            expires_at=(born_at or self._pace.now()) + life,
        )
        self._waiting[number] = update
        self._lanes.setdefault(lane, {})[number] = update
        self.arrived.set()
        self.on_arrival(lane)
        return number

    def first(self, limit: int, *, offset: int = 0) -> list[QueuedUpdate]:
        """Up to `limit` living updates from id `offset` on, oldest first."""
        found: list[QueuedUpdate] = []
        expired: list[QueuedUpdate] = []
        now = self._pace.now()
        for update in self._waiting.values():
            if update.expires_at <= now:
                expired.append(update)
            elif update.update_id >= offset:
                found.append(update)
                if len(found) == limit:
                    break
        for update in expired:
            self._drop(update)
        return found

    def head(self, lane: str) -> QueuedUpdate | None:
        """The update that the lane waits for; expired ones before it are dropped."""
        for update in list(self._lanes.get(lane, {}).values()):
            if update.expires_at > self._pace.now():
                return update
            self._drop(update)
        return None

    @property
    def lanes(self) -> list[str]:
        return list(self._lanes)

    def __len__(self) -> int:
        return len(self._waiting)

    def acknowledge(self, update: QueuedUpdate) -> None:
        if update.update_id in self._waiting:
            self._drop(update)
            self.on_acknowledged(update)

    def acknowledge_before(self, offset: int) -> None:
        """An offset acknowledges every update below it."""
        for update in [update for update in self._waiting.values() if update.update_id < offset]:
            self.acknowledge(update)

    def keep_last(self, count: int) -> None:
        """A negative offset forgets everything older."""
        for update in list(self._waiting.values())[:-count]:
            self._drop(update)

    def clear(self) -> None:
        self._waiting.clear()
        self._lanes.clear()

    def _drop(self, update: QueuedUpdate) -> None:
        self._waiting.pop(update.update_id, None)
        lane = self._lanes.get(update.lane)
        if lane is not None:
            lane.pop(update.update_id, None)
            if not lane:
                del self._lanes[update.lane]
