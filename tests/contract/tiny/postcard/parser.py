"""One stored postcard in, what it means out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.errors import Unreadable
from core.inbound import CustomerWrote, Ignored, Inbound, Reachability, Sender
from core.text import storable


def parse(body: Any) -> Sequence[Inbound]:
    """Raises `Unreadable` for anything that is not a card with a number, a writer and a date."""
    if not isinstance(body, dict):
        raise Unreadable("This is not a postcard.")
    if "advertisement" in body:
        return [Ignored(kind="advertisement")]
    writer, at = thread_of(body), instant_of(body)
    if writer is None or at is None or not isinstance(body.get("number"), int):
        raise Unreadable("This postcard has no writer, number or date.")
    sender = Sender(id=writer, name=_text(body.get("name")))
    if body.get("moved_away") is True:
        return [Reachability(thread=writer, sender=sender, reachable=False, at=at)]
    words = _text(body.get("words"))
    unreadable = None if words else "empty_card"
    number = str(body["number"])
    return [
        CustomerWrote(thread=writer, sender=sender, external_id=number, at=at, text=words, unreadable_kind=unreadable)
    ]


def thread_of(body: Any) -> str | None:
    writer = storable(_text(body.get("from")))[:64] if isinstance(body, dict) else ""
    return writer or None


def instant_of(body: Any) -> datetime | None:
    """The date on the card, in UTC; written as whole seconds since 1970."""
    seconds = body.get("at") if isinstance(body, dict) else None
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _text(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""
