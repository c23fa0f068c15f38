"""The live check: do the credentials work, and does Telegram reach us? (CHANNELS.md 1.3)"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aiogram.methods import GetMe, GetWebhookInfo

from bot.channel import Finding, FindingLevel
from bot.channels.telegram.client import BotApi
from bot.channels.telegram.errors import CALL_ERRORS, send_error
from bot.channels.telegram.fields import instant, integer, mapping, text
from bot.channels.telegram.settings import Mode

MANY_WAITING: Final = 100
RECENT: Final = timedelta(hours=1)
_PORTS: Final = (None, 80, 88, 443, 8443)


async def check_account(*, api: BotApi, mode: Mode, webhook_url: str | None, now: datetime) -> Sequence[Finding]:
    """Plain sentences, best effort: the first refusal ends the check. Never raises for Telegram's answers."""
    try:
        bot = mapping(await api.call(GetMe()))
        webhook = mapping(await api.call(GetWebhookInfo()))
    except CALL_ERRORS as error:
        return (Finding(level=FindingLevel.BAD, sentence=str(send_error(error))),)
    name = text(bot.get("username")) or text(bot.get("first_name")) or "the bot"
    known = Finding(level=FindingLevel.GOOD, sentence=f"Telegram knows the bot as @{name}.")
    where = _polling(webhook) if mode is Mode.POLLING else _webhook(webhook, wanted=webhook_url)
    return (known, where, *_backlog(webhook, now=now))


def _polling(webhook: Mapping[str, Any]) -> Finding:
    if text(webhook.get("url")):
        sentence = "A webhook is set although this account polls; it is removed when polling starts."
        return Finding(level=FindingLevel.WARNING, sentence=sentence)
    return Finding(level=FindingLevel.GOOD, sentence="Updates are fetched by polling.")


def _webhook(webhook: Mapping[str, Any], *, wanted: str | None) -> Finding:
    if wanted is None:
        sentence = "Webhook mode needs REPLYDESK_PUBLIC_URL; set it, or choose polling."
        return Finding(level=FindingLevel.BAD, sentence=sentence)
    address = urlsplit(wanted)
    if address.scheme != "https" or address.port not in _PORTS:
        sentence = "Telegram delivers only to https addresses on the ports 443, 80, 88 and 8443."
        return Finding(level=FindingLevel.BAD, sentence=sentence)
    if text(webhook.get("url")) != wanted:
        sentence = "Telegram does not deliver to this server yet; the webhook is set when it starts."
        return Finding(level=FindingLevel.BAD, sentence=sentence)
    return Finding(level=FindingLevel.GOOD, sentence=f"Telegram delivers to {wanted}.")


def _backlog(webhook: Mapping[str, Any], *, now: datetime) -> Sequence[Finding]:
    """Updates that wait, and the last failed delivery: the health signal of webhooks."""
    found = []
    waiting = integer(webhook.get("pending_update_count")) or 0
    if waiting >= MANY_WAITING:
        found.append(Finding(level=FindingLevel.WARNING, sentence=f"{waiting} updates wait at Telegram."))
    failed_at = instant(webhook.get("last_error_date"))
    if failed_at is not None and now - failed_at < RECENT:
        reason = text(webhook.get("last_error_message"))[:200] or "no reason given"
        sentence = f"A delivery failed at {failed_at:%H:%M} UTC: {reason}."
        found.append(Finding(level=FindingLevel.WARNING, sentence=sentence))
    return found
