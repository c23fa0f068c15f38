"""Who wrote, and whether a group's message is meant for the bot."""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.channels.telegram.address import Address
from bot.channels.telegram.arrival import Arrival
from bot.channels.telegram.content import text_of
from bot.channels.telegram.fields import integer, mapping, sequence, short_text, text
from core.inbound import Sender

_HANDLE: Final = re.compile(r"@([A-Za-z0-9_]{3,64})\b")


def sender_of(user: Mapping[str, Any], *, otherwise: Mapping[str, Any]) -> Sender:
    """The writer. `otherwise` is the private chat, which names the same person when `from` is missing."""
    found = user if integer(user.get("id")) is not None else otherwise
    name = f"{text(found.get('first_name'))} {text(found.get('last_name'))}".strip() or text(found.get("title"))
    return Sender(
        id=str(integer(found.get("id")) or 0),
        name=short_text(name) or "",
        handle=short_text(found.get("username")),
        language=_language(found),
    )


def _language(user: Mapping[str, Any]) -> str | None:
    tag = text(user.get("language_code"))
    return tag[:16] or None


def is_private(message: Mapping[str, Any], address: Address) -> bool:
    """By the chat's type; by the sign of its id where the type is missing."""
    kind = mapping(message.get("chat")).get("type")
    return kind == "private" if isinstance(kind, str) else address.private


def is_for_the_bot(message: Mapping[str, Any], arrival: Arrival) -> bool:
    """In a group: an answer to one of the bot's messages, or a text that names it (`@shop_bot`, `/help@shop_bot`)."""
    replied_to = mapping(mapping(message.get("reply_to_message")).get("from"))
    if arrival.bot_id and integer(replied_to.get("id")) == arrival.bot_id:
        return True
    entities = (*sequence(message.get("entities")), *sequence(message.get("caption_entities")))
    mentioned = {integer(mapping(mapping(entity).get("user")).get("id")) for entity in entities}
    if arrival.bot_id and arrival.bot_id in mentioned:
        return True
    handles = {handle.lower() for handle in _HANDLE.findall(text_of(message))}
    return bool(arrival.bot_username) and arrival.bot_username.lower() in handles
