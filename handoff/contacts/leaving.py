"""A customer asks what is held of him, or to be forgotten: over everything that holds something (core/personal_data.py)."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import UserMistake
from core.models import Contact, StoredFile
from core.personal_data import Holder, Person
from handoff.contacts.knowing import conversations_of, load_contact, tell_of
from handoff.contacts.personal_data import files_of


async def person_of(session: AsyncSession, contact_id: int, *, at: datetime) -> Person:
    """Raises `NotFound`."""
    contact = await load_contact(session, contact_id)
    conversations = await conversations_of(session, contact_id)
    return Person(
        contact_id=contact.id,
        account_id=contact.account_id,
        external_id=contact.external_id,
        conversation_ids=[one.id for one in conversations],
        threads=[one.thread for one in conversations],
        at=at,
    )


async def export_person(session: AsyncSession, person: Person, holders: Sequence[Holder]) -> dict[str, Any]:
    """Everything held of him, by topic; `files` tells the copies of attachments, without their content."""
    found: dict[str, Any] = {"exported_at": person.at.isoformat()}
    for holder in holders:
        found |= await holder.collect(session, person)
    found["files"] = [
        {"path": _path(file), "name": file.name, "media_type": file.media_type, "size_bytes": len(file.content)}
        for file in await files_of(session, person)
    ]
    return found


async def export_archive(session: AsyncSession, person: Person, holders: Sequence[Holder]) -> bytes:
    """The same as `customer.json` in a zip archive, with the files themselves beside it."""
    found = await export_person(session, person, holders)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writing:
        writing.writestr("customer.json", json.dumps(found, ensure_ascii=False, indent=2))
        for file in await files_of(session, person):
            writing.writestr(_path(file), file.content)
    return archive.getvalue()


def _path(file: StoredFile) -> str:
    """Nothing of a customer's file name but its ending, so that it cannot leave the folder it is unpacked to."""
    ending = file.name.rpartition(".")[2] if "." in file.name else ""
    return f"files/{file.digest}" + (f".{ending}" if ending.isascii() and ending.isalnum() else "")


def words_to_type(contact: Contact) -> str:
    """What has to be typed before he is erased."""
    return contact.name.strip() or contact.handle or str(contact.id)


async def erase_person(
    session: AsyncSession, contact_id: int, *, confirm: str, holders: Sequence[Holder], at: datetime
) -> Person:
    """Raises `UserMistake` unless `confirm` is his name (his handle, his number), and `NotFound`."""
    contact = await load_contact(session, contact_id)
    if confirm.strip().casefold() != words_to_type(contact).casefold():
        raise UserMistake("confirm: type the customer's name exactly as it is shown.")
    person = await person_of(session, contact_id, at=at)
    await tell_of(session, contact_id)
    for holder in holders:
        await holder.erase(session, person)
    return person
