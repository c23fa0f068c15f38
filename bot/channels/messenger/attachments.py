"""What lies beside a message's text (CHANNELS.md 2.3): unknown types fall back, payloads may be null or a text."""

from collections.abc import Iterator
from typing import Any, Final

from bot.channels.messenger.fields import identifier, mapping, number, sequence, text, word
from core.messages import Attachment, AttachmentKind

THUMBS_UP_STICKER: Final = "369239263222822"
THUMBS_UP: Final = "\N{THUMBS UP SIGN}"

_KINDS: Final = {
    "image": AttachmentKind.PICTURE,
    "audio": AttachmentKind.VOICE,
    "video": AttachmentKind.VIDEO,
    "file": AttachmentKind.DOCUMENT,
    "sticker": AttachmentKind.STICKER,
    "location": AttachmentKind.LOCATION,
    "fallback": AttachmentKind.LINK,
    "post": AttachmentKind.POST,
    "share": AttachmentKind.POST,
    "ig_post": AttachmentKind.POST,
    "reel": AttachmentKind.POST,
    "ig_reel": AttachmentKind.POST,
    "story_mention": AttachmentKind.STORY,
    "ig_story": AttachmentKind.STORY,
}


def attachments_of(message: dict[str, Any]) -> tuple[Attachment, ...]:
    """All attachments; one sticker that came as picture and as sticker is there once (the transition of 2026)."""
    found: list[Attachment] = []
    stickers: set[str] = set()
    for raw in sequence(message.get("attachments")):
        sticker = identifier(mapping(mapping(raw).get("payload")).get("sticker_id"))
        if sticker is None:
            found.append(_attachment(mapping(raw)))
        elif sticker not in stickers:
            stickers.add(sticker)
            found.append(_sticker(mapping(raw), sticker))
    return tuple(found)


def is_thumbs_up(attachment: Attachment) -> bool:
    return (attachment.details or {}).get("emoji") == THUMBS_UP


def is_readable(attachment: Attachment) -> bool:
    """Whether a person could do something with it: there is a file, a link, a place or a title."""
    return bool(
        attachment.kind is not AttachmentKind.OTHER and (attachment.url or attachment.name or _place(attachment))
    )


def type_of(message: dict[str, Any]) -> str:
    """The platform's word for the first attachment; `empty_message` without one."""
    raw = next(iter(sequence(message.get("attachments"))), None)
    return "empty_message" if raw is None else word(mapping(raw).get("type"))


def _place(attachment: Attachment) -> bool:
    return attachment.kind is AttachmentKind.LOCATION and "latitude" in (attachment.details or {})


def _attachment(raw: dict[str, Any]) -> Attachment:
    kind = _KINDS.get(word(raw.get("type")), AttachmentKind.OTHER)
    payload = mapping(raw.get("payload"))
    titles = [text(payload.get("title")), text(raw.get("title")), *_product_titles(payload)]
    return Attachment(
        kind=kind,
        url=text(payload.get("url")) or text(raw.get("url")) or None,
        name=next(filter(None, titles), None),
        details=_details(raw, kind, payload),
    )


def _sticker(raw: dict[str, Any], sticker: str) -> Attachment:
    emoji = {"emoji": THUMBS_UP} if sticker == THUMBS_UP_STICKER else {}
    url = text(mapping(raw.get("payload")).get("url")) or None
    return Attachment(kind=AttachmentKind.STICKER, url=url, details={"sticker_id": sticker, **emoji})


def _details(raw: dict[str, Any], kind: AttachmentKind, payload: dict[str, Any]) -> dict[str, Any] | None:
    if kind is AttachmentKind.LOCATION:
        place = mapping(payload.get("coordinates"))
        latitude, longitude = number(place.get("lat")), number(place.get("long"))
        if latitude is None or longitude is None:
            return None
        return {"latitude": latitude, "longitude": longitude}
    return {"type": word(raw.get("type"))} if kind is AttachmentKind.OTHER else None


def _product_titles(payload: dict[str, Any]) -> Iterator[str]:
    """A product somebody asks about comes as a template with its title."""
    for element in sequence(mapping(payload.get("product")).get("elements")):
        yield text(mapping(element).get("title"))
