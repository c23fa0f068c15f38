"""Export shows everything that is held of a customer; erasing leaves nothing of it, and the figures as they were."""

import asyncio
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKeyConstraint, func, select, update

from bot.models import InboxItem
from bot.personal_data import HOLDERS
from bot.tables import all_tables
from core.database import Database
from core.messages import ConversationStatus
from core.models import AuditEntry, Contact, Conversation, Message, StoredFile
from core.roles import GRANTS, Permission, Role
from metrics.recorded import recorded_report
from tests.handoff.conftest import Desk, customer_message
from tests.handoff.contacts.conftest import CANARY, DIGEST, know_everything

PARENTS = {"contacts", "conversations", "messages", "cases"}


def test_every_table_with_something_of_a_customer_is_answered_for() -> None:
    """A new table that points at one of these has to be added to its package's holder."""
    held = frozenset().union(*(holder.tables for holder in HOLDERS))
    pointing = {
        table.name
        for table in all_tables().tables.values()
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name in PARENTS
    }
    assert pointing | {"contacts", "inbox", "webhook_calls"} <= held
    assert held <= set(all_tables().tables)


async def test_the_export_holds_every_word_and_the_archive_the_files_too(desk: Desk) -> None:
    manager = await desk.person(Role.MANAGER)
    known = await know_everything(desk, manager)
    other = await desk.conversation(texts=("I am somebody else",))
    answer = await manager.http.get(f"/api/v1/contacts/{known.contact_id}/export")
    found = answer.json()
    assert found["contact"][0]["name"] == f"Olha {CANARY}"
    held = frozenset().union(*(holder.tables for holder in HOLDERS)) - {"contacts", "case_routes"}
    assert {table for table in held if not found.get(table)} == set()
    assert "somebody else" not in answer.text
    assert str(other) not in [str(one["id"]) for one in found["conversations"]]
    archive = await manager.http.get(f"/api/v1/contacts/{known.contact_id}/export", params={"format": "zip"})
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        assert sorted(opened.namelist()) == ["customer.json", f"files/{DIGEST}.png"]
        assert json.loads(opened.read("customer.json"))["messages"] == found["messages"]
        assert opened.read(f"files/{DIGEST}.png") == CANARY.encode()


async def test_after_erasing_his_words_are_in_no_row_and_in_no_byte_of_the_database(
    desk: Desk, database: Database
) -> None:
    """Canaries among hundreds of other rows, some of them edited, so that pages have been split and cells moved."""
    admin = await desk.person(Role.ADMIN)
    known = await know_everything(desk, admin)
    other = await desk.conversation(texts=("untouched words",))
    await fill(desk, known.conversation_id, other)
    assert places_of(CANARY, database), "the canary must be there to begin with"
    answer = await admin.http.post(f"/api/v1/contacts/{known.contact_id}/erase", json={"confirm": f"olha {CANARY} "})
    assert answer.status_code == 204, answer.text
    assert places_of(CANARY, database) == []
    async with database.read() as session:
        for table in all_tables().sorted_tables:
            rows = (await session.execute(select(table))).all()
            assert CANARY not in str(rows), table.name
        assert await session.get(StoredFile, DIGEST) is None
        untouched = select(func.count()).select_from(Message).where(Message.conversation_id == other)
        assert await session.scalar(untouched) == 301
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "contact.erased"))
    assert entry is not None
    assert entry.subject == f"contact {known.contact_id}"
    assert (await admin.http.get(f"/api/v1/contacts/{known.contact_id}")).status_code == 404


async def fill(desk: Desk, *conversations: int) -> None:
    """Three hundred messages each, in turn, the person's with the canary and later changed to be longer."""
    for start in range(0, 300, 20):
        async with desk.database.write() as session:
            rows = [await session.get_one(Conversation, one) for one in conversations]
            for number in range(start, start + 20):
                for conversation in rows:
                    word = CANARY if conversation.id == conversations[0] else "plain"
                    session.add(customer_message(conversation, f"{word} {number} " * (number % 90), at=desk.clock()))
    async with desk.database.write() as session:
        grown = update(Message).where(Message.conversation_id == conversations[0], Message.id % 3 == 0)
        await session.execute(grown.values(text=Message.text + f" and {CANARY} again" * 20))


def places_of(word: str, database: Database) -> list[str]:
    """The files of the database, its log included, in which the word stands."""
    path = Path(str(database.url.database))
    return [one.name for one in path.parent.glob(f"{path.name}*") if word.encode() in one.read_bytes()]


async def test_the_figures_of_reports_are_the_same_without_him(desk: Desk, database: Database) -> None:
    admin = await desk.person(Role.ADMIN)
    known = await know_everything(desk, admin)
    await admin.http.post(f"/api/v1/conversations/{known.conversation_id}/resolve")
    now = desk.clock.forward(hours=1)

    async def report() -> Any:
        return await recorded_report(database, since=now - timedelta(days=2), until=now, now=now, channel=None)

    before = await report()
    await admin.http.post(f"/api/v1/contacts/{known.contact_id}/erase", json={"confirm": f"Olha {CANARY}"})
    assert await report() == before


async def test_a_name_that_is_not_typed_right_erases_nothing(desk: Desk) -> None:
    admin = await desk.person(Role.ADMIN)
    known = await know_everything(desk, admin)
    for confirm in ("", "Olha", "yes", str(known.contact_id)):
        refused = await admin.http.post(f"/api/v1/contacts/{known.contact_id}/erase", json={"confirm": confirm})
        assert refused.status_code == 422
    async with desk.database.read() as session:
        assert (await session.get_one(Contact, known.contact_id)).name == f"Olha {CANARY}"


async def test_a_file_that_somebody_else_has_too_stays(desk: Desk) -> None:
    admin = await desk.person(Role.ADMIN)
    known = await know_everything(desk, admin)
    other = await desk.conversation()
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, other)
        shared = [{"kind": "picture", "stored": DIGEST}]
        session.add(customer_message(conversation, "The same picture", at=desk.clock(), attachments=shared))
    await admin.http.post(f"/api/v1/contacts/{known.contact_id}/erase", json={"confirm": f"Olha {CANARY}"})
    async with desk.database.read() as session:
        assert await session.get(StoredFile, DIGEST) is not None


async def test_a_dead_letter_of_somebody_else_stays_as_it_is(desk: Desk) -> None:
    admin = await desk.person(Role.ADMIN)
    known = await know_everything(desk, admin, thread="77")
    async with desk.database.write() as session:
        letter = InboxItem(
            account_id=desk.account_id, dedup_key="x", received_at=desk.clock(), body='{"from": 177, "n": [770]}'
        )
        session.add(letter)
    await admin.http.post(f"/api/v1/contacts/{known.contact_id}/erase", json={"confirm": f"Olha {CANARY}"})
    async with desk.database.read() as session:
        assert (await session.get_one(InboxItem, letter.id)).body == '{"from": 177, "n": [770]}'


async def test_erased_twice_at_the_same_moment_is_done_once(desk: Desk) -> None:
    admin = await desk.person(Role.ADMIN)
    known = await know_everything(desk, admin)
    address, confirm = f"/api/v1/contacts/{known.contact_id}/erase", {"confirm": f"Olha {CANARY}"}
    answers = await asyncio.gather(*(admin.http.post(address, json=confirm) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404]
    async with desk.database.read() as session:
        conversation = await session.get_one(Conversation, known.conversation_id)
    assert (conversation.status, conversation.assignee_id) == (ConversationStatus.RESOLVED, None)


@pytest.mark.parametrize("role", Role)
async def test_export_and_erasing_are_for_those_who_may(desk: Desk, role: Role) -> None:
    admin, person = await desk.person(Role.ADMIN), await desk.person(role)
    known = await know_everything(desk, admin)
    may = Permission.MANAGE_CONTACTS in GRANTS[role]
    export = await person.http.get(f"/api/v1/contacts/{known.contact_id}/export")
    erased = await person.http.post(f"/api/v1/contacts/{known.contact_id}/erase", json={"confirm": f"Olha {CANARY}"})
    assert (export.status_code, erased.status_code) == ((200, 204) if may else (403, 403))
