"""Messages and edits, in the bot's own chats and in those of a connected business account."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.channels.telegram.address import Address, required_message_id
from bot.channels.telegram.arrival import Arrival
from bot.channels.telegram.content import attachments_of, is_forwarded, service_kind, text_of, unreadable_kind
from bot.channels.telegram.fields import instant, integer, mapping, short_text
from bot.channels.telegram.people import is_for_the_bot, is_private, sender_of
from core.inbound import CustomerEdited, CustomerWrote, Echo, Ignored, Inbound, ThreadMoved

BARE_START: Final = "start"
"""The press of `/start` without a payload: a greeting."""
_START: Final = re.compile(r"/start(?:@[A-Za-z0-9_]+)?(?:\s+(?P<payload>[A-Za-z0-9_-]{1,64}))?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """A foreign message with the readings that every kind of it needs."""

    body: Mapping[str, Any]
    address: Address
    message_id: int
    at: datetime
    arrival: Arrival

    @classmethod
    def read(cls, body: Mapping[str, Any], arrival: Arrival) -> "_Message":
        return cls(
            body=body,
            address=Address.of_message(body),
            message_id=required_message_id(body),
            at=instant(body.get("edit_date")) or instant(body.get("date")) or arrival.at,
            arrival=arrival,
        )

    @property
    def external_id(self) -> str:
        return self.address.message(self.message_id)

    @property
    def chat(self) -> Mapping[str, Any]:
        return mapping(self.body.get("chat"))

    @property
    def writer(self) -> Mapping[str, Any]:
        return mapping(self.body.get("from"))


def parse_message(body: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`message`: a customer's in a private chat; a group's only when it is meant for the bot."""
    message = _Message.read(body, arrival)
    return _migration(message) or _not_for_us(message, prefix="") or (_written(message),)


def parse_edit(body: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`edited_message`; the moves of a live location come as edits too, every few seconds."""
    message = _Message.read(body, arrival)
    return _not_for_us(message, prefix="edited_") or (_edited(message),)


def parse_business_message(body: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`business_message`: the customer's, or one that our side wrote in that chat: an echo silences the bot."""
    message = _Message.read(body, arrival)
    if "sender_business_bot" in body:  # one bot at most is connected to a business account: this one
        return (Ignored(kind="own_business_message"),)
    service = service_kind(body)
    if service is not None:
        return (Ignored(kind=f"service:{service}"),)
    return (_echo(message),) if _is_owners(message) else (_written(message),)


def parse_business_edit(body: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`edited_business_message`: only the customer's edits matter."""
    message = _Message.read(body, arrival)
    return (Ignored(kind="edited_own_business_message"),) if _is_owners(message) else (_edited(message),)


def _is_owners(message: _Message) -> bool:
    """A business chat is between the owner and the person whose id the chat has; whoever else writes is our side."""
    writer = integer(message.writer.get("id"))
    return writer is not None and writer != message.address.chat


def _migration(message: _Message) -> Sequence[Inbound]:
    """A group that became a supergroup says so twice, in the old chat and in the new one."""
    target = integer(message.body.get("migrate_to_chat_id"))
    if target is not None:
        moved = Address(chat=target)
        return (ThreadMoved(thread=message.address.thread, new_thread=moved.thread, at=message.at),)
    source = integer(message.body.get("migrate_from_chat_id"))
    if source is not None:
        left = Address(chat=source)
        return (ThreadMoved(thread=left.thread, new_thread=message.address.thread, at=message.at),)
    return ()


def _not_for_us(message: _Message, *, prefix: str) -> Sequence[Inbound]:
    """Service messages, other bots, channels, and what people in a group tell each other."""
    service = service_kind(message.body)
    if service is not None:
        return (Ignored(kind=f"service:{service}"),)
    if message.writer.get("is_bot") is True:
        return (Ignored(kind=f"{prefix}bot_message"),)
    if is_private(message.body, message.address) or is_for_the_bot(message.body, message.arrival):
        return ()
    kind = "channel_message" if message.chat.get("type") == "channel" else "group_message"
    return (Ignored(kind=f"{prefix}{kind}"),)


def _written(message: _Message) -> CustomerWrote:
    words = text_of(message.body)
    started = _START.fullmatch(words)
    payload = started["payload"] if started else None
    return CustomerWrote(
        thread=message.address.thread,
        sender=sender_of(message.writer, otherwise=message.chat),
        external_id=message.external_id,
        at=message.at,
        text="" if started else words,
        attachments=attachments_of(message.body),
        press=(payload or BARE_START) if started else None,
        reply_to=_reply_to(message),
        group_key=short_text(message.body.get("media_group_id")),
        forwarded=is_forwarded(message.body),
        referral=payload,
        unreadable_kind=unreadable_kind(message.body),
    )


def _reply_to(message: _Message) -> str | None:
    """The message of this chat that is answered; `external_reply` is of another chat and means nothing here."""
    replied_to = integer(mapping(message.body.get("reply_to_message")).get("message_id"))
    return None if replied_to is None else message.address.message(replied_to)


def _edited(message: _Message) -> CustomerEdited:
    return CustomerEdited(
        thread=message.address.thread,
        sender=sender_of(message.writer, otherwise=message.chat),
        external_id=message.external_id,
        at=message.at,
        text=text_of(message.body),
        quiet="location" in message.body,
        attachments=attachments_of(message.body) or None,
    )


def _echo(message: _Message) -> Echo:
    return Echo(
        thread=message.address.thread,
        sender=sender_of(message.chat, otherwise=message.chat),
        external_id=message.external_id,
        at=message.at,
        text=text_of(message.body),
        attachments=attachments_of(message.body),
    )
