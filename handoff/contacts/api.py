"""REST: customers, what is known of them, blocking, and the ways to see or lose everything that is held of one."""

import json
from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.identity import Identity
from core.personal_data import Holder
from core.roles import Actor, Permission
from core.sweeping import sweep
from handoff.contacts.blocking import block, unblock
from handoff.contacts.card import ContactCard, read_card
from handoff.contacts.knowing import (
    add_note,
    delete_note,
    field_names,
    load_contact,
    save_field_names,
    save_fields,
    set_timezone,
    tell_of,
)
from handoff.contacts.leaving import erase_person, export_archive, export_person, person_of


class Known(BaseModel):
    """What is not given stays."""

    model_config = ConfigDict(extra="forbid")

    timezone: str | None = Field(default=None, max_length=64)
    """Empty: not known."""
    fields: dict[str, str] = Field(default_factory=dict, max_length=100)
    """An empty value forgets the field."""


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=10_000)


class Erasure(BaseModel):
    model_config = ConfigDict(extra="forbid")

    confirm: str = Field(max_length=300)
    """The customer's name, typed; his handle or our number of him where he has none."""


class FieldNames(BaseModel):
    model_config = ConfigDict(extra="forbid")

    names: list[str] = Field(max_length=100)


class ExportFormat(StrEnum):
    JSON = "json"
    ZIP = "zip"


def create_router(*, database: Database, clock: Clock, access: Access, holders: Sequence[Holder]) -> APIRouter:
    """`/contacts`, `/contact-fields`, to be mounted under `/api/v1`."""
    router = APIRouter(tags=["contacts"])
    router.include_router(_cards(database=database, clock=clock, access=access))
    router.include_router(_leaving(database=database, clock=clock, access=access, holders=holders))
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type
    Editing = Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]  # noqa: N806 - a type

    @router.get("/contact-fields")
    async def read_names(actor: Answering) -> FieldNames:
        """What the administrators want to know of customers."""
        del actor
        async with database.read() as session:
            return FieldNames(names=await field_names(session))

    @router.put("/contact-fields")
    async def write_names(wanted: FieldNames, actor: Editing) -> FieldNames:
        async with database.write() as session:
            before = await field_names(session)
            names = await save_field_names(session, wanted.names)
            if names != before:
                details = {"names": [before, names]}
                record(session, actor, "contact_fields.changed", details=details, at=clock())
        return FieldNames(names=names)

    return router


def _cards(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/contacts/{contact_id}")
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    @router.get("")
    async def read(contact_id: Identity, actor: Answering) -> ContactCard:
        del actor
        async with database.read() as session:
            return await read_card(session, contact_id)

    @router.put("")
    async def write(contact_id: Identity, known: Known, actor: Answering) -> ContactCard:
        del actor
        async with database.write() as session:
            contact = await load_contact(session, contact_id)
            if known.timezone is not None:
                set_timezone(contact, known.timezone)
            await save_fields(session, contact_id, known.fields)
            await tell_of(session, contact_id)
            await session.flush()
            return await read_card(session, contact_id)

    @router.post("/notes", status_code=HTTPStatus.CREATED)
    async def note(contact_id: Identity, new: NewNote, actor: Answering) -> ContactCard:
        async with database.write() as session:
            await load_contact(session, contact_id)
            await add_note(session, contact_id, text=new.text, user=actor, at=clock())
            await tell_of(session, contact_id)
            return await read_card(session, contact_id)

    @router.delete("/notes/{note_id}", status_code=HTTPStatus.NO_CONTENT)
    async def forget_note(contact_id: Identity, note_id: Identity, actor: Answering) -> None:
        """One's own; anybody's for managers."""
        async with database.write() as session:
            await load_contact(session, contact_id)
            await delete_note(session, contact_id, note_id, user=actor)
            await tell_of(session, contact_id)

    @router.post("/block")
    async def stop_hearing(contact_id: Identity, actor: Answering) -> ContactCard:
        """His messages are kept; neither the bot nor the desk's list is disturbed. His platform knows nothing of it."""
        async with database.write() as session:
            await block(session, await load_contact(session, contact_id), actor, at=clock())
            record(session, actor, "contact.blocked", subject=f"contact {contact_id}", at=clock())
            await session.flush()
            return await read_card(session, contact_id)

    @router.post("/unblock")
    async def hear_again(contact_id: Identity, actor: Answering) -> ContactCard:
        async with database.write() as session:
            await unblock(session, await load_contact(session, contact_id))
            record(session, actor, "contact.unblocked", subject=f"contact {contact_id}", at=clock())
            await session.flush()
            return await read_card(session, contact_id)

    return router


def _leaving(*, database: Database, clock: Clock, access: Access, holders: Sequence[Holder]) -> APIRouter:
    router = APIRouter(prefix="/contacts/{contact_id}")
    Managing = Annotated[Actor, Depends(access.require(Permission.MANAGE_CONTACTS))]  # noqa: N806 - a type

    @router.get("/export", response_class=Response)
    async def export(contact_id: Identity, actor: Managing, format: ExportFormat = ExportFormat.JSON) -> Response:  # noqa: A002 - the address says it
        """Everything held of one customer, as JSON, or with his files as a zip archive."""
        async with database.write() as session:
            person = await person_of(session, contact_id, at=clock())
            if format is ExportFormat.ZIP:
                content, media_type = await export_archive(session, person, holders), "application/zip"
            else:
                found = await export_person(session, person, holders)
                content = json.dumps(found, ensure_ascii=False, indent=2).encode()
                media_type = "application/json"
            record(session, actor, "contact.exported", subject=f"contact {contact_id}", at=clock())
        headers = {"Content-Disposition": f'attachment; filename="customer-{contact_id}.{format}"'}
        return Response(content, media_type=media_type, headers=headers)

    @router.post("/erase", status_code=HTTPStatus.NO_CONTENT)
    async def erase(contact_id: Identity, erasure: Erasure, actor: Managing) -> None:
        """Everything that tells who he is goes for good; the figures of reports stay. It cannot be undone."""
        async with database.write() as session:
            await erase_person(session, contact_id, confirm=erasure.confirm, holders=holders, at=clock())
            record(session, actor, "contact.erased", subject=f"contact {contact_id}", at=clock())
        await sweep(database)

    return router
