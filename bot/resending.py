"""An agent's second thoughts: send a failed message again, or withdraw one that has not gone out yet."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Delivery, DeliveryState
from bot.outgoing import locked
from core.database import announce
from core.errors import Conflict, NotAllowed, NotFound
from core.messages import ACCEPTED_STATES, Author, MessageState
from core.models import Conversation, Message
from core.roles import Actor

_UNSETTLED: Final = (MessageState.FAILED, MessageState.IN_DOUBT)


async def send_again(session: AsyncSession, message: Message) -> None:
    """What of it did not surely arrive is tried anew, at once."""
    message.state, message.error, message.next_attempt_at, message.deadline = MessageState.PENDING, None, None, None
    message.attempts = max(message.attempts, 1)  # its calls may be planned already, see bot/outbox.py
    await session.execute(
        update(Delivery)
        .where(Delivery.message_id == message.id, Delivery.state.in_((DeliveryState.FAILED, DeliveryState.IN_DOUBT)))
        .values(state=DeliveryState.PENDING, error=None, attempts=0)
    )


async def retry(session: AsyncSession, conversation_id: int, message_id: int) -> None:
    """Send a failed or doubtful message again. Raises `NotFound`, or `Conflict` where it has not failed."""
    message, conversation = await _found(session, conversation_id, message_id)
    if message.state not in _UNSETTLED:
        raise Conflict("This message has not failed.")
    await send_again(session, message)
    announce(session, "outgoing", message.account_id)
    announce(session, "conversation", conversation.id)


async def withdraw(session: AsyncSession, conversation_id: int, message_id: int, *, user: Actor) -> None:
    """Forget one's own message that was not sent yet; the customer waits on as before.

    Raises `NotFound`, `NotAllowed` for somebody else's, `Conflict` where it is on its way already.
    """
    message, conversation = await _found(session, conversation_id, message_id)
    if message.author != Author.AGENT or message.user_id != user.id:
        raise NotAllowed("Only who wrote a message may withdraw it.")
    if message.state != MessageState.PENDING or message.attempts > 0 or message.next_attempt_at is None:
        raise Conflict("This message is on its way already.")
    await session.execute(delete(Message).where(Message.id == message.id))
    conversation.waiting_since = await _unanswered_since(session, conversation)
    announce(session, "conversation", conversation.id)


async def _unanswered_since(session: AsyncSession, conversation: Conversation) -> datetime | None:
    """The customer's first message after the last of ours that reached him."""
    ours = select(func.max(Message.at)).where(
        Message.conversation_id == conversation.id,
        Message.author != Author.CUSTOMER,
        Message.state.in_([*ACCEPTED_STATES, MessageState.PENDING, MessageState.SENDING]),
    )
    last = await session.scalar(ours)
    query = select(func.min(Message.at)).where(
        Message.conversation_id == conversation.id, Message.author == Author.CUSTOMER
    )
    return await session.scalar(query if last is None else query.where(Message.at > last))


async def _found(session: AsyncSession, conversation_id: int, message_id: int) -> tuple[Message, Conversation]:
    if await session.get(Message, message_id) is None:
        raise NotFound("There is no such message.")
    message, conversation = await locked(session, message_id)
    if conversation.id != conversation_id:
        raise NotFound("There is no such message.")
    return message, conversation
