"""The brand's preferences as turns need them: read once, and again when they change."""

import time
from typing import Final

from core.database import Change, Database
from core.preferences import Brand, load_brand
from handoff.desk_rules import DeskRules, load_rules

_OTHERS_CHANGES_SECONDS: Final = 5.0
"""A change made by this process is heard at once, one made by another (a command, a second server) after so long."""


class BrandInUse:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._brand: Brand | None = None
        self.rules = DeskRules()
        """As they were when the brand was last read."""
        self._read_at = 0.0
        database.listeners.append(self._hear)

    async def current(self) -> Brand:
        brand = self._brand
        if brand is None or time.monotonic() - self._read_at > _OTHERS_CHANGES_SECONDS:
            self._read_at = time.monotonic()  # before the read: what changes meanwhile is read again
            async with self._database.read() as session:
                brand = await load_brand(session)
                self.rules = await load_rules(session)
            self._brand = brand
        return brand

    def _hear(self, change: Change) -> None:
        if change.kind == "brand":
            self._read_at = -_OTHERS_CHANGES_SECONDS - 1.0
