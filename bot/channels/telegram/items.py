"""Splits what Telegram delivered into items to keep, without judging the content."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.channel import Item
from bot.channels.telegram.address import Address
from bot.channels.telegram.arrival import Arrival, sign
from bot.channels.telegram.fields import instant, integer, mapping
from core.errors import Unreadable
from core.text import storable

ALLOWED_UPDATES: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
)
"""Always sent: otherwise the last setting sticks, and reactions come only when asked for (CHANNELS.md 1.1)."""


def item_of_body(body: bytes, *, arrival: Arrival) -> Item:
    """One webhook's body; one that is not JSON is kept as text, to become a dead letter."""
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return Item(dedup_key=_digest(body), thread=None, at=None, body=storable(body.decode("utf-8", "replace")))
    return item_of_update(update, arrival=arrival)


def item_of_update(update: Any, *, arrival: Arrival) -> Item:
    """One update; its key is `update_id`, or a digest of the body where that is missing."""
    if not isinstance(update, dict):
        return Item(dedup_key=_digest(_bytes(update)), thread=None, at=None, body=update)
    update_id = integer(update.get("update_id"))
    return Item(
        dedup_key=_digest(_bytes(update)) if update_id is None else f"update:{update_id}",
        thread=_thread(update),
        at=_at(update, arrival=arrival),
        body=sign(update, arrival=arrival),
    )


def _thread(update: Mapping[str, Any]) -> str | None:
    """The queue to wait in: the chat that the update is about, None for what stands alone."""
    source = integer(mapping(update.get("message")).get("migrate_from_chat_id"))
    if source is not None:
        return Address(chat=source).thread
    press = mapping(update.get("callback_query"))
    for event in (press.get("message"), *(update.get(kind) for kind in ALLOWED_UPDATES)):
        try:
            return Address.of_message(mapping(event)).thread
        except Unreadable:
            continue
    presser = integer(mapping(press.get("from")).get("id"))
    return None if presser is None else str(presser)


def _at(update: Mapping[str, Any], *, arrival: Arrival) -> datetime | None:
    """A press has no date of its own (its message's is that of our question), so it gets the time of arrival."""
    for kind in ALLOWED_UPDATES:
        event = mapping(update.get(kind))
        found = instant(event.get("edit_date")) or instant(event.get("date"))
        if found is not None:
            return found
    return arrival.at if "callback_query" in update or "deleted_business_messages" in update else None


def _bytes(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
