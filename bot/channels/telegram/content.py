"""What a message carries, translated (CHANNELS.md 1.5)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.channels.telegram.fields import integer, mapping, number, sequence, short_text, text, without_empty
from bot.channels.telegram.service_kinds import SERVICE_KINDS
from core.messages import Attachment, AttachmentKind

UNREADABLE_KINDS: Final = (
    "story",
    "poll",
    "dice",
    "game",
    "invoice",
    "checklist",
    "paid_media",
    "giveaway",
    "rich_message",
)
"""Content that somebody sent and that we cannot read: it must still be answered visibly."""

_FILES: Final[Mapping[str, AttachmentKind]] = {
    "voice": AttachmentKind.VOICE,
    "audio": AttachmentKind.AUDIO,
    "video": AttachmentKind.VIDEO,
    "video_note": AttachmentKind.VIDEO,
    "animation": AttachmentKind.VIDEO,
    "document": AttachmentKind.DOCUMENT,
}


def text_of(message: Mapping[str, Any]) -> str:
    """The words: the text, or the caption of a file. Offsets of entities are not needed, so they stay in the raw body."""
    return text(message.get("text")) or text(message.get("caption"))


def attachments_of(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Everything beside the words; a message carries one file at most, an album is several messages."""
    found = [_photo(message), *(_file(name, message) for name in _FILES)]
    found += [reader(message) for reader in _READERS]
    return tuple(attachment for attachment in found if attachment is not None)


def service_kind(message: Mapping[str, Any]) -> str | None:
    """The name of the service that this message reports, None for a message that somebody wrote."""
    return next((name for name in message if name in SERVICE_KINDS), None)


def unreadable_kind(message: Mapping[str, Any]) -> str | None:
    """Why this message cannot be read although somebody wrote it; None when it can."""
    named = next((name for name in UNREADABLE_KINDS if name in message), None)
    if named is not None:
        return named
    return None if text_of(message) or attachments_of(message) else "unknown"


def is_forwarded(message: Mapping[str, Any]) -> bool:
    """True when the words are not the sender's own: today's `forward_origin`, or the fields before Bot API 7.0."""
    return any(name in message for name in ("forward_origin", "forward_date", "forward_from", "forward_sender_name"))


def _photo(message: Mapping[str, Any]) -> Attachment | None:
    sizes = [mapping(size) for size in sequence(message.get("photo"))]
    if not sizes:
        return None
    largest = sizes[-1]
    return Attachment(
        kind=AttachmentKind.PICTURE,
        reference=_file_id(largest),
        media_type="image/jpeg",
        size_bytes=integer(largest.get("file_size")),
        details=without_empty({"width": integer(largest.get("width")), "height": integer(largest.get("height"))}),
    )


def _file(name: str, message: Mapping[str, Any]) -> Attachment | None:
    # An animation comes with a copy of itself as `document`, for clients from before animations.
    if not isinstance(message.get(name), dict) or (name == "document" and "animation" in message):
        return None
    found = mapping(message[name])
    return Attachment(
        kind=_FILES[name],
        reference=_file_id(found),
        name=short_text(found.get("file_name")) or short_text(found.get("title")),
        media_type=short_text(found.get("mime_type")),
        size_bytes=integer(found.get("file_size")),
        details=without_empty({"duration": integer(found.get("duration"))}),
    )


def _sticker(message: Mapping[str, Any]) -> Attachment | None:
    if not isinstance(message.get("sticker"), dict):
        return None
    found = mapping(message["sticker"])
    # `is_animated` was 0 or 1 in old bodies; `type` and `is_video` may be missing, the small picture may be `thumb`.
    media_type = "image/webp"
    if found.get("is_animated"):
        media_type = "application/x-tgsticker"
    elif found.get("is_video"):
        media_type = "video/webm"
    return Attachment(
        kind=AttachmentKind.STICKER,
        reference=_file_id(found),
        media_type=media_type,
        size_bytes=integer(found.get("file_size")),
        details=without_empty({"emoji": short_text(found.get("emoji")), "set": short_text(found.get("set_name"))}),
    )


def _contact(message: Mapping[str, Any]) -> Attachment | None:
    if not isinstance(message.get("contact"), dict):
        return None
    found = mapping(message["contact"])
    owner = integer(found.get("user_id"))
    own = owner is not None and owner == integer(mapping(message.get("from")).get("id"))
    name = f"{text(found.get('first_name'))} {text(found.get('last_name'))}".strip()
    # Only one's own number is proof of identity: any other contact may have been typed by hand.
    return Attachment(
        kind=AttachmentKind.CONTACT,
        name=short_text(name),
        details={"phone": short_text(found.get("phone_number")) or "", "own": own},
    )


def _location(message: Mapping[str, Any]) -> Attachment | None:
    venue = mapping(message.get("venue"))
    place = mapping(message.get("location")) or mapping(venue.get("location"))
    if not place and not venue:
        return None
    return Attachment(
        kind=AttachmentKind.LOCATION,
        name=short_text(venue.get("title")),
        details=without_empty(
            {
                "latitude": number(place.get("latitude")),
                "longitude": number(place.get("longitude")),
                "accuracy": number(place.get("horizontal_accuracy")),
                "live_seconds": integer(place.get("live_period")),
                "address": short_text(venue.get("address")),
            }
        ),
    )


def _story(message: Mapping[str, Any]) -> Attachment | None:
    return Attachment(kind=AttachmentKind.STORY) if isinstance(message.get("story"), dict) else None


_READERS: Final[tuple[Callable[[Mapping[str, Any]], Attachment | None], ...]] = (_sticker, _contact, _location, _story)


def _file_id(found: Mapping[str, Any]) -> str | None:
    return text(found.get("file_id")) or None
