"""Which conversation a platform's thread is; made when the customer writes for the first time."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.inbound import Sender
from core.languages import known_language
from core.models import Account, Contact, Conversation
from core.text import storable

_NAME_LENGTH: Final = 255


async def find_conversation(session: AsyncSession, account: Account, thread: str) -> Conversation | None:
    """The thread's conversation, locked until the transaction ends."""
    found: Conversation | None = await session.scalar(
        select(Conversation)
        .where(Conversation.account_id == account.id, Conversation.thread == thread)
        .with_for_update()
    )
    return found


async def conversation_with(
    session: AsyncSession, account: Account, *, thread: str, sender: Sender, now: datetime
) -> Conversation:
    """The thread's conversation, with the contact's name, handle and language brought up to date."""
    contact = await _contact(session, account, sender, now)
    conversation = await find_conversation(session, account, thread)
    if conversation is None:
        conversation = Conversation(
            account_id=account.id, contact_id=contact.id, thread=thread, created_at=now, last_message_at=now
        )
        session.add(conversation)
        await session.flush()
    return conversation


async def _contact(session: AsyncSession, account: Account, sender: Sender, now: datetime) -> Contact:
    contact = await session.scalar(
        select(Contact).where(Contact.account_id == account.id, Contact.external_id == sender.id)
    )
    if contact is None:
        contact = Contact(account_id=account.id, external_id=sender.id, name="", created_at=now)
        contact.introduction_due_at = None if sender.name else now
        session.add(contact)
        announce(session, "contact")
    if sender.name:
        contact.name = storable(sender.name)[:_NAME_LENGTH]
    if sender.handle:
        contact.handle = storable(sender.handle)[:_NAME_LENGTH]
    contact.language = known_language(sender.language) or contact.language
    await session.flush()
    return contact
