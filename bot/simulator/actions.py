"""What a customer can do by name, for the control API: the same words as the methods of the customers."""

from __future__ import annotations

import base64
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.simulator.graph.customer import MessengerCustomer
    from bot.simulator.telegram.customer import TelegramCustomer

ACTIONS = frozenset(
    {
        "write",
        "start",
        "refer",
        "edit",
        "photo",
        "album",
        "voice",
        "document",
        "video",
        "sticker",
        "location",
        "contact",
        "share_link",
        "press",
        "react",
        "block",
        "unblock",
        "read",
        "receive",
    }
)


def perform(customer: TelegramCustomer | MessengerCustomer, action: str, arguments: dict[str, Any]) -> Any:
    """Let the customer act; `data` of files is base64. Raises LookupError for an unknown action, TypeError for wrong
    arguments.
    """
    method = getattr(customer, action, None) if action in ACTIONS else None
    if method is None:
        raise LookupError(f"A {customer.channel} customer cannot {action!r}.")
    if "data" in arguments:
        arguments = {**arguments, "data": base64.b64decode(arguments["data"])}
    inspect.signature(method).bind(**arguments)
    return method(**arguments)
