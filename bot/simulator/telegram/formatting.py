"""Text and entities as the Bot API checks them (CHANNELS.md 1.6). `parse_mode` HTML is understood, no other."""

from html.parser import HTMLParser
from typing import Any

from bot.simulator.telegram.errors import BotError
from bot.simulator.telegram.parameters import Parameters
from bot.simulator.telegram.shapes import utf16_length

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
}
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024


def formatted_text(parameters: Parameters, *, field: str = "text") -> tuple[str, list[dict[str, Any]]]:
    """The plain text and its entities. Raises BotError 400 when the formatting is broken."""
    text = parameters.text(field)
    mode = parameters.text("parse_mode").lower()
    if mode == "html":
        return _parse_html(text)
    if mode:
        raise BotError(400, "unsupported parse_mode")
    entities = parameters.structure("entities" if field == "text" else "caption_entities") or []
    for entity in entities:
        _check_entity(text, entity)
    return text, list(entities)


def checked_text(parameters: Parameters) -> tuple[str, list[dict[str, Any]]]:
    """As `formatted_text`, and neither empty nor over 4096 UTF-16 units after parsing."""
    text, entities = formatted_text(parameters)
    if not text.strip():
        raise BotError(400, "message text is empty")
    if utf16_length(text) > LONGEST_TEXT:
        raise BotError(400, "message is too long")
    return text, entities


def checked_caption(parameters: Parameters) -> tuple[str, list[dict[str, Any]]]:
    text, entities = formatted_text(parameters, field="caption")
    if utf16_length(text) > LONGEST_CAPTION:
        raise BotError(400, "message caption is too long")
    return text, entities


def _check_entity(text: str, entity: Any) -> None:
    offset, length = int(entity.get("offset", -1)), int(entity.get("length", 0))
    if offset < 0 or length <= 0:
        raise BotError(400, "can't parse entities: entity with incorrect offset or length")
    encoded = text.encode("utf-16-le")
    for unit, word in ((offset, "begins"), (offset + length, "ends")):
        if 0 < unit * 2 < len(encoded) and 0xDC <= encoded[unit * 2 + 1] <= 0xDF:
            raise BotError(400, f"entity at UTF-16 offset {offset} {word} in a middle of a UTF-16 symbol")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.plain = ""
        self.entities: list[dict[str, Any]] = []
        self._open: list[tuple[str, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise BotError(400, f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset 0')
        entity: dict[str, Any] = {"type": TAGS[tag], "offset": utf16_length(self.plain)}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise BotError(400, f'can\'t parse entities: Unexpected end tag "{tag}"')
        entity = self._open.pop()[1]
        entity["length"] = utf16_length(self.plain) - entity["offset"]
        if entity["length"] > 0:
            self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.plain += data

    def finish(self) -> None:
        self.close()
        if self._open:
            raise BotError(400, f"can't parse entities: Can't find end tag corresponding to \"{self._open[-1][0]}\"")


def _parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    reader = _Reader()
    reader.feed(text)
    reader.finish()
    return reader.plain, sorted(reader.entities, key=lambda entity: int(entity["offset"]))
