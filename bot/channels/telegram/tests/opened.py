"""Opens the channel on a fake platform, as the composition root would."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx

from bot.channel import Opening
from bot.channels.telegram.adapter import TelegramChannel, open_telegram
from bot.channels.telegram.tests.contract import credentials
from core.clock import utc_now
from tests.contract.case import DERIVED_SECRET, WEBHOOK_URL


@asynccontextmanager
async def opened(
    base_url: str,
    *,
    clock: Callable[[], datetime] = utc_now,
    webhook_url: str | None = WEBHOOK_URL,
    **given: Any,
) -> AsyncIterator[TelegramChannel]:
    """The channel of one bot at that Bot API; `given` are credentials that differ from the contract's."""
    async with httpx.AsyncClient(verify=False) as http:
        opening = Opening(
            account="main",
            credentials=credentials(base_url, **given),
            http=http,
            clock=clock,
            webhook_url=webhook_url,
            derived_secret=DERIVED_SECRET,
        )
        async with open_telegram(opening) as channel:
            yield channel
