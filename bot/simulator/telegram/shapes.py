"""The JSON shapes of the Bot API (data/payloads/telegram), as pure functions."""

from typing import Any
from urllib.parse import urlsplit

from bot.simulator.screens import Button


def utf16_length(text: str) -> int:
    """How long the text is for Telegram: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def command_entities(text: str) -> list[dict[str, Any]]:
    """A leading /command is an entity of the message."""
    if not text.startswith("/"):
        return []
    return [{"type": "bot_command", "offset": 0, "length": utf16_length(text.split(maxsplit=1)[0])}]


def keyboard_rows(markup: Any) -> list[list[Button]]:
    """The buttons of an inline keyboard or of a reply keyboard (whose buttons are answered as text)."""
    if not isinstance(markup, dict):
        return []
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    return [[_button(item) for item in row] for row in rows]


def _button(item: Any) -> Button:
    if isinstance(item, str):
        return Button(text=item, kind="quick_reply", value=item)
    text = str(item.get("text", ""))
    if "callback_data" in item:
        return Button(text=text, kind="callback", value=str(item["callback_data"]))
    if "url" in item:
        return Button(text=text, kind="url", value=str(item["url"]))
    return Button(text=text, kind="quick_reply", value=text)


def lane_of(kind: str, content: Any) -> str:
    """The head-of-line queue of an update (CHANNELS.md 1.3)."""
    if not isinstance(content, dict):
        return f"{kind}:"
    if kind == "callback_query":
        return f"callback:{(content.get('from') or {}).get('id', '')}"
    chat = (content.get("chat") or {}).get("id", "")
    if kind in ("message", "edited_message"):
        return f"chat:{chat}"
    return f"{kind}:{chat}"


def is_web_address(value: str) -> bool:
    return urlsplit(value).scheme in ("http", "https")
