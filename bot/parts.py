"""How an outgoing message is laid out for a channel: pictures and pieces of text, each one platform call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.channel import Limits
from bot.splitting import split_text
from core.messages import Attachment, Button
from core.models import Message

_ELLIPSIS: Final = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    text: str = ""
    file: str | None = None
    """digest of a stored file"""
    buttons: tuple[Button, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "file": self.file, "buttons": [button.to_json() for button in self.buttons]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Part":
        buttons = tuple(Button.from_json(button) for button in data["buttons"])
        return cls(text=data["text"], file=data["file"], buttons=buttons)


def lay_out(message: Message, limits: Limits) -> list[Part]:
    """The parts in sending order: files first (a short text becomes the caption), then the text, buttons under the last.

    What a channel cannot show as buttons follows as lines of text, and so do titles it would cut, with a number that
    stands on the button too: nothing is lost.
    """
    files = [digest for data in message.attachments if (digest := Attachment.from_json(data).stored)]
    lines, buttons = _buttons([Button.from_json(data) for data in message.buttons], limits)
    text = "\n".join([message.text, *lines]).strip() if lines else message.text
    if len(files) == 1 and text and limits.measure(text) <= limits.caption_length:
        return [Part(text=text, file=files[0], buttons=buttons)]
    pieces = split_text(text, limit=limits.text_length, measure=limits.measure) if text.strip() else []
    texts = [Part(text=piece) for piece in pieces[:-1]]
    if pieces:
        texts.append(Part(text=pieces[-1], buttons=buttons))
    return [*(Part(file=digest) for digest in files), *texts]


def _buttons(buttons: Sequence[Button], limits: Limits) -> tuple[list[str], tuple[Button, ...]]:
    """The lines that must follow the text, and the buttons as the channel shows them."""
    if len(buttons) > limits.buttons:
        return [_as_line(button) for button in buttons], ()
    lines: list[str] = []
    shown: list[Button] = []
    for button in buttons:
        if limits.measure(button.title) <= limits.button_title_length:
            shown.append(button)
            continue
        number = f"{len(lines) + 1}. "
        lines.append(number + button.title)
        shown.append(_shortened(number, button, limits))
    return lines, tuple(shown)


def _shortened(number: str, button: Button, limits: Limits) -> Button:
    room = limits.button_title_length - limits.measure(number + _ELLIPSIS)
    short = split_text(button.title, limit=room, measure=limits.measure)[0].rstrip()
    return Button(title=f"{number}{short}{_ELLIPSIS}", payload=button.payload, url=button.url)


def _as_line(button: Button) -> str:
    return f"{button.title}: {button.url}" if button.url else f"• {button.title}"
