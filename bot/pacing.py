"""How fast messages may follow: a bucket per account and one per recipient (CHANNELS.md rule 0.7)."""

import asyncio
import time
from collections import OrderedDict
from typing import Final

_BURST_SECONDS: Final = 1.0
_RECIPIENT_BURST: Final = 3.0
_MOST_RECIPIENTS: Final = 10_000


class Bucket:
    """Lets `rate` calls a second through on average, `burst` at once; can be told to pause."""

    def __init__(self, *, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._level = self._burst
        self._at = time.monotonic()
        self._paused_until = 0.0

    def pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def paused_for(self) -> float:
        """Seconds until the pause is over."""
        return max(self._paused_until - time.monotonic(), 0.0)

    def reserve(self) -> float:
        """Take one place; returns how many seconds to wait before using it."""
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        self._level -= 1.0
        return max(-self._level / self._rate if self._level < 0 else 0.0, self._paused_until - now, 0.0)


class Pace:
    """The pace of one account."""

    def __init__(self, *, account_per_second: float, recipient_per_second: float) -> None:
        self._account = Bucket(rate=account_per_second, burst=account_per_second * _BURST_SECONDS)
        self._recipient_rate = recipient_per_second
        self._recipients: OrderedDict[str, Bucket] = OrderedDict()

    def pause(self, seconds: float) -> None:
        """The platform asked the whole account to wait."""
        self._account.pause(seconds)

    async def turn(self, thread: str) -> None:
        """Returns when a message to this recipient may go out."""
        await asyncio.sleep(max(self._account.reserve(), self._recipient(thread).reserve()))
        while (left := self._account.paused_for()) > 0:  # noqa: ASYNC110 - asked to wait while we were waiting
            await asyncio.sleep(left)

    def _recipient(self, thread: str) -> Bucket:
        bucket = self._recipients.pop(thread, None) or Bucket(rate=self._recipient_rate, burst=_RECIPIENT_BURST)
        self._recipients[thread] = bucket
        if len(self._recipients) > _MOST_RECIPIENTS:
            self._recipients.popitem(last=False)
        return bucket
