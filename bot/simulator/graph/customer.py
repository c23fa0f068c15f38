"""A person on the fake Messenger who writes, presses, reacts, reads and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.simulator.graph.events import THUMBS_UP, new_mid
from bot.simulator.media import sample_picture, sample_voice
from bot.simulator.screens import BRAND, CUSTOMER, Picture, Screen, ShownMessage

if TYPE_CHECKING:
    from bot.simulator.graph.platform import FakeMessenger

MOST_EDITS = 5
#: Messenger shows its own button in the language of the phone.
GET_STARTED = {"ru": "Начать", "uk": "Почати", "ms": "Bermula", "zh-Hant": "開始使用"}
REACTION_NAMES = {"👍": "like", "❤️": "love", "😢": "sad", "😡": "angry", "😮": "wow", "😆": "smile", "👎": "dislike"}


class MessengerCustomer:
    """One thread with the page. Every action returns at once; the product hears of it by webhook."""

    channel = "messenger"

    def __init__(self, *, page: FakeMessenger, psid: str, name: str, language: str, screen: Screen) -> None:
        self.id = psid
        self.name = name
        self.language = language
        self.screen = screen
        self.blocked = False
        self.owner = page.app_id
        self.last_action_at: datetime | None = None
        self._page = page
        self._edits: dict[str, int] = {}

    def head(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "channel": self.channel,
            "blocked": self.blocked,
        }

    # Words

    def write(self, text: str, *, reply_to: str | None = None) -> str:
        """Send a text; returns its mid."""
        reply = {"reply_to": {"mid": reply_to}} if reply_to else {}
        return self._send({"text": text, **reply}, text=text, reply_to=reply_to)

    def start(self, payload: str = "", *, get_started: str = "GET_STARTED") -> str:
        """Press Get Started; a payload comes as the `ref` of an m.me link."""
        referral = {"ref": payload, "source": "SHORTLINK", "type": "OPEN_THREAD"} if payload else None
        wanted = self._page.profile.get("get_started")
        known = wanted.get("payload", get_started) if isinstance(wanted, dict) else get_started
        return self._post_back(GET_STARTED.get(self.language, "Get Started"), str(known), referral=referral)

    def refer(self, ref: str, *, source: str = "SHORTLINK") -> None:
        """Follow an m.me link into a thread that exists."""
        self._act()
        self._page.emit(self, referral={"ref": ref, "source": source, "type": "OPEN_THREAD"})

    def edit(self, message_id: str, text: str) -> None:
        """Change one of the own messages, up to five times. Raises KeyError for an unknown id, ValueError after that."""
        message = self.screen.messages[message_id]
        number = self._edits.get(message_id, 0) + 1
        if number > MOST_EDITS:
            raise ValueError("A message can be edited five times.")
        self._edits[message_id] = number
        message.text = text
        message.edited_at = self._page.pace.now()
        self.screen.publish(message)
        self._page.emit(self, message_edit={"mid": message_id, "text": text, "num_edit": number})

    # Files

    def photo(self, data: bytes | None = None, *, caption: str = "", name: str = "photo.png") -> str:
        """Send a picture; Messenger has no captions, so words come as a message of their own after it."""
        payload = data if data is not None else sample_picture()
        mid = self._send_file("image", "image", payload, name=name, mime="image/png")
        if caption:
            self.write(caption)
        return mid

    def album(self, captions: Sequence[str] = ("", "")) -> list[str]:
        """Several pictures in one message, then the words."""
        pictures = [
            self._picture("image", sample_picture(hue=hue), name=f"photo{hue}.png", mime="image/png")
            for hue in range(len(captions))
        ]
        attachments = [{"type": "image", "payload": {"url": self._address(picture)}} for picture in pictures]
        mid = self._send({"attachments": attachments}, pictures=pictures)
        words = " ".join(caption for caption in captions if caption)
        return [mid, self.write(words)] if words else [mid]

    def voice(self, data: bytes | None = None, *, seconds: int = 2) -> str:
        payload = data if data is not None else sample_voice(seconds=seconds)
        return self._send_file("audio", "voice", payload, name="audioclip.wav", mime="audio/wav")

    def document(self, data: bytes = b"%PDF-1.4\n", *, name: str = "order.pdf", caption: str = "") -> str:
        mid = self._send_file("file", "file", data, name=name, mime="application/pdf")
        if caption:
            self.write(caption)
        return mid

    def video(self, data: bytes = b"video", *, caption: str = "") -> str:
        mid = self._send_file("video", "video", data, name="video.mp4", mime="video/mp4")
        if caption:
            self.write(caption)
        return mid

    def sticker(self, emoji: str = "👍") -> str:
        """Send a sticker; while `sticker_twice` is on it comes as `image` and as `sticker` (CHANNELS.md 2.3)."""
        picture = self._picture("image", sample_picture(width=64, height=64), name="sticker.png", mime="image/png")
        payload = {"url": self._address(picture), "sticker_id": THUMBS_UP}
        kinds = ["image", "sticker"] if self._page.sticker_twice else ["sticker"]
        content = {"sticker_id": THUMBS_UP, "attachments": [{"type": kind, "payload": payload} for kind in kinds]}
        return self._send(content, pictures=[Picture(kind="sticker", name=emoji)])

    # Places and people

    def location(self, latitude: float = 3.139, longitude: float = 101.6869) -> str:
        place = {"coordinates": {"lat": latitude, "long": longitude}}
        shown = Picture(kind="location", latitude=latitude, longitude=longitude)
        return self._send({"attachments": [{"type": "location", "payload": place}]}, pictures=[shown])

    def contact(self, phone: str = "+10000000000", *, own: bool = True) -> str:
        """Messenger has no contact cards: the number is written (`own` makes no difference)."""
        del own
        return self.write(phone)

    def share_link(self, url: str, *, title: str = "Example", text: str = "") -> str:
        """Share a link: the words and a fallback attachment."""
        attachment = {"type": "fallback", "payload": {"url": url, "title": title}}
        return self._send({"text": text or url, "attachments": [attachment]}, text=text or url)

    # Buttons, reactions, the door

    def press(self, button: str) -> str:
        """Press the newest button of that text or value; a quick reply is sent as text. Raises LookupError."""
        message, found = self.screen.find_button(button)
        if found.kind == "quick_reply":
            message.buttons = [row for row in message.buttons if all(item.kind != "quick_reply" for item in row)]
            self.screen.publish(message)
            return self._send({"text": found.text, "quick_reply": {"payload": found.value}}, text=found.text)
        if found.kind == "url":
            return message.id
        return self._post_back(found.text, found.value)

    def react(self, message_id: str, emoji: str = "👍") -> None:
        """React to a message; an empty emoji takes the reaction back. Opens the window (CHANNELS.md 2.5)."""
        message = self.screen.messages[message_id]
        old = message.reactions.pop(CUSTOMER, "")
        content: dict[str, Any] = {"mid": message_id, "action": "react" if emoji else "unreact"}
        if emoji:
            message.reactions[CUSTOMER] = emoji
            content |= {"emoji": emoji, "reaction": REACTION_NAMES.get(emoji, "other")}
        elif not old:
            return
        self._act()
        self.screen.publish(message)
        self._page.emit(self, reaction=content)

    def block(self) -> None:
        """Block the page: it hears nothing, the next send answers 551."""
        self.blocked = True

    def unblock(self) -> None:
        self.blocked = False

    def receive(self) -> None:
        """The phone got the page's messages."""
        moved = self.screen.tick("delivered", author=BRAND)
        if moved:
            mids = [message.id for message in moved]
            self._page.emit(self, delivery={"mids": mids, "watermark": self._page.milliseconds(moved[-1].at)})

    def read(self) -> None:
        """The person looks at the chat."""
        moved = self.screen.tick("read", author=BRAND)
        if moved:
            self._page.emit(self, read={"watermark": self._page.milliseconds(moved[-1].at)})

    # How it goes out

    def _act(self) -> None:
        self.last_action_at = self._page.pace.now()

    def _address(self, picture: Picture) -> str:
        return self._page.base_url.rstrip("/") + picture.url

    def _picture(self, kind: str, data: bytes, *, name: str, mime: str) -> Picture:
        stored = self._page.media.keep(data, name=name, mime=mime)
        return Picture(kind=kind, url=stored.path, name=name, mime=mime, size=len(data))

    def _send_file(self, kind: str, shown_as: str, data: bytes, *, name: str, mime: str) -> str:
        picture = self._picture(shown_as, data, name=name, mime=mime)
        attachment = {"type": kind, "payload": {"url": self._address(picture)}}
        return self._send({"attachments": [attachment]}, pictures=[picture])

    def _send(
        self,
        content: dict[str, Any],
        *,
        text: str = "",
        pictures: list[Picture] | None = None,
        reply_to: str | None = None,
    ) -> str:
        self._act()
        mid = new_mid()
        now = self._page.pace.now()
        self.screen.show(
            ShownMessage(id=mid, author=CUSTOMER, at=now, text=text, pictures=pictures or [], reply_to=reply_to)
        )
        self._page.emit(self, now, message={"mid": mid, **content})
        return mid

    def _post_back(self, title: str, payload: str, *, referral: dict[str, str] | None = None) -> str:
        self._act()
        mid = new_mid()
        self.screen.show(ShownMessage(id=mid, author=CUSTOMER, at=self._page.pace.now(), text=title))
        content: dict[str, Any] = {"mid": mid, "title": title, "payload": payload}
        self._page.emit(self, postback=content | ({"referral": referral} if referral else {}))
        return mid
