"""Everything that happened between the product and the fakes, so that a test can hold promises against it."""

import json
from collections import Counter, deque
from pathlib import Path
from typing import Any, TextIO

from bot.simulator.pace import Pace

KEPT_IN_MEMORY = 200_000


class Record:
    """An append-only log: `call` (the product called), `webhook` (an attempt on the product), `customer`, `notice`.

    Every entry has `number`, `at` (ISO 8601, UTC), `platform` and `kind`; the other fields depend on the kind.
    With a `path` each entry is also one JSON line there, flushed at once, so that it outlives a killed process.
    Tokens are never written.
    """

    def __init__(self, *, pace: Pace, path: Path | None = None) -> None:
        self._pace = pace
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT_IN_MEMORY)
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None
        self._number = 0
        self.counters: Counter[str] = Counter()

    def add(self, *, platform: str, kind: str, name: str, **fields: Any) -> None:
        self._number += 1
        self.counters[f"{platform}.{kind}.{name}"] += 1
        entry = {
            "number": self._number,
            "at": self._pace.now().isoformat(),
            "platform": platform,
            "kind": kind,
            "name": name,
            **fields,
        }
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
            self._file.flush()

    def entries(
        self, *, platform: str | None = None, kind: str | None = None, name: str | None = None, after: int = 0
    ) -> list[dict[str, Any]]:
        """The entries that match, oldest first; `after` leaves out those up to that number."""
        wanted = {key: value for key, value in {"platform": platform, "kind": kind, "name": name}.items() if value}
        return [
            entry
            for entry in self._entries
            if entry["number"] > after and all(entry[key] == value for key, value in wanted.items())
        ]

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
