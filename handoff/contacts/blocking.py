"""Blocking a customer: what he writes is kept, and nobody is disturbed by it. The platforms know nothing of it."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Author, ConversationStatus, MessageState
from core.models import Contact, Conversation, Message
from core.roles import Actor
from handoff.cases import resolve
from handoff.contacts.knowing import conversations_of, tell_of


async def block(session: AsyncSession, contact: Contact, user: Actor, *, at: datetime) -> None:
    """His cases end, the bot forgets what it was about to answer. Raises `NotAllowed` where somebody else owns him."""
    if contact.blocked_at is not None:
        return
    contact.blocked_at = at
    for conversation in await conversations_of(session, contact.id):
        if conversation.status not in {ConversationStatus.BOT, ConversationStatus.RESOLVED}:
            await resolve(session, conversation.id, user, at=at)
        conversation.turn_due_at = conversation.burst_began_at = conversation.waiting_since = None
        conversation.version += 1  # an answer that is being thought of right now comes too late
        await session.execute(
            update(Message)
            .where(Message.conversation_id == conversation.id, Message.state == MessageState.RECEIVED)
            .values(state=MessageState.HANDLED)
        )
    await tell_of(session, contact.id)


async def unblock(session: AsyncSession, contact: Contact) -> None:
    """He is heard again from his next message on; what he wrote meanwhile shows as unread."""
    if contact.blocked_at is None:
        return
    contact.blocked_at = None
    for conversation in await conversations_of(session, contact.id):
        await _catch_up(session, conversation)
    await tell_of(session, contact.id)


async def _catch_up(session: AsyncSession, conversation: Conversation) -> None:
    latest = select(func.max(Message.at)).where(
        Message.conversation_id == conversation.id, Message.author == Author.CUSTOMER
    )
    wrote: datetime | None = await session.scalar(latest)
    if wrote is not None:
        conversation.last_customer_at = wrote
        conversation.last_message_at = max(conversation.last_message_at, wrote)
