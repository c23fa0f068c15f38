"""REST: conversations, their messages and owners, live events, stored files, the brand (DESIGN.md section 4)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Access, credential_of
from core.audit import difference, record
from core.clock import Clock
from core.database import Database
from core.identity import Identity
from core.messages import AttachmentKind, ConversationStatus
from core.models import Conversation
from core.preferences import load_brand, save_brand
from core.roles import Actor, Permission
from core.text import storable
from core.vault import Vault
from handoff import cases, desk_api
from handoff.automations import api as automations_api
from handoff.automations.occurrences import Windows
from handoff.files import file_response
from handoff.hours import api as hours_api
from handoff.hours.brand_hours import check_brand_hours
from handoff.listing import Filter, Order, View, list_conversations
from handoff.live import Live
from handoff.reading import list_messages, read_conversation, read_message
from handoff.shapes import ConversationDetail, ConversationList, MessageItem, MessageList
from handoff.teams import api as teams_api
from handoff.uploads import MOST_FILES, read_upload, store_upload
from handoff.webhooks import api as webhooks_api
from handoff.writing import LONGEST_TEXT, write_message


class Seen(BaseModel):
    """`version`: the one the caller decided upon; another one now is answered 409."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = None


class Claim(Seen):
    force: bool = False
    """Take it over from another agent; for managers."""


class Snooze(Seen):
    until: AwareDatetime


class NewMessage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(default="", max_length=LONGEST_TEXT)
    files: list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(default=[], max_length=MOST_FILES)
    """What `POST files` answered; with them the text may be empty."""
    note: bool = False
    client_id: str | None = Field(default=None, pattern=r"^[\x20-\x7e]{1,64}$")
    hold_seconds: float = Field(default=0, ge=0, le=30)
    """How long it can still be withdrawn before it is sent."""


class StoredUpload(BaseModel):
    file: str
    """Its digest, to be named in a message's `files`."""
    kind: AttachmentKind
    media_type: str
    name: str
    size_bytes: int


Page = Annotated[int, Query(ge=1, le=200)]


class Wanted(BaseModel):
    """Which conversations, in which order, and where to go on."""

    view: View = View.ALL
    order: Order = Order.LATEST
    status: ConversationStatus | None = None
    channel: str | None = Field(default=None, pattern=r"^[a-z0-9_-]{1,32}$")
    language: str | None = Field(default=None, max_length=16)
    tag: str | None = Field(default=None, max_length=40)
    priority: int | None = Field(default=None, ge=0, le=2)
    """At least so urgent an open case."""
    search: str | None = Field(default=None, max_length=100)
    """A part of the customer's name or handle."""
    cursor: str | None = Field(default=None, max_length=300)
    limit: int = Field(default=50, ge=1, le=200)


Change = Callable[[AsyncSession], Awaitable[Conversation]]


def create_router(
    *, database: Database, clock: Clock, access: Access, live: Live, vault: Vault, windows: Windows
) -> APIRouter:
    """Everything for people answering, to be mounted under `/api/v1`."""
    router = APIRouter()
    router.include_router(desk_api.create_router(database=database, clock=clock, access=access))
    router.include_router(_conversations(database=database, clock=clock, access=access))
    router.include_router(_owning(database=database, clock=clock, access=access))
    router.include_router(_brand(database=database, clock=clock, access=access))
    router.include_router(hours_api.create_router(access=access))
    router.include_router(teams_api.create_router(database=database, clock=clock, access=access))
    router.include_router(webhooks_api.create_router(database=database, clock=clock, access=access, vault=vault))
    router.include_router(automations_api.create_router(database=database, clock=clock, access=access, windows=windows))
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    @router.get("/events", tags=["events"])
    async def events(
        request: Request, actor: Answering, last_id: Annotated[str | None, Query(max_length=64)] = None
    ) -> StreamingResponse:
        """Server-sent events: `hello`, then `conversation`, `message`, `knowledge` … with `{"id"}`: what to read again.

        `last_id`, or the header Last-Event-ID: what came after that event is told first.
        """

        async def still_welcome() -> bool:
            credential = credential_of(request)
            now = None if credential is None else await access.recognise(credential)
            return now is not None and now.id == actor.id and now.may(Permission.ANSWER)

        return StreamingResponse(
            live.stream(last_id=request.headers.get("last-event-id") or last_id, still_welcome=still_welcome),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @router.post("/files", tags=["files"], status_code=HTTPStatus.CREATED)
    async def keep_file(
        request: Request, actor: Answering, name: Annotated[str, Query(max_length=255)] = "file"
    ) -> StoredUpload:
        """A file to send, its bytes as the body; 422, with the reason, for what is too large or of no kind that is sent."""
        del actor
        upload = read_upload(await request.body(), name=name)
        async with database.write() as session:
            await store_upload(session, upload, at=clock())
        return StoredUpload(
            file=upload.digest,
            kind=upload.kind,
            media_type=upload.media_type,
            name=upload.name,
            size_bytes=len(upload.content),
        )

    @router.get("/files/{digest}", tags=["files"], response_class=Response)
    async def read_file(digest: str, actor: Answering) -> Response:
        del actor
        async with database.read() as session:
            return await file_response(session, digest)

    return router


def _conversations(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/conversations", tags=["conversations"])
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    @router.get("")
    async def list_all(actor: Answering, asked: Annotated[Wanted, Query()]) -> ConversationList:
        """Latest message first, or longest wait first."""
        search = None if asked.search is None else storable(asked.search)
        wanted = Filter(reader=actor.id, **(asked.model_dump() | {"search": search}))
        async with database.read() as session:
            return await list_conversations(session, wanted)

    @router.get("/{conversation_id}")
    async def read_one(conversation_id: Identity, actor: Answering) -> ConversationDetail:
        async with database.read() as session:
            return await read_conversation(session, conversation_id, reader=actor.id)

    @router.get("/{conversation_id}/messages")
    async def messages(
        conversation_id: Identity,
        actor: Answering,
        limit: Page = 50,
        before: Annotated[int | None, Query(ge=1)] = None,
    ) -> MessageList:
        """Oldest first: the last `limit`, or the last before the message `before`."""
        del actor
        async with database.read() as session:
            return await list_messages(session, conversation_id, limit=limit, before=before)

    @router.post("/{conversation_id}/messages", status_code=HTTPStatus.CREATED)
    async def write(conversation_id: Identity, new: NewMessage, actor: Answering, response: Response) -> MessageItem:
        """201; with a `client_id` that was written before, 200 and that message."""
        async with database.write() as session:
            written = await write_message(
                session,
                conversation_id,
                user=actor,
                text=new.text,
                files=new.files,
                note=new.note,
                client_id=new.client_id,
                hold=timedelta(seconds=new.hold_seconds),
                at=clock(),
            )
            if not written.created:
                response.status_code = HTTPStatus.OK
            return await read_message(session, written.message.id)

    return router


def _owning(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/conversations/{conversation_id}", tags=["conversations"])
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    async def change(conversation_id: int, actor: Actor, use_case: Change) -> ConversationDetail:
        async with database.write() as session:
            await use_case(session)
            await session.flush()
            return await read_conversation(session, conversation_id, reader=actor.id)

    @router.post("/claim")
    async def claim(conversation_id: Identity, actor: Answering, body: Claim | None = None) -> ConversationDetail:
        asked = body or Claim()
        return await change(
            conversation_id,
            actor,
            lambda session: cases.claim(
                session, conversation_id, actor, version=asked.version, force=asked.force, at=clock()
            ),
        )

    @router.post("/snooze")
    async def snooze(conversation_id: Identity, actor: Answering, body: Snooze) -> ConversationDetail:
        return await change(
            conversation_id,
            actor,
            lambda session: cases.snooze(
                session, conversation_id, actor, until=body.until, version=body.version, at=clock()
            ),
        )

    @router.post("/release")
    async def release(conversation_id: Identity, actor: Answering, body: Seen | None = None) -> ConversationDetail:
        version = None if body is None else body.version
        return await change(
            conversation_id,
            actor,
            lambda session: cases.release(session, conversation_id, actor, version=version, at=clock()),
        )

    @router.post("/resolve")
    async def resolve(conversation_id: Identity, actor: Answering, body: Seen | None = None) -> ConversationDetail:
        version = None if body is None else body.version
        return await change(
            conversation_id,
            actor,
            lambda session: cases.resolve(session, conversation_id, actor, version=version, at=clock()),
        )

    @router.post("/handback")
    async def hand_back(conversation_id: Identity, actor: Answering, body: Seen | None = None) -> ConversationDetail:
        version = None if body is None else body.version
        return await change(
            conversation_id,
            actor,
            lambda session: cases.hand_back(session, conversation_id, actor, version=version, at=clock()),
        )

    return router


def _brand(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/brand", tags=["brand"])
    Reading = Annotated[Actor, Depends(access.require(Permission.READ_BRAND))]  # noqa: N806 - a type
    Editing = Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]  # noqa: N806 - a type

    @router.get("")
    async def read_brand(actor: Reading) -> dict[str, Any]:
        del actor
        async with database.read() as session:
            return (await load_brand(session)).to_json()

    @router.put("")
    async def write_brand(changes: dict[str, Any], actor: Editing) -> dict[str, Any]:
        """Fields that are not given stay as they are."""
        async with database.write() as session:
            before = await load_brand(session)
            brand = before.with_changes(changes)
            check_brand_hours(brand)
            await save_brand(session, brand)
            if differs := difference(before.to_json(), brand.to_json()):
                record(session, actor, "brand.changed", details=differs, at=clock())
        return brand.to_json()

    return router
