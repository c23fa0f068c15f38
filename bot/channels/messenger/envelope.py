"""Splits a webhook's body into items, and says of each which thread it belongs to (CHANNELS.md 2.2).

A stored item's body is `{"drawer", "entry": {"id", "time"}, "event"}`: `drawer` is where the event lay in its entry
(`messaging`, `standby` or `changes`; `entry` for an entry without events), `event` the event as it came. A body that is
no page's envelope is stored as `{"drawer": "body", "event"}`, as text where it was not JSON.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from bot.channel import Item
from bot.channels.messenger.fields import identifier, instant, mapping, sequence

MESSAGING: Final = "messaging"
STANDBY: Final = "standby"
CHANGES: Final = "changes"
EMPTY: Final = "entry"
FOREIGN: Final = "body"
DEEPEST: Final = 100
LONGEST_KEY: Final = 200
_FIRST_POSSIBLE: Final = datetime(2009, 1, 1, tzinfo=UTC)
"""Before it there was no Messenger: such times are made up (samples, tests)."""


def split(body: bytes) -> list[Item]:
    """Every event of every entry as an item; never empty, never raises. Repeats within the body are left out."""
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        envelope = None
    if envelope is None or not _shallow(envelope):
        return [_item({"drawer": FOREIGN, "event": body.decode("utf-8", "backslashreplace")})]
    bodies = list(_bodies(envelope)) or [{"drawer": FOREIGN, "event": envelope}]
    return list({item.dedup_key: item for item in map(_item, bodies)}.values())


def _bodies(envelope: Any) -> Iterator[dict[str, Any]]:
    if mapping(envelope).get("object", "page") != "page":
        return
    for entry in sequence(mapping(envelope).get("entry")):
        head = {key: mapping(entry).get(key) for key in ("id", "time")}
        events = [(drawer, event) for drawer in (MESSAGING, STANDBY, CHANGES) for event in _drawer(entry, drawer)]
        for drawer, event in events or [(EMPTY, entry)]:
            yield {"drawer": drawer, "entry": head, "event": event}


def _drawer(entry: Any, drawer: str) -> list[Any]:
    """What lies in a drawer; something that is no list is kept as the one thing in it."""
    found = mapping(entry).get(drawer)
    return found if isinstance(found, list) else [found] if found is not None else []


def _shallow(value: Any) -> bool:
    """Whether it nests no deeper than anything real, so that nobody who walks it later runs out of stack."""
    layer, depth = [value], 0
    while layer and depth <= DEEPEST:
        layer = [
            inner
            for part in layer
            if isinstance(part, dict | list)
            for inner in (part.values() if isinstance(part, dict) else part)
        ]
        depth += 1
    return not layer


def _item(body: dict[str, Any]) -> Item:
    return Item(dedup_key=dedup_key(body), thread=customer_of(body), at=time_of(body), body=body)


def event_of(body: Any) -> dict[str, Any]:
    """The messaging event inside: of a change its `value`, which has the same shape."""
    event = mapping(mapping(body).get("event"))
    return mapping(event.get("value")) if mapping(body).get("drawer") == CHANGES else event


def customer_of(body: Any) -> str | None:
    """The customer's page-scoped id, which is the thread; `user_ref:…` for one without an id yet.

    He is the sender, of our own side's messages the recipient; never the Page itself.
    """
    event = event_of(body)
    sender, recipient = mapping(event.get("sender")), mapping(event.get("recipient"))
    page = identifier(mapping(mapping(body).get("entry")).get("id"))
    first, second = (recipient, sender) if is_echo(event) else (sender, recipient)
    if identifier(first.get("id")) == page and identifier(second.get("id")) not in {None, page}:
        first = second
    if (user := identifier(first.get("id"))) is not None:
        return user
    reference = identifier(first.get("user_ref"))
    return f"user_ref:{reference}" if reference else None


def is_echo(event: dict[str, Any]) -> bool:
    return mapping(event.get("message")).get("is_echo") is True


def time_of(body: Any) -> datetime | None:
    """The event's own time, else its entry's; one before Messenger existed counts only when there is no other."""
    event = event_of(body)
    holders = [event.get("timestamp"), mapping(mapping(body).get("entry")).get("time")]
    found = [at for at in map(instant, holders) if at is not None]
    return next((at for at in found if at > _FIRST_POSSIBLE), found[0] if found else None)


def dedup_key(body: Any) -> str:
    """The mid for messages and postbacks, else a digest of the event and its entry's id (CHANNELS.md 0, rule 2).

    A repeat of the webhook has the same key; a message's echo, its deletion and its copy on standby have their own.
    """
    event, drawer = event_of(body), mapping(body).get("drawer")
    message, postback = mapping(event.get("message")), mapping(event.get("postback"))
    mid = identifier(message.get("mid") or postback.get("mid"))
    if mid is not None and len(mid) <= LONGEST_KEY:
        kind = "deleted" if message.get("is_deleted") is True else "echo" if is_echo(event) else "mid"
        return f"{drawer}:{kind}:{mid}" if drawer != MESSAGING else f"{kind}:{mid}"
    return f"digest:{digest_of(body)}"


def digest_of(body: Any) -> str:
    """SHA-256 over what makes an event itself: its entry's id, its drawer and all of the event."""
    own = [mapping(mapping(body).get("entry")).get("id"), mapping(body).get("drawer"), mapping(body).get("event")]
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()
