"""What people write down about a customer: fields of their own, a time zone, notes. On the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.errors import NotAllowed, NotFound, UserMistake
from core.models import Contact, Conversation, Preference
from core.roles import Actor, Permission
from core.text import storable
from handoff.models import ContactField, ContactNote

_KEY: Final = "contact_fields"
_MOST_FIELDS: Final = 30
_LONGEST_NAME: Final = 40
_LONGEST_VALUE: Final = 2000
_LONGEST_NOTE: Final = 10_000


async def load_contact(session: AsyncSession, contact_id: int) -> Contact:
    """Locked until the transaction ends. Raises `NotFound`, also once he is erased."""
    contact: Contact | None = await session.scalar(select(Contact).where(Contact.id == contact_id).with_for_update())
    if contact is None or contact.erased_at is not None:
        raise NotFound("There is no such customer.")
    return contact


async def conversations_of(session: AsyncSession, contact_id: int) -> Sequence[Conversation]:
    """Latest first."""
    query = select(Conversation).where(Conversation.contact_id == contact_id)
    return (await session.scalars(query.order_by(Conversation.last_message_at.desc()))).all()


async def tell_of(session: AsyncSession, contact_id: int) -> None:
    """Let the desks read the customer's conversations again."""
    for conversation in await conversations_of(session, contact_id):
        announce(session, "conversation", conversation.id)


async def field_names(session: AsyncSession) -> list[str]:
    """What the administrators want to know of customers, in their order."""
    stored = await session.get(Preference, _KEY)
    return [] if stored is None else list(stored.value)


async def save_field_names(session: AsyncSession, names: Sequence[str]) -> list[str]:
    """Values under a name that is gone stay, and are shown where there are any. Raises `UserMistake`."""
    wanted = list(dict.fromkeys(" ".join(storable(name).split()) for name in names))
    if len(wanted) > _MOST_FIELDS or any(not 1 <= len(name) <= _LONGEST_NAME for name in wanted):
        raise UserMistake(f"names: at most {_MOST_FIELDS} names of 1 to {_LONGEST_NAME} characters.")
    await session.merge(Preference(key=_KEY, value=wanted))
    return wanted


async def save_fields(session: AsyncSession, contact_id: int, fields: Mapping[str, str]) -> None:
    """An empty value forgets the field, others stay. Raises `UserMistake` for a name that nobody made a field of."""
    known = set(await field_names(session))
    known |= set(await session.scalars(select(ContactField.name).where(ContactField.contact_id == contact_id)))
    for name, given in fields.items():
        value = storable(given).strip()
        if name not in known:
            raise UserMistake(f"fields: '{storable(name)[:_LONGEST_NAME]}' is not one of the customers' fields.")
        if len(value) > _LONGEST_VALUE:
            raise UserMistake(f"fields: a value has at most {_LONGEST_VALUE} characters.")
        await session.execute(
            delete(ContactField).where(ContactField.contact_id == contact_id, ContactField.name == name)
        )
        if value:
            session.add(ContactField(contact_id=contact_id, name=name, value=value))


def set_timezone(contact: Contact, timezone: str) -> None:
    """Empty: not known. Raises `UserMistake` for one that does not exist."""
    if timezone:
        try:
            ZoneInfo(timezone)
        except (ValueError, KeyError, OSError):
            raise UserMistake("timezone: is not a known time zone such as Europe/Kyiv.") from None
    contact.timezone = timezone or None


async def add_note(session: AsyncSession, contact_id: int, *, text: str, user: Actor, at: datetime) -> ContactNote:
    """Raises `UserMistake` for no words or too many."""
    text = storable(text).strip()
    if not 1 <= len(text) <= _LONGEST_NOTE:
        raise UserMistake(f"text: a note has 1 to {_LONGEST_NOTE} characters.")
    note = ContactNote(contact_id=contact_id, user_id=user.id, text=text, at=at)
    session.add(note)
    await session.flush()
    return note


async def delete_note(session: AsyncSession, contact_id: int, note_id: int, *, user: Actor) -> None:
    """One's own, or anybody's for those who may take over. Raises `NotFound`, `NotAllowed`."""
    note = await session.get(ContactNote, note_id)
    if note is None or note.contact_id != contact_id:
        raise NotFound("There is no such note.")
    if note.user_id != user.id and not user.may(Permission.TAKE_OVER):
        raise NotAllowed("Somebody else wrote this note.")
    await session.delete(note)
