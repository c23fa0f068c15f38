"""Our messages as Bot API calls.

Texts go out as plain text, word for word: no parse mode is ever set, so nothing has to be escaped and nothing a
customer or an editor typed can become markup (FIGURES.md B, FreeScout's CVE). Telegram links addresses by itself.
"""

from collections.abc import Sequence
from typing import Any, Final

from aiogram.methods import (
    EditMessageCaption,
    EditMessageText,
    SendDocument,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters

from bot.channel import Edit, FileContent, Outbound
from bot.channels.telegram.address import Address, message_id_of
from bot.channels.telegram.limits import CAPTION_LENGTH, LARGEST_PHOTO, LARGEST_UPLOAD, PAYLOAD_BYTES, TEXT_LENGTH
from core.errors import NotSendable
from core.messages import Button
from core.text import utf16_length

_PHOTO_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})


def call_of(outbound: Outbound, address: Address) -> TelegramMethod[Any]:
    """The one call that says it. Raises `NotSendable` for what Telegram would refuse anyhow."""
    common: dict[str, Any] = {
        "chat_id": address.chat,
        "business_connection_id": address.connection,
        "message_thread_id": address.topic,
        "reply_markup": _keyboard(outbound.buttons),
        "reply_parameters": _reply(outbound.reply_to),
    }
    limit = TEXT_LENGTH if outbound.file is None else CAPTION_LENGTH
    if utf16_length(outbound.text) > limit:
        raise NotSendable(f"The text is longer than the {limit} characters that Telegram takes.")
    if outbound.file is None:
        if not outbound.text.strip():
            raise NotSendable("There is no text to send.")
        return SendMessage(text=outbound.text, **common)
    return _with_file(outbound.file, caption=outbound.text or None, common=common)


def edit_call_of(edit: Edit, address: Address) -> TelegramMethod[Any]:
    """The one call that changes it. Raises `NotSendable` for what Telegram would refuse anyhow."""
    limit = CAPTION_LENGTH if edit.with_file else TEXT_LENGTH
    if utf16_length(edit.text) > limit:
        raise NotSendable(f"The text is longer than the {limit} characters that Telegram takes.")
    place: dict[str, Any] = {
        "chat_id": address.chat,
        "message_id": message_id_of(edit.external_id),
        "business_connection_id": address.connection,
    }
    if place["message_id"] is None:
        raise NotSendable("Telegram gave this message no number, so it cannot be changed.")
    return (
        EditMessageCaption(caption=edit.text, **place) if edit.with_file else EditMessageText(text=edit.text, **place)
    )


def as_document(call: TelegramMethod[Any]) -> TelegramMethod[Any] | None:
    """The same picture as a file, for one whose proportions Telegram does not show; None for any other call."""
    if not isinstance(call, SendPhoto):
        return None
    fields = {name: getattr(call, name) for name in _COMMON_FIELDS}
    return SendDocument(document=call.photo, **fields)


_COMMON_FIELDS: Final = (
    "chat_id",
    "business_connection_id",
    "message_thread_id",
    "reply_markup",
    "reply_parameters",
    "caption",
)


def _with_file(file: FileContent, *, caption: str | None, common: dict[str, Any]) -> TelegramMethod[Any]:
    # Bytes, never a URL: Telegram fetches no address that is private or slow (CHANNELS.md 5, 8).
    upload = BufferedInputFile(file.content, filename=file.name or "file")
    if len(file.content) > LARGEST_UPLOAD:
        raise NotSendable("The file is bigger than the 50 MB that Telegram takes.")
    if file.media_type in _PHOTO_TYPES and len(file.content) <= LARGEST_PHOTO:
        return SendPhoto(photo=upload, caption=caption, **common)
    return SendDocument(document=upload, caption=caption, **common)


def _keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """One button a row, so that no title is cut."""
    rows = [[_button(button)] for button in buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _button(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(text=button.title, url=button.url)
    payload = button.payload or button.title
    if len(payload.encode()) > PAYLOAD_BYTES:
        raise NotSendable(
            f"The button “{button.title}” carries more than the {PAYLOAD_BYTES} bytes that Telegram takes."
        )
    return InlineKeyboardButton(text=button.title, callback_data=payload)


def _reply(external_id: str | None) -> ReplyParameters | None:
    message_id = message_id_of(external_id)
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True) if message_id else None
