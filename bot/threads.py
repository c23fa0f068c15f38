"""Which conversation a platform's thread is; made when the customer writes for the first time."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.inbound import Sender
from core.languages import known_language
from core.models import Account, Contact, Conversation, Message
from core.text import storable

_NAME_LENGTH: Final = 255
_HAS_MESSAGE: Final = exists().where(
    Message.account_id == bindparam("account"), Message.external_id == bindparam("message")
)
_KNOWN: Final = (
    select(Conversation, Contact, _HAS_MESSAGE)
    .join(Contact, Contact.account_id == Conversation.account_id)
    .where(
        Conversation.account_id == bindparam("account"),
        Conversation.thread == bindparam("thread"),
        Contact.external_id == bindparam("sender"),
    )
    .with_for_update(of=Conversation)
)


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
) -> tuple[Conversation, Contact]:
    """The thread's conversation, locked, with the contact's name, handle and language brought up to date."""
    place = await _known(session, account, thread=thread, sender=sender, external_id=None)
    if place is None:
        return await _make(session, account, thread=thread, sender=sender, now=now)
    conversation, contact, _ = place
    _bring_up_to_date(contact, sender)
    return conversation, contact


async def place_of_message(
    session: AsyncSession, account: Account, *, thread: str, sender: Sender, external_id: str, now: datetime
) -> tuple[Conversation, Contact] | None:
    """As `conversation_with`, for a message that is new; None where we have it already."""
    place = await _known(session, account, thread=thread, sender=sender, external_id=external_id)
    repeated = place[2] if place is not None else await _has(session, account, external_id)
    if repeated:
        return None
    if place is None:
        return await _make(session, account, thread=thread, sender=sender, now=now)
    conversation, contact, _ = place
    _bring_up_to_date(contact, sender)
    return conversation, contact


async def _has(session: AsyncSession, account: Account, external_id: str) -> bool:
    return bool(await session.scalar(select(_HAS_MESSAGE), {"account": account.id, "message": external_id}))


async def _known(
    session: AsyncSession, account: Account, *, thread: str, sender: Sender, external_id: str | None
) -> tuple[Conversation, Contact, bool] | None:
    """Conversation and contact, and whether we have that message."""
    asked = {"account": account.id, "thread": thread, "sender": sender.id, "message": external_id}
    found = (await session.execute(_KNOWN, asked)).first()
    return None if found is None else (found[0], found[1], bool(found[2]))


async def _make(
    session: AsyncSession, account: Account, *, thread: str, sender: Sender, now: datetime
) -> tuple[Conversation, Contact]:
    """Whichever of the two is not there yet: a group's conversation may be older than the contact."""
    contact = await _contact(session, account, sender, now)
    conversation = await find_conversation(session, account, thread)
    if conversation is None:
        conversation = Conversation(
            account_id=account.id, contact_id=contact.id, thread=thread, created_at=now, last_message_at=now
        )
        session.add(conversation)
        await session.flush()
    return conversation, contact


async def _contact(session: AsyncSession, account: Account, sender: Sender, now: datetime) -> Contact:
    contact = await session.scalar(
        select(Contact).where(Contact.account_id == account.id, Contact.external_id == sender.id)
    )
    if contact is None:
        contact = Contact(account_id=account.id, external_id=sender.id, name="", created_at=now)
        contact.introduction_due_at = None if sender.name else now
        session.add(contact)
        if not sender.name:
            announce(session, "contact")
    _bring_up_to_date(contact, sender)
    await session.flush()
    return contact


def _bring_up_to_date(contact: Contact, sender: Sender) -> None:
    if sender.name:
        contact.name = storable(sender.name)[:_NAME_LENGTH]
    if sender.handle:
        contact.handle = storable(sender.handle)[:_NAME_LENGTH]
    contact.language = known_language(sender.language) or contact.language
