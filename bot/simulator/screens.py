"""What a customer sees on the phone: messages both ways, buttons, pictures, edits, ticks, the typing sign."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.simulator.live import Hub
from bot.simulator.pace import Pace

CUSTOMER = "customer"
BRAND = "brand"
#: States only move forward.
TICKS = {"sent": 0, "delivered": 1, "read": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """`kind`: `callback` and `postback` come back to the product, `quick_reply` too (as text), `url` opens a page."""

    text: str
    kind: str
    value: str

    def as_json(self) -> dict[str, str]:
        return {"text": self.text, "kind": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Anything that is not text. `kind`: image, voice, audio, video, file, sticker, location, contact, link.

    `url` is a path on the simulator, or the foreign address for a `link`.
    """

    kind: str
    url: str = ""
    name: str = ""
    mime: str = ""
    size: int = 0
    latitude: float | None = None
    longitude: float | None = None

    def as_json(self) -> dict[str, Any]:
        place = None if self.latitude is None else {"latitude": self.latitude, "longitude": self.longitude}
        return {
            "kind": self.kind,
            "url": self.url,
            "name": self.name,
            "mime": self.mime,
            "size": self.size,
            "place": place,
        }


@dataclass(slots=True, kw_only=True)
class ShownMessage:
    """One bubble. `author` is `customer` or `brand`; `sender` the name shown (a persona, an agent), if any."""

    id: str
    author: str
    at: datetime
    text: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    buttons: list[list[Button]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    state: str = "sent"
    edited_at: datetime | None = None
    reply_to: str | None = None
    sender: str = ""
    reactions: dict[str, str] = field(default_factory=dict)
    metadata: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "author": self.author,
            "at": self.at.isoformat(),
            "text": self.text,
            "entities": self.entities,
            "buttons": [[button.as_json() for button in row] for row in self.buttons],
            "pictures": [picture.as_json() for picture in self.pictures],
            "state": self.state,
            "edited_at": self.edited_at.isoformat() if self.edited_at else None,
            "reply_to": self.reply_to,
            "sender": self.sender,
            "reactions": self.reactions,
            "metadata": self.metadata,
        }


class Screen:
    """One customer's chat with the brand; every change is published at once."""

    def __init__(self, *, customer: str, pace: Pace, hub: Hub) -> None:
        self.customer = customer
        self.messages: dict[str, ShownMessage] = {}
        self.toast = ""
        self._typing_until: datetime | None = None
        self._pace = pace
        self._hub = hub

    @property
    def typing(self) -> bool:
        return self._typing_until is not None and self._typing_until > self._pace.now()

    def show(self, message: ShownMessage) -> None:
        self.messages[message.id] = message
        if message.author == BRAND:
            self._typing_until = None
        self.publish(message)

    def publish(self, message: ShownMessage) -> None:
        """Tell the page that a message is new or changed."""
        if self._hub.watched:
            self._hub.publish("message", {"customer": self.customer, "message": message.as_json()})

    def remove(self, message_id: str) -> bool:
        if self.messages.pop(message_id, None) is None:
            return False
        self._hub.publish("removed", {"customer": self.customer, "id": message_id})
        return True

    def tick(self, state: str, *, author: str, up_to: str | None = None) -> list[ShownMessage]:
        """Move the author's messages forward to `state`, all of them or those up to one; returns what moved."""
        moved = []
        for message in self.messages.values():
            if message.author == author and TICKS[message.state] < TICKS[state]:
                message.state = state
                moved.append(message)
                self.publish(message)
            if message.id == up_to:
                break
        return moved

    def tick_one(self, message_id: str, state: str) -> None:
        message = self.messages.get(message_id)
        if message is not None and TICKS[message.state] < TICKS[state]:
            message.state = state
            self.publish(message)

    def show_typing(self, seconds: float) -> None:
        """Show the typing sign for so many seconds or until the next message; 0 hides it."""
        self._typing_until = self._pace.now() + timedelta(seconds=seconds)
        self._hub.publish("typing", {"customer": self.customer, "seconds": seconds})

    def show_toast(self, text: str) -> None:
        self.toast = text
        self._hub.publish("toast", {"customer": self.customer, "text": text})

    def texts(self, *, author: str = BRAND) -> list[str]:
        """The texts of one side in order: what most tests want to see."""
        return [message.text for message in self.messages.values() if message.author == author]

    def find_button(self, wanted: str) -> tuple[ShownMessage, Button]:
        """The newest button whose text or value is `wanted`. Raises LookupError when no such button is shown."""
        for message in reversed(self.messages.values()):
            for button in (button for row in message.buttons for button in row):
                if wanted in (button.text, button.value):
                    return message, button
        raise LookupError(f"No button {wanted!r} on this screen.")

    def as_json(self, head: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **head,
            "typing": self.typing,
            "toast": self.toast,
            "messages": [message.as_json() for message in self.messages.values()],
        }
