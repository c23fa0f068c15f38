"""Who looks at a conversation and who types in it right now: kept in memory for seconds, lost without harm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.clock import Clock
from core.database import Change, Database
from core.roles import Actor

LOOKING: Final = timedelta(seconds=45)
TYPING: Final = timedelta(seconds=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    id: int
    name: str
    typing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    name: str
    seen_at: datetime
    typed_at: datetime | None


class Presence:
    """Signs of life of this process's browsers; a change is told to all live clients as `presence`."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._signs: dict[int, dict[int, _Sign]] = {}

    def sign(self, conversation_id: int, actor: Actor, *, typing: bool, leaving: bool = False) -> list[Present]:
        """`actor` looks at the conversation, types, or leaves it. Returns who else is there."""
        now = self._clock()
        before = self._present(conversation_id, now)
        signs = self._signs.setdefault(conversation_id, {})
        if leaving:
            signs.pop(actor.id, None)
        else:
            signs[actor.id] = _Sign(name=actor.name or actor.email, seen_at=now, typed_at=now if typing else None)
        after = self._present(conversation_id, now)
        if before != after:
            change = Change(kind="presence", id=conversation_id)
            for listener in self._database.listeners:
                listener(change)
        return [one for one in after if one.id != actor.id]

    def others(self, conversation_id: int, actor: Actor) -> list[Present]:
        return [one for one in self._present(conversation_id, self._clock()) if one.id != actor.id]

    def _present(self, conversation_id: int, now: datetime) -> list[Present]:
        signs = self._signs.get(conversation_id, {})
        for user_id in [one for one, sign in signs.items() if sign.seen_at + LOOKING < now]:
            del signs[user_id]
        if not signs:
            self._signs.pop(conversation_id, None)
        return [
            Present(id=user_id, name=sign.name, typing=sign.typed_at is not None and sign.typed_at + TYPING >= now)
            for user_id, sign in sorted(signs.items())
        ]
