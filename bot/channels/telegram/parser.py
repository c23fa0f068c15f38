"""One stored update in, what it means out. Pure, and tolerant: only the chat's and the message's ids are required.

A table of every kind and its fate stands in README.md beside this file.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.channels.telegram.arrival import KEY, Arrival
from bot.channels.telegram.events import (
    parse_business_connection,
    parse_deletion,
    parse_membership,
    parse_press,
    parse_reaction,
)
from bot.channels.telegram.writings import parse_business_edit, parse_business_message, parse_edit, parse_message
from core.errors import Unreadable
from core.inbound import Ignored, Inbound

_Parser = Callable[[Mapping[str, Any], Arrival], Sequence[Inbound]]
_PARSERS: Final[Mapping[str, _Parser]] = {
    "message": parse_message,
    "edited_message": parse_edit,
    "business_message": parse_business_message,
    "edited_business_message": parse_business_edit,
    "deleted_business_messages": parse_deletion,
    "business_connection": parse_business_connection,
    "callback_query": parse_press,
    "my_chat_member": parse_membership,
    "message_reaction": parse_reaction,
}
_KIND_NAME: Final = re.compile(r"[a-z_]{1,64}")


def parse(body: Any) -> Sequence[Inbound]:
    """What the update means; raises `Unreadable` for a body that is no update or whose chat has no id.

    Kinds that a support bot has no use for (channel posts, polls, boosts, whatever Telegram invents next) are
    `Ignored` under their own name.
    """
    if not isinstance(body, dict):
        raise Unreadable("The body is not a Telegram update.")
    arrival = Arrival.of_update(body)
    for kind, parser in _PARSERS.items():
        if kind in body:
            if not isinstance(body[kind], dict):
                raise Unreadable(f"The update's {kind} is empty.")
            return parser(body[kind], arrival)
    kinds = [name for name in body if name not in ("update_id", KEY)]
    if not kinds:
        raise Unreadable("The update says nothing.")
    return (Ignored(kind=kinds[0] if _KIND_NAME.fullmatch(kinds[0]) else "unknown_update"),)
