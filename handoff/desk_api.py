"""REST that the desk's screen needs beside the conversations themselves: threads at once, drafts, canned replies."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import UserMistake
from core.identity import Identity
from core.models import User
from core.roles import Actor, Permission
from handoff import cases
from handoff.canned import delete_canned, list_canned, save_canned
from handoff.listing import count_conversations
from handoff.models import CannedReply
from handoff.presence import Presence
from handoff.reading import read_conversation
from handoff.routing.placing import transfer_to_team
from handoff.shapes import AgentList, ConversationDetail, Counts, DraftItem, Thread, UserName
from handoff.threads import keep_draft, mark_read, read_thread, set_tags
from handoff.writing import LONGEST_TEXT


class NewDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=LONGEST_TEXT)
    note: bool = False


class Tags(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tags: list[str] = Field(max_length=100)


class Transfer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user_id: int | None = None
    team_id: int | None = Field(default=None, ge=1, le=2**31 - 1)
    """Instead of an agent: into this team's queue."""
    version: int | None = None


class Sign(BaseModel):
    model_config = ConfigDict(extra="forbid")

    typing: bool = False
    leaving: bool = False


class PresentItem(BaseModel):
    id: int
    name: str
    typing: bool


class PresentList(BaseModel):
    items: list[PresentItem]


class NewCanned(BaseModel):
    """`texts` by language."""

    model_config = ConfigDict(extra="forbid")

    shortcut: str = Field(max_length=40)
    texts: dict[str, str]


class CannedItem(NewCanned):
    id: int


class CannedList(BaseModel):
    items: list[CannedItem]


Page = Annotated[int, Query(ge=1, le=200)]


def create_router(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    """To be mounted under `/api/v1`, before the routes with a conversation's id."""
    router = APIRouter()
    router.include_router(_threads(database=database, clock=clock, access=access))
    router.include_router(_canned(database=database, clock=clock, access=access))
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    @router.get("/agents", tags=["users"])
    async def agents(actor: Answering) -> AgentList:
        """Everybody who may answer, by name."""
        del actor
        async with database.read() as session:
            users = await session.scalars(select(User).where(User.active))
            names = [UserName(id=user.id, name=user.name or user.email) for user in users]
        return AgentList(items=sorted(names, key=lambda one: one.name.lower()))

    return router


def _threads(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/conversations", tags=["conversations"])
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type
    presence = Presence(database=database, clock=clock)

    @router.get("/counts")
    async def counts(actor: Answering) -> Counts:
        async with database.read() as session:
            return await count_conversations(session, reader=actor.id)

    @router.get("/{conversation_id}/thread")
    async def thread(conversation_id: Identity, actor: Answering, limit: Page = 50) -> Thread:
        """The conversation, its last messages and events, its cases and one's own draft."""
        async with database.read() as session:
            return await read_thread(session, conversation_id, reader=actor.id, limit=limit)

    @router.put("/{conversation_id}/draft")
    async def draft(conversation_id: Identity, new: NewDraft, actor: Answering) -> DraftItem:
        """What one has typed so far; an empty text forgets it."""
        async with database.write() as session:
            await keep_draft(session, conversation_id, user_id=actor.id, text=new.text, note=new.note, at=clock())
        return DraftItem(text=new.text, note=new.note)

    @router.put("/{conversation_id}/read", status_code=HTTPStatus.NO_CONTENT)
    async def read(conversation_id: Identity, actor: Answering) -> None:
        async with database.write() as session:
            await mark_read(session, conversation_id, user_id=actor.id)

    @router.put("/{conversation_id}/tags")
    async def tags(conversation_id: Identity, new: Tags, actor: Answering) -> ConversationDetail:
        async with database.write() as session:
            await set_tags(session, conversation_id, new.tags)
            await session.flush()
            return await read_conversation(session, conversation_id, reader=actor.id)

    @router.post("/{conversation_id}/transfer")
    async def transfer(conversation_id: Identity, body: Transfer, actor: Answering) -> ConversationDetail:
        """Make another agent the owner, or put it into a team's queue."""
        async with database.write() as session:
            await _transfer(session, conversation_id, actor, body, at=clock())
            await session.flush()
            return await read_conversation(session, conversation_id, reader=actor.id)

    @router.post("/{conversation_id}/presence")
    async def sign(conversation_id: Identity, body: Sign, actor: Answering) -> PresentList:
        """Tell that one looks, types or leaves; who else is there."""
        others = presence.sign(conversation_id, actor, typing=body.typing, leaving=body.leaving)
        return PresentList(items=[PresentItem(id=one.id, name=one.name, typing=one.typing) for one in others])

    @router.get("/{conversation_id}/presence")
    async def present(conversation_id: Identity, actor: Answering) -> PresentList:
        others = presence.others(conversation_id, actor)
        return PresentList(items=[PresentItem(id=one.id, name=one.name, typing=one.typing) for one in others])

    return router


async def _transfer(session: AsyncSession, conversation_id: int, actor: Actor, body: Transfer, *, at: datetime) -> None:
    if body.user_id is not None and body.team_id is None:
        await cases.transfer(session, conversation_id, actor, to=body.user_id, version=body.version, at=at)
    elif body.team_id is not None and body.user_id is None:
        await transfer_to_team(session, conversation_id, actor, team_id=body.team_id, version=body.version, at=at)
    else:
        raise UserMistake("Name either 'user_id' or 'team_id'.")


def _canned(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/canned-replies", tags=["canned replies"])
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type
    Editing = Annotated[Actor, Depends(access.require(Permission.EDIT_KNOWLEDGE))]  # noqa: N806 - a type

    @router.get("")
    async def list_all(actor: Answering) -> CannedList:
        del actor
        async with database.read() as session:
            return CannedList(items=[_canned_item(one) for one in await list_canned(session)])

    @router.post("", status_code=HTTPStatus.CREATED)
    async def create(new: NewCanned, actor: Editing) -> CannedItem:
        async with database.write() as session:
            record(session, actor, "canned.added", subject=new.shortcut, at=clock())
            return _canned_item(await save_canned(session, shortcut=new.shortcut, texts=new.texts))

    @router.put("/{reply_id}")
    async def replace(reply_id: Identity, new: NewCanned, actor: Editing) -> CannedItem:
        async with database.write() as session:
            record(session, actor, "canned.changed", subject=new.shortcut, at=clock())
            return _canned_item(await save_canned(session, shortcut=new.shortcut, texts=new.texts, reply_id=reply_id))

    @router.delete("/{reply_id}", status_code=HTTPStatus.NO_CONTENT)
    async def delete(reply_id: Identity, actor: Editing) -> None:
        async with database.write() as session:
            record(session, actor, "canned.removed", subject=str(reply_id), at=clock())
            await delete_canned(session, reply_id)

    return router


def _canned_item(reply: CannedReply) -> CannedItem:
    return CannedItem(id=reply.id, shortcut=reply.shortcut, texts=reply.texts)
