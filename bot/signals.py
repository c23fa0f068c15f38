"""Small signs to the customer (seen, typing, press received): best effort, never in the way of a message."""

import asyncio
from typing import Final

import structlog

from bot.accounts import Accounts
from bot.channel import Signal, Signalling

log = structlog.get_logger(__name__)

_MOST_AT_ONCE: Final = 64
_SECONDS: Final = 5.0


class Signals:
    """Sends signs in the background; under load they are dropped first."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, account_id: int, signal: Signal) -> None:
        """Returns at once."""
        account = self._accounts.by_id(account_id)
        if account is None or not isinstance(account.channel, Signalling) or len(self._under_way) >= _MOST_AT_ONCE:
            return
        task = asyncio.create_task(_send(account.channel, signal), name=f"signal {signal.kind}")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)


async def _send(channel: Signalling, signal: Signal) -> None:
    try:
        async with asyncio.timeout(_SECONDS):
            await channel.signal(signal)
    except Exception as error:  # noqa: BLE001 - an edge: losing a sign loses nothing
        log.debug("signal_lost", kind=signal.kind, error=type(error).__name__)
