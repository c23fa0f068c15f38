"""The Telegram channel: Bot API 10.3 through aiogram, by long polling or webhook (CHANNELS.md section 1)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.channel import Channel, ChannelKind, DoubtPolicy, Opening
from bot.channels.telegram.limits import LIMITS
from bot.channels.telegram.loading import load_adapter
from bot.channels.telegram.parser import parse
from bot.channels.telegram.settings import ENVIRONMENT_PREFIX, TelegramCredentials


@asynccontextmanager
async def _open(opening: Opening) -> AsyncIterator[Channel]:
    # aiogram costs a second and 45 MB: it is loaded with the first account, beside the running event loop.
    adapter = await asyncio.to_thread(load_adapter)
    async with adapter.open_telegram(opening) as channel:
        yield channel


CHANNEL: Final = ChannelKind(
    name="telegram",
    title="Telegram",
    credentials=TelegramCredentials,
    environment_prefix=ENVIRONMENT_PREFIX,
    limits=LIMITS,
    doubt=DoubtPolicy.HAND_OVER,
    parse=parse,
    open=_open,
)
