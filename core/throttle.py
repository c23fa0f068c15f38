"""Counts tries, so that nobody guesses passwords by the thousand."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from core.clock import Clock
from core.errors import TooManyTries

_MOST_KEYS: Final = 10_000


class Throttle:
    """At most `tries` per `period` and key, in this process; the least recently seen keys are forgotten first."""

    def __init__(self, *, clock: Clock, tries: int, period: timedelta = timedelta(minutes=1)) -> None:
        self._clock = clock
        self._tries = tries
        self._period = period
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def count(self, key: str) -> None:
        """One more try. Raises `TooManyTries` where the period holds enough of them already."""
        now = self._clock()
        seen = self._seen.setdefault(key, deque(maxlen=self._tries))
        self._seen.move_to_end(key)
        while len(self._seen) > _MOST_KEYS:
            self._seen.popitem(last=False)
        if len(seen) == self._tries and now < seen[0] + self._period:
            wait = seen[0] + self._period - now
            raise TooManyTries("Too many tries. Wait a minute and try again.", after_seconds=ceil(wait.total_seconds()))
        seen.append(now)

    def forget(self, key: str) -> None:
        """After success: the tries before it no longer count."""
        self._seen.pop(key, None)
