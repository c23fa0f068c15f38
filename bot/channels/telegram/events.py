"""What happens beside messages: presses, reactions, blocking, deletions, business connections."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.channels.telegram.address import Address, required_message_id
from bot.channels.telegram.arrival import Arrival
from bot.channels.telegram.fields import instant, integer, mapping, sequence, short_text, text
from bot.channels.telegram.people import is_private, sender_of
from core.errors import Unreadable
from core.inbound import (
    CustomerDeleted,
    CustomerReacted,
    CustomerWrote,
    Ignored,
    Inbound,
    PlatformWarning,
    Reachability,
)

_PAID_REACTION: Final = "\N{WHITE MEDIUM STAR}"


def parse_press(press: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`callback_query`: a pressed button, in the chat of its message or, where that is not named, the presser's own.

    An inaccessible message (date 0) still names chat and number. The press has no date: its time is that of arrival.
    """
    reference = short_text(press.get("id"))
    if reference is None:
        raise Unreadable("The press has no id.")
    payload = text(press.get("data"))
    if not payload:
        return (Ignored(kind="press_without_data", press_reference=reference),)
    message = mapping(press.get("message"))
    presser = mapping(press.get("from"))
    address = _press_address(message, presser)
    pressed = integer(message.get("message_id"))
    return (
        CustomerWrote(
            thread=address.thread,
            sender=sender_of(presser, otherwise=mapping(message.get("chat"))),
            external_id=f"press:{reference}",
            at=arrival.at,
            text=_title(message, payload),
            press=payload,
            pressed_message=None if pressed is None else address.message(pressed),
            press_reference=reference,
        ),
    )


def _press_address(message: Mapping[str, Any], presser: Mapping[str, Any]) -> Address:
    try:
        return Address.of_message(message)
    except Unreadable:
        own_chat = integer(presser.get("id"))
        if own_chat is None:
            raise
        return Address(chat=own_chat)


def _title(message: Mapping[str, Any], payload: str) -> str:
    """The words on the pressed button, which is what the customer said; empty when the message is not shown to us."""
    rows = sequence(mapping(message.get("reply_markup")).get("inline_keyboard"))
    buttons = [mapping(button) for row in rows for button in sequence(row)]
    return next((text(button.get("text")) for button in buttons if button.get("callback_data") == payload), "")


def parse_reaction(event: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`message_reaction`: all reactions of the customer that stand on the message now."""
    address = Address.of_message(event)
    if not is_private(event, address):
        return (Ignored(kind="group_reaction"),)
    reactions = [_reaction(mapping(reaction)) for reaction in sequence(event.get("new_reaction"))]
    return (
        CustomerReacted(
            thread=address.thread,
            external_id=address.message(required_message_id(event)),
            at=instant(event.get("date")) or arrival.at,
            reactions=tuple(reaction for reaction in reactions if reaction),
        ),
    )


def _reaction(reaction: Mapping[str, Any]) -> str:
    """An emoji; for a kind without one its name, so that a future kind is at least seen."""
    if reaction.get("type") == "paid":
        return _PAID_REACTION
    return text(reaction.get("emoji")) or text(reaction.get("type"))[:64]


def parse_membership(event: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`my_chat_member`: a person blocked the bot (`kicked`) or came back (`member`); groups are not our customers."""
    address = Address.of_message(event)
    if not is_private(event, address):
        return (Ignored(kind="group_membership"),)
    status = mapping(event.get("new_chat_member")).get("status")
    if status not in ("kicked", "left", "member"):
        return (Ignored(kind="unknown_membership"),)
    return (
        Reachability(
            thread=address.thread,
            sender=sender_of(mapping(event.get("from")), otherwise=mapping(event.get("chat"))),
            reachable=status == "member",
            at=instant(event.get("date")) or arrival.at,
        ),
    )


def parse_deletion(event: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`deleted_business_messages`, the only deletions Telegram reports; they have no date but that of arrival."""
    address = Address.of_message(event)
    numbers = [integer(number) for number in sequence(event.get("message_ids"))]
    return tuple(
        CustomerDeleted(thread=address.thread, external_id=address.message(number), at=arrival.at)
        for number in numbers
        if number is not None
    ) or (Ignored(kind="deleted_business_messages"),)


def parse_business_connection(event: Mapping[str, Any], arrival: Arrival) -> Sequence[Inbound]:
    """`business_connection`: worth a warning when the bot may read the chats and not answer in them."""
    rights = mapping(event.get("rights"))
    may_reply = rights.get("can_reply") is True or event.get("can_reply") is True
    if event.get("is_enabled") is True and not may_reply:
        reason = "A Telegram business account connected the bot without the right to reply to messages."
        return (PlatformWarning(reason=reason, at=instant(event.get("date")) or arrival.at),)
    return (Ignored(kind="business_connection"),)
