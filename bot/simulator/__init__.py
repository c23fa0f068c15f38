"""Stand-ins for the platforms (a fake Telegram Bot API, a fake Graph API) and a page where anybody plays a customer."""

from bot.simulator.demo import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PAGE_ID,
    DEMO_PAGE_TOKEN,
    DEMO_TELEGRAM_TOKEN,
    DEMO_VERIFY_TOKEN,
    PAGE_INBOX_APP_ID,
)

__all__ = [
    "DEMO_APP_ID",
    "DEMO_APP_SECRET",
    "DEMO_PAGE_ID",
    "DEMO_PAGE_TOKEN",
    "DEMO_TELEGRAM_TOKEN",
    "DEMO_VERIFY_TOKEN",
    "PAGE_INBOX_APP_ID",
]
