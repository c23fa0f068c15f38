"""The webhook items of Messenger (data/payloads/messenger), as pure functions, and the fields that carry them."""

import secrets
from dataclasses import dataclass
from typing import Any

#: Key of an item → the subscription field that brings it.
FIELDS = {
    "postback": "messaging_postbacks",
    "delivery": "message_deliveries",
    "read": "message_reads",
    "reaction": "message_reactions",
    "message_edit": "message_edits",
    "referral": "messaging_referrals",
    "optin": "messaging_optins",
    "pass_thread_control": "messaging_handovers",
    "take_thread_control": "messaging_handovers",
    "request_thread_control": "messaging_handovers",
    "policy_enforcement": "messaging_policy_enforcement",
    "response_feedback": "response_feedback",
    "account_linking": "messaging_account_linking",
    "message": "messages",
}
ALL_FIELDS = frozenset({*FIELDS.values(), "message_echoes", "standby"})
THUMBS_UP = 369239263222822


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One item for a page's webhook; `drawer` is `messaging` or `standby`."""

    item: dict[str, Any]
    drawer: str = "messaging"

    @property
    def kind(self) -> str:
        if (self.item.get("message") or {}).get("is_echo"):
            return "echo"
        return next((key for key in FIELDS if key in self.item), "other")

    @property
    def field(self) -> str:
        """The subscription field without which the item is not sent."""
        if self.drawer == "standby":
            return "standby"
        return "message_echoes" if self.kind == "echo" else FIELDS.get(self.kind, "messages")

    @property
    def customer(self) -> str:
        """The person's id, whichever side of the item it stands on."""
        side = "recipient" if self.kind == "echo" else "sender"
        return str((self.item.get(side) or {}).get("id", ""))


def from_customer(psid: str, page_id: str, at: int, **content: Any) -> dict[str, Any]:
    return {"sender": {"id": psid}, "recipient": {"id": page_id}, "timestamp": at, **content}


def echo(psid: str, page_id: str, at: int, message: dict[str, Any], *, app_id: str) -> dict[str, Any]:
    """The page's own message coming back: sender is the Page (CHANNELS.md 2.3)."""
    body = {**message, "is_echo": True, "app_id": int(app_id)}
    return {"sender": {"id": page_id}, "recipient": {"id": psid}, "timestamp": at, "message": body}


def envelope(page_id: str, events: list[Event], at: int, *, shape: str = "entries") -> dict[str, Any]:
    """One webhook body: an entry for each event (`entries`), or all items in one entry (`items`)."""
    if shape == "items":
        entry: dict[str, Any] = {"time": at, "id": page_id}
        for event in events:
            entry.setdefault(event.drawer, []).append(event.item)
        return {"object": "page", "entry": [entry]}
    entries = [{"time": at, "id": page_id, event.drawer: [event.item]} for event in events]
    return {"object": "page", "entry": entries}


def without_payload(item: dict[str, Any]) -> dict[str, Any]:
    """A postback on standby lacks its payload (CHANNELS.md 2.2)."""
    if "postback" not in item:
        return item
    return {**item, "postback": {key: value for key, value in item["postback"].items() if key != "payload"}}


def new_mid() -> str:
    """A message id of the length seen (CHANNELS.md 2.8: 88)."""
    return "m_" + secrets.token_urlsafe(64)
