"""What platforms tell us of our own messages: echoes with our key, delivered, read."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Delivery, DeliveryState
from bot.threads import find_conversation
from core.database import announce
from core.inbound import Receipt, ReceiptKind
from core.messages import MessageState
from core.models import Account, Message
from handoff.cases import load

_STEPS: Final = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)
"""States only move forward: a late `delivered` never overwrites `read` (CHANNELS.md bug 36)."""

_NOT_READ: Final = (
    MessageState.PENDING,
    MessageState.SENDING,
    MessageState.IN_DOUBT,
    MessageState.SENT,
    MessageState.DELIVERED,
)
_MOST_IDS: Final = 500
"""A receipt that names more is read by its last ones and its watermark."""


def move_forward(message: Message, state: MessageState) -> bool:
    """True if the message was before that state on the way sent → delivered → read."""
    if message.state not in _STEPS or _STEPS.index(message.state) >= _STEPS.index(state):
        return False
    message.state = state
    return True


async def match_own_delivery(
    session: AsyncSession, account_id: int, *, external_id: str, at: datetime, key: str | None = None
) -> Message | None:
    """The message of ours with this platform id or delivery key, or None.

    An echo may come before the answer of the send call, or instead of it: the doubt is then settled here, as of `at`.
    """
    found = await _place_of(session, account_id, Delivery.external_id == external_id)
    if found is None and key is not None:
        found = await _place_of(session, account_id, Delivery.key == key)
    if found is None:
        return None
    delivery_id, message_id, conversation_id = found
    await load(session, conversation_id)  # locked before it is read: the call's own end is written meanwhile
    delivery = await session.get_one(Delivery, delivery_id, populate_existing=True)
    message = await session.get_one(Message, message_id, populate_existing=True)
    if delivery.state != DeliveryState.SENT and delivery.attempts > 0:
        delivery.state, delivery.external_id, delivery.accepted_at = DeliveryState.SENT, external_id, at
        if message.state != MessageState.SENDING:  # a call under way finishes it by itself
            message.state, message.error, message.next_attempt_at = MessageState.PENDING, None, None
    return message


async def _place_of(session: AsyncSession, account_id: int, which: ColumnElement[bool]) -> tuple[int, int, int] | None:
    """(delivery, message, conversation) of ours, not read into the session yet."""
    rows = await session.execute(
        select(Delivery.id, Message.id, Message.conversation_id)
        .join(Message, Message.id == Delivery.message_id)
        .where(Delivery.account_id == account_id, which)
        .limit(1)
    )
    found = rows.first()
    return None if found is None else (found[0], found[1], found[2])


async def absorb_receipt(session: AsyncSession, account: Account, receipt: Receipt) -> str:
    conversation = await find_conversation(session, account, receipt.thread)
    if conversation is None:
        return f"{receipt.kind}_of_unknown_conversation"
    state = MessageState.DELIVERED if receipt.kind == ReceiptKind.DELIVERED else MessageState.READ
    # A watermark is the platform's time of a message, which lies between our beginning the call and our hearing of it.
    reached: ColumnElement[bool] = Delivery.external_id.in_(receipt.external_ids[-_MOST_IDS:])
    if receipt.watermark is not None:
        reached = or_(reached, Delivery.sending_at <= receipt.watermark)
    rows = await session.execute(
        select(Message, Delivery)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(
            Message.conversation_id == conversation.id,
            Message.state.in_(_NOT_READ),
            Delivery.state.in_((DeliveryState.SENDING, DeliveryState.SENT)),
            reached,
        )
        .order_by(Message.id, Delivery.position)
    )
    moved = [_mark(message, delivery, state) for message, delivery in rows]
    if any(moved):
        announce(session, "conversation", conversation.id)
    return f"receipt_{receipt.kind}"


def _mark(message: Message, delivery: Delivery, state: MessageState) -> bool:
    """The receipt may be quicker than our own record of the send: then it is kept for when that is written."""
    if delivery.reached != MessageState.READ:
        delivery.reached = state
    return move_forward(message, state)
