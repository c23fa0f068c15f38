"""A person on the fake Telegram who writes, presses, reacts and blocks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.simulator.media import StoredFile, sample_picture, sample_voice
from bot.simulator.screens import CUSTOMER, Button, Picture, Screen, ShownMessage
from bot.simulator.telegram.files import file_fields, picture_sizes

if TYPE_CHECKING:
    from bot.simulator.telegram.platform import FakeTelegram

_query_ids = itertools.count(1_068_230_107_531_367_000)


class TelegramCustomer:
    """One private chat. Every action returns at once; the bot finds it in its updates."""

    channel = "telegram"

    def __init__(self, *, platform: FakeTelegram, chat_id: int, name: str, language: str, screen: Screen) -> None:
        self.chat_id = chat_id
        self.name = name
        self.language = language
        self.screen = screen
        self.started = False
        self.blocked = False
        self.extras: dict[str, dict[str, Any]] = {}
        self._platform = platform

    @property
    def id(self) -> str:
        return str(self.chat_id)

    def head(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "channel": self.channel,
            "blocked": self.blocked,
        }

    def as_user(self) -> dict[str, Any]:
        return {
            "id": self.chat_id,
            "is_bot": False,
            "first_name": self.name,
            "username": f"person_{self.chat_id}",
            "language_code": self.language,
        }

    def as_chat(self) -> dict[str, Any]:
        if self.chat_id < 0:
            return {"id": self.chat_id, "title": self.name, "type": "supergroup"}
        return {
            "id": self.chat_id,
            "first_name": self.name,
            "username": f"person_{self.chat_id}",
            "type": "private",
        }

    # Words

    def write(self, text: str, *, reply_to: str | None = None) -> str:
        """Send a text; returns its message id."""
        return self._send(text=text, reply_to=reply_to)

    def start(self, payload: str = "") -> str:
        """Press Start, from a link with a payload perhaps."""
        return self._send(text=f"/start {payload}".strip())

    def edit(self, message_id: str, text: str) -> None:
        """Change one of the own messages. Raises KeyError when there is none of that id."""
        message = self.screen.messages[message_id]
        message.edited_at = self._platform.pace.now()
        message.text = text
        self.screen.publish(message)
        shape = self._platform.message_shape(self, message)
        self._platform.put("edited_message", shape, born_at=message.edited_at)

    # Files

    def photo(self, data: bytes | None = None, *, caption: str = "", name: str = "photo.png") -> str:
        stored = self._keep(data if data is not None else sample_picture(), name, "image/png")
        return self._send_file("photo", "image", stored, caption=caption, shape=picture_sizes(stored))

    def album(self, captions: Sequence[str] = ("", "")) -> list[str]:
        """Several photos with one `media_group_id`; usually only one has a caption."""
        group = str(next(_query_ids))
        ids = []
        for hue, caption in enumerate(captions):
            stored = self._keep(sample_picture(hue=hue), f"photo{hue}.png", "image/png")
            extra = {"media_group_id": group}
            ids.append(
                self._send_file("photo", "image", stored, caption=caption, shape=picture_sizes(stored), extra=extra)
            )
        return ids

    def voice(self, data: bytes | None = None, *, seconds: int = 2) -> str:
        stored = self._keep(data if data is not None else sample_voice(seconds=seconds), "voice.wav", "audio/wav")
        return self._send_file("voice", "voice", stored, caption="", shape={**file_fields(stored), "duration": seconds})

    def document(self, data: bytes = b"%PDF-1.4\n", *, name: str = "order.pdf", caption: str = "") -> str:
        stored = self._keep(data, name, "application/pdf")
        return self._send_file(
            "document", "file", stored, caption=caption, shape={**file_fields(stored), "file_name": name}
        )

    def video(self, data: bytes = b"video", *, caption: str = "") -> str:
        stored = self._keep(data, "video.mp4", "video/mp4")
        size = {"width": 640, "height": 360, "duration": 3}
        return self._send_file("video", "video", stored, caption=caption, shape={**file_fields(stored), **size})

    def sticker(self, emoji: str = "👍") -> str:
        stored = self._keep(b"RIFF", "sticker.webp", "image/webp")
        shape = {
            **file_fields(stored),
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": emoji,
            "set_name": "set_example",
        }
        return self._send(pictures=[Picture(kind="sticker", name=emoji)], extra={"sticker": shape})

    # Places and people

    def location(self, latitude: float = 3.139, longitude: float = 101.6869) -> str:
        place = {"latitude": latitude, "longitude": longitude}
        shown = Picture(kind="location", latitude=latitude, longitude=longitude)
        return self._send(pictures=[shown], extra={"location": place})

    def contact(self, phone: str = "+10000000000", *, own: bool = True) -> str:
        """Share a number; `user_id` is there only for the own one (CHANNELS.md 1.5)."""
        shape: dict[str, Any] = {"phone_number": phone, "first_name": self.name}
        if own:
            shape["user_id"] = self.chat_id
        return self._send(pictures=[Picture(kind="contact", name=phone)], extra={"contact": shape})

    # Buttons, reactions, the door

    def press(self, button: str) -> str:
        """Press the newest button of that text or value; a keyboard button is sent as text. Raises LookupError."""
        message, found = self.screen.find_button(button)
        if found.kind == "quick_reply":
            return self.write(found.text)
        if found.kind == "url":
            return message.id
        return self._call_back(message, found)

    def react(self, message_id: str, emoji: str = "👍") -> int | None:
        """React to a message; an empty emoji takes the reaction back. The bot hears it only if it asked."""
        message = self.screen.messages[message_id]
        old = message.reactions.pop(CUSTOMER, "")
        if emoji:
            message.reactions[CUSTOMER] = emoji
        self.screen.publish(message)
        content = {
            "chat": self.as_chat(),
            "message_id": int(message_id),
            "user": self.as_user(),
            "date": int(self._platform.pace.now().timestamp()),
            "old_reaction": [{"type": "emoji", "emoji": old}] if old else [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
        }
        return self._platform.put("message_reaction", content)

    def block(self) -> None:
        self.blocked = True
        self._change_membership("member", "kicked")

    def unblock(self) -> None:
        self.blocked = False
        self._change_membership("kicked", "member")

    def read(self) -> None:
        """Look at the chat; Telegram tells bots nothing of it."""

    # How it goes out

    def _keep(self, data: bytes, name: str, mime: str) -> StoredFile:
        return self._platform.media.keep(data, name=name, mime=mime)

    def _send_file(
        self,
        field: str,
        kind: str,
        stored: StoredFile,
        *,
        caption: str,
        shape: Any,
        extra: dict[str, Any] | None = None,
    ) -> str:
        fields = {field: shape, **(extra or {})}
        shown = Picture(kind=kind, url=stored.path, name=stored.name, mime=stored.mime, size=len(stored.data))
        return self._send(text=caption, pictures=[shown], extra=fields)

    def _send(
        self,
        *,
        text: str = "",
        pictures: list[Picture] | None = None,
        extra: dict[str, Any] | None = None,
        reply_to: str | None = None,
    ) -> str:
        self.started = True
        now = self._platform.pace.now()
        message_id = str(self._platform.next_message_id())
        shown = ShownMessage(
            id=message_id, author=CUSTOMER, at=now, text=text, pictures=pictures or [], reply_to=reply_to
        )
        self.extras[message_id] = dict(extra or {})
        if reply_to is not None and reply_to in self.screen.messages:
            quoted = self._platform.message_shape(self, self.screen.messages[reply_to])
            self.extras[message_id]["reply_to_message"] = quoted
        self.screen.show(shown)
        self._platform.put("message", self._platform.message_shape(self, shown), born_at=now)
        return message_id

    def _call_back(self, message: ShownMessage, button: Button) -> str:
        query_id = str(next(_query_ids))
        self._platform.methods.queries[query_id] = (self.id, self._platform.pace.now())
        content = {
            "id": query_id,
            "from": self.as_user(),
            "message": self._platform.message_shape(self, message),
            "chat_instance": f"-{self.chat_id}",
            "data": button.value,
        }
        self._platform.put("callback_query", content)
        return query_id

    def _change_membership(self, old: str, new: str) -> None:
        bot = self._platform.bot
        content = {
            "chat": self.as_chat(),
            "from": self.as_user(),
            "date": int(self._platform.pace.now().timestamp()),
            "old_chat_member": {"user": bot, "status": old, **({"until_date": 0} if old == "kicked" else {})},
            "new_chat_member": {"user": bot, "status": new, **({"until_date": 0} if new == "kicked" else {})},
        }
        self._platform.put("my_chat_member", content)
