"""The table of Bot API methods, and those that send no message."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.simulator.media import LOOPBACK
from bot.simulator.telegram.errors import BotError, named_error, too_many_requests
from bot.simulator.telegram.files import file_fields, store_key
from bot.simulator.telegram.parameters import Parameters
from bot.simulator.telegram.sending import SendingMethods
from bot.simulator.telegram.webhook import WebhookSettings

if TYPE_CHECKING:
    from bot.simulator.telegram.platform import FakeTelegram

QUERY_LIFE = timedelta(seconds=150)
LARGEST_DOWNLOAD = 20 * 1024 * 1024
SECRET_PATTERN = re.compile(r"[A-Za-z0-9_-]{0,256}")
WEBHOOK_PORTS = (None, 80, 88, 443, 8443)
TYPING_SECONDS = 5.0


class BotMethods:
    """Runs a method by its name; a method is a coroutine from Parameters to the `result`."""

    def __init__(self, platform: FakeTelegram) -> None:
        self._platform = platform
        self.queries: dict[str, tuple[str, datetime]] = {}
        self._set_at: float | None = None
        self._kept: dict[str, Any] = {}
        sending = SendingMethods(platform)
        self._table: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "answercallbackquery": self._answer_callback_query,
            "sendchataction": self._send_chat_action,
            "getchat": self._get_chat,
            "getfile": self._get_file,
            "getuserprofilephotos": self._no_photos,
            "setmessagereaction": self._set_message_reaction,
            "setmycommands": self._keep_commands,
            "getmycommands": self._get_commands,
            "deletemycommands": self._yes,
            "setmydescription": self._yes,
            "setmyshortdescription": self._yes,
            "logout": self._yes,
            "close": self._yes,
            **sending.table,
        }

    async def run(self, method: str, parameters: Parameters) -> Any:
        """The result. Raises BotError, 404 for a method that the fake does not know. Names ignore case."""
        found = self._table.get(method.lower())
        if found is None:
            raise named_error("not_found")
        return await found(parameters)

    async def _yes(self, _parameters: Parameters) -> bool:
        return True

    async def _get_me(self, _parameters: Parameters) -> dict[str, Any]:
        rights = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return {**self._platform.bot, **rights}

    async def _get_updates(self, parameters: Parameters) -> list[dict[str, Any]]:
        if self._platform.webhook.settings is not None:
            words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise BotError(409, words)
        return await self._platform.polling.get_updates(parameters)

    async def _set_webhook(self, parameters: Parameters) -> bool:
        url = parameters.text("url")
        if not url:
            return await self._delete_webhook(parameters)
        self._check_webhook(url, parameters.text("secret_token"))
        now = self._platform.pace.elapsed()
        if self._set_at is not None and now - self._set_at < 1.0:
            raise too_many_requests(1)
        self._set_at = now
        self._platform.updates.allow(parameters.structure("allowed_updates"))
        if parameters.flag("drop_pending_updates"):
            self._platform.updates.clear()
        self._platform.polling.end_running(BotError(409, "terminated by setWebhook request"))
        connections = min(max(parameters.integer("max_connections", 40), 1), 100)
        self._platform.webhook.set(
            WebhookSettings(url=url, secret_token=parameters.text("secret_token"), max_connections=connections)
        )
        return True

    @staticmethod
    def _check_webhook(url: str, secret: str) -> None:
        """HTTPS on four ports (CHANNELS.md 1.3); plain http only on this machine, as a local Bot API server allows."""
        address = urlsplit(url)
        local = address.hostname in LOOPBACK
        if address.scheme != "https" and not (address.scheme == "http" and local):
            raise BotError(400, "bad webhook: An HTTPS URL must be provided for webhook")
        if not local and address.port not in WEBHOOK_PORTS:
            raise BotError(400, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if SECRET_PATTERN.fullmatch(secret) is None:
            raise BotError(400, "secret token contains illegal characters")

    async def _delete_webhook(self, parameters: Parameters) -> bool:
        if parameters.flag("drop_pending_updates"):
            self._platform.updates.clear()
        self._platform.webhook.set(None)
        return True

    async def _get_webhook_info(self, _parameters: Parameters) -> dict[str, Any]:
        webhook = self._platform.webhook
        info: dict[str, Any] = {
            "url": webhook.settings.url if webhook.settings else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._platform.updates),
        }
        if webhook.settings is not None:
            info["max_connections"] = webhook.settings.max_connections
        if webhook.last_error_date:
            info["last_error_date"] = webhook.last_error_date
            info["last_error_message"] = webhook.last_error_message
        if self._platform.updates.allowed:
            info["allowed_updates"] = self._platform.updates.allowed
        return info

    async def _answer_callback_query(self, parameters: Parameters) -> bool:
        customer_id, asked_at = self.queries.pop(parameters.text("callback_query_id"), ("", None))
        if asked_at is None or self._platform.pace.now() - asked_at > QUERY_LIFE:
            raise named_error("query_too_old")
        if customer_id in self._platform.customers and parameters.text("text"):
            self._platform.customers[customer_id].screen.show_toast(parameters.text("text"))
        return True

    async def _send_chat_action(self, parameters: Parameters) -> bool:
        self._platform.chat_for(parameters.text("chat_id")).screen.show_typing(TYPING_SECONDS)
        return True

    async def _get_chat(self, parameters: Parameters) -> dict[str, Any]:
        customer = self._platform.customers.get(parameters.text("chat_id"))
        if customer is None:
            raise named_error("chat_not_found")
        return {**customer.as_chat(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _NO_GIFTS}

    async def _get_file(self, parameters: Parameters) -> dict[str, Any]:
        stored = self._platform.media.find(store_key(parameters.text("file_id")))
        if stored is None:
            raise BotError(400, "invalid file_id")
        if len(stored.data) > LARGEST_DOWNLOAD:
            raise named_error("file_too_big")
        fields = {key: value for key, value in file_fields(stored).items() if key != "mime_type"}
        return {**fields, "file_path": f"files/{stored.id}/{stored.name}"}

    async def _no_photos(self, _parameters: Parameters) -> dict[str, Any]:
        return {"total_count": 0, "photos": []}

    async def _set_message_reaction(self, parameters: Parameters) -> bool:
        customer = self._platform.chat_for(parameters.text("chat_id"))
        message = customer.screen.messages.get(parameters.text("message_id"))
        if message is None:
            raise BotError(400, "message to react not found")
        reactions = parameters.structure("reaction") or []
        message.reactions.pop("brand", None)
        if reactions:
            message.reactions["brand"] = str(reactions[0].get("emoji", ""))
        customer.screen.publish(message)
        return True

    async def _keep_commands(self, parameters: Parameters) -> bool:
        self._kept["commands"] = parameters.structure("commands") or []
        return True

    async def _get_commands(self, _parameters: Parameters) -> Any:
        return self._kept.get("commands", [])


_NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}
