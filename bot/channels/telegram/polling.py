"""Long polling of our own: raw updates, kept before they are acknowledged (CHANNELS.md 1.2, 1.4).

Telegram forgets an update when a later call names a greater offset. The offset moves only after `keep` returned, so a
crash at any point means the same updates again, and their keys make that harmless.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import structlog
from aiogram.methods import DeleteWebhook, GetUpdates

from bot.channel import Item, Keep
from bot.channels.telegram.client import BotApi
from bot.channels.telegram.errors import CALL_ERRORS, CallError, Refusal, UnreadableAnswer, send_error
from bot.channels.telegram.fields import integer, mapping
from bot.channels.telegram.items import ALLOWED_UPDATES
from core.errors import AccountStopped

POLL_SECONDS: Final = 30
MOST_UPDATES: Final = 100
ANSWER_MARGIN_SECONDS: Final = 15.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


class Poller:
    """Fetches one bot's updates for ever. `split` makes the item of one raw update; `sleep` waits that many seconds."""

    def __init__(
        self,
        *,
        api: BotApi,
        account: str,
        split: Callable[[Any], Item],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._api = api
        self._split = split
        self._sleep = sleep
        self._jitter = jitter
        self._offset: int | None = None
        self._failures = 0
        self._log = log.bind(channel="telegram", account=account)

    async def run(self, keep: Keep) -> None:
        """Until cancelled. Raises `AccountStopped` when Telegram does not know the token; any other trouble is waited out."""
        while True:
            try:
                await self._fetch_once(keep)
            except CALL_ERRORS as error:
                await self._wait_out(error)
            except Exception as error:  # noqa: BLE001 - an edge: a database in trouble must not end the polling
                if not self._failures:
                    self._log.exception("telegram_updates_not_kept")
                await self._pause(reason="keeping failed", error=type(error).__name__, seconds=None)

    async def _fetch_once(self, keep: Keep) -> None:
        call = GetUpdates(
            offset=self._offset, limit=MOST_UPDATES, timeout=POLL_SECONDS, allowed_updates=list(ALLOWED_UPDATES)
        )
        updates = await self._api.call(call, answer_seconds=POLL_SECONDS + ANSWER_MARGIN_SECONDS)
        if not isinstance(updates, list):
            raise UnreadableAnswer(status=HTTPStatus.OK)
        if updates:
            await keep([self._split(update) for update in updates])
            self._acknowledge(updates)
        self._recovered()

    def _acknowledge(self, updates: list[Any]) -> None:
        numbers = [integer(mapping(update).get("update_id")) for update in updates]
        known = [number for number in numbers if number is not None]
        if not known:  # kept, and impossible to acknowledge: do not ask for the same again at once
            raise UnreadableAnswer(status=HTTPStatus.OK)
        self._offset = max(known) + 1

    async def _wait_out(self, error: CallError) -> None:
        stopped = send_error(error)
        if isinstance(stopped, AccountStopped):
            raise stopped from None
        if isinstance(error, Refusal) and error.status == HTTPStatus.CONFLICT and error.says("webhook"):
            await self._delete_webhook()
        seconds = error.retry_after if isinstance(error, Refusal) else None
        await self._pause(reason=str(stopped), error=type(error).__name__, seconds=seconds)

    async def _delete_webhook(self) -> None:
        """The account is set to polling, and Telegram does one or the other. What waits there stays."""
        self._log.warning("telegram_webhook_removed_for_polling")
        try:
            await self._api.call(DeleteWebhook(drop_pending_updates=False))
        except CALL_ERRORS as error:
            self._log.warning("telegram_webhook_not_removed", error=str(send_error(error)))

    async def _pause(self, *, reason: str, error: str, seconds: float | None) -> None:
        if not self._failures:  # an outage is told when it starts and when it ends
            self._log.warning("telegram_polling_interrupted", reason=reason, error=error)
        longest = min(FIRST_PAUSE_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 16)
        await self._sleep(self._jitter(longest / 2, longest) if seconds is None else seconds + self._jitter(0.0, 1.0))

    def _recovered(self) -> None:
        if self._failures:
            self._log.info("telegram_polling_resumed", failures=self._failures)
        self._failures = 0
