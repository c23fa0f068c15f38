"""Messages of either side: written, pressed, edited, taken back, echoed (CHANNELS.md 2.3)."""

from datetime import datetime
from typing import Any

from bot.channels.messenger import envelope
from bot.channels.messenger.attachments import THUMBS_UP, attachments_of, is_readable, is_thumbs_up, type_of
from bot.channels.messenger.fields import identifier, mapping, text
from core.errors import Unreadable
from core.inbound import CustomerDeleted, CustomerEdited, CustomerWrote, Echo, Sender
from core.messages import Attachment


def message(body: Any, content: dict[str, Any]) -> CustomerWrote:
    """A customer's message; a pressed quick reply is one with its payload as `press`."""
    attachments = attachments_of(content)
    words = text(content.get("text"))
    if not words and any(map(is_thumbs_up, attachments)):
        words = THUMBS_UP
    thread, at = place_of(body)
    return CustomerWrote(
        thread=thread,
        sender=Sender(id=thread),
        external_id=_mid(content),
        at=at,
        text=words,
        attachments=attachments,
        press=text(mapping(content.get("quick_reply")).get("payload")) or None,
        reply_to=identifier(mapping(content.get("reply_to")).get("mid")),
        referral=_referral(content),
        unreadable_kind=_unreadable_kind(content, words, attachments),
    )


def postback(body: Any, content: dict[str, Any]) -> CustomerWrote:
    """A button, Get Started, the menu, an ice breaker: the title is the text. Old ones have no mid and get a digest."""
    thread, at = place_of(body)
    words, press = text(content.get("title")), text(content.get("payload")) or None
    return CustomerWrote(
        thread=thread,
        sender=Sender(id=thread),
        external_id=identifier(content.get("mid")) or f"postback:{envelope.digest_of(body)}",
        at=at,
        text=words,
        press=press,
        referral=_referral(content),
        unreadable_kind=None if words or press else "postback",
    )


def message_edit(body: Any, content: dict[str, Any]) -> CustomerEdited:
    thread, at = place_of(body)
    return CustomerEdited(
        thread=thread, sender=Sender(id=thread), external_id=_mid(content), at=at, text=text(content.get("text"))
    )


def deleted(body: Any, content: dict[str, Any]) -> CustomerDeleted:
    thread, at = place_of(body)
    return CustomerDeleted(thread=thread, external_id=_mid(content), at=at)


def echo(body: Any, content: dict[str, Any]) -> Echo:
    """Our side wrote; `metadata` is our delivery's key where it was us."""
    thread, at = place_of(body)
    return Echo(
        thread=thread,
        sender=Sender(id=thread),
        external_id=_mid(content),
        at=at,
        text=text(content.get("text")),
        attachments=attachments_of(content),
        key=text(content.get("metadata")) or None,
    )


def place_of(body: Any) -> tuple[str, datetime]:
    """Thread and time of an event. Raises `Unreadable` without them."""
    thread, at = envelope.customer_of(body), envelope.time_of(body)
    if thread is None:
        raise Unreadable("This event names no customer.")
    if at is None:
        raise Unreadable("This event has no time.")
    return thread, at


def _mid(content: dict[str, Any]) -> str:
    mid = identifier(content.get("mid"))
    if mid is None:
        raise Unreadable("This message has no id.")
    return mid


def _unreadable_kind(content: dict[str, Any], words: str, attachments: tuple[Attachment, ...]) -> str | None:
    if content.get("is_unsupported") is True:
        return "unsupported"
    return None if words or any(map(is_readable, attachments)) else type_of(content)


def _referral(content: dict[str, Any]) -> str | None:
    """Where a new thread came from: the link's own word, else the advertisement's id."""
    referral = mapping(content.get("referral"))
    return text(referral.get("ref")) or identifier(referral.get("ad_id"))
