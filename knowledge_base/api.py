"""REST: the entries of the knowledge base. Everybody who is signed in reads; editors, managers and admins write."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from core.access import Access
from core.clock import Clock
from core.database import Database
from core.messages import Button
from core.roles import Actor, Permission
from knowledge_base.content import EntryContent, StoredEntry, Translation
from knowledge_base.entries import create_entry, delete_entry, list_entries, read_entry, replace_entry
from knowledge_base.models import EntryStatus
from knowledge_base.pictures import read_picture, store_picture

_PAGE = 200
_LONGEST_PAGE = 1_000


class ButtonBody(BaseModel):
    """With `url` it opens a page, with `payload` it comes back to the bot (`entry:ID` asks for that entry)."""

    model_config = ConfigDict(extra="forbid")

    title: str
    url: str | None = None
    payload: str | None = None


class TranslationBody(BaseModel):
    """An entry in one language; `picture` is the digest of a stored file."""

    model_config = ConfigDict(extra="forbid")

    question: str
    answer: str
    phrasings: list[str] = Field(default_factory=list)
    buttons: list[ButtonBody] = Field(default_factory=list)
    picture: str | None = None


class ChangedEntry(BaseModel):
    """The whole entry as it shall be; with `version`, only if nobody changed it since."""

    model_config = ConfigDict(extra="ignore")

    status: EntryStatus = EntryStatus.PUBLISHED
    tags: list[str] = Field(default_factory=list)
    translations: dict[str, TranslationBody]
    version: int | None = None


class NewEntry(ChangedEntry):
    id: str


class EntryItem(BaseModel):
    id: str
    status: EntryStatus
    tags: list[str]
    translations: dict[str, TranslationBody]
    version: int
    created_at: datetime
    updated_at: datetime


class EntryList(BaseModel):
    """`next` is the cursor of the following page, None on the last."""

    items: list[EntryItem]
    next: str | None


class StoredPicture(BaseModel):
    """`picture` is what an entry's translation refers to."""

    picture: str


def create_router(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    """`/knowledge/entries`, to be mounted under `/api/v1`."""
    router = APIRouter(prefix="/knowledge", tags=["knowledge"])
    Reader = Annotated[Actor, Depends(access.require(Permission.READ_KNOWLEDGE))]  # noqa: N806 - made from collaborators
    Editor = Annotated[Actor, Depends(access.require(Permission.EDIT_KNOWLEDGE))]  # noqa: N806 - the same

    @router.get("/entries")
    async def list_all(
        actor: Reader,
        status: EntryStatus | None = None,
        limit: Annotated[int, Query(ge=1, le=_LONGEST_PAGE)] = _PAGE,
        cursor: str = "",
    ) -> EntryList:
        """Entries by id."""
        del actor
        async with database.read() as session:
            found = await list_entries(session, status=status, after=cursor, limit=limit + 1)
        following = found[limit - 1].content.id if len(found) > limit else None
        return EntryList(items=[_item(entry) for entry in found[:limit]], next=following)

    @router.post("/entries", status_code=HTTPStatus.CREATED)
    async def create(new: NewEntry, actor: Editor) -> EntryItem:
        del actor
        async with database.write() as session:
            return _item(await create_entry(session, _content(new.id, new), now=clock()))

    @router.post("/pictures", status_code=HTTPStatus.CREATED)
    async def keep_picture(
        request: Request, actor: Editor, name: Annotated[str, Query(max_length=255)] = "picture"
    ) -> StoredPicture:
        """The bytes of a PNG or JPEG as the body; 422 for anything else."""
        del actor
        picture = read_picture(await request.body(), name=name)
        async with database.write() as session:
            await store_picture(session, picture, now=clock())
        return StoredPicture(picture=picture.digest)

    @router.get("/entries/{entry_id:path}")
    async def read(entry_id: str, actor: Reader) -> EntryItem:
        del actor
        async with database.read() as session:
            return _item(await read_entry(session, entry_id))

    @router.put("/entries/{entry_id:path}")
    async def replace(entry_id: str, changed: ChangedEntry, actor: Editor) -> EntryItem:
        del actor
        async with database.write() as session:
            content = _content(entry_id, changed)
            return _item(await replace_entry(session, content, now=clock(), version=changed.version))

    @router.delete("/entries/{entry_id:path}", status_code=HTTPStatus.NO_CONTENT)
    async def delete(entry_id: str, actor: Editor, version: int | None = None) -> None:
        del actor
        async with database.write() as session:
            await delete_entry(session, entry_id, version=version)

    return router


def _content(entry_id: str, body: ChangedEntry) -> EntryContent:
    return EntryContent(
        id=entry_id,
        status=body.status,
        tags=tuple(body.tags),
        translations={language: _translation(text) for language, text in body.translations.items()},
    )


def _translation(body: TranslationBody) -> Translation:
    return Translation(
        question=body.question,
        answer=body.answer,
        phrasings=tuple(body.phrasings),
        buttons=tuple(Button(title=one.title, payload=one.payload, url=one.url) for one in body.buttons),
        picture=body.picture or None,
    )


def _item(entry: StoredEntry) -> EntryItem:
    content = entry.content
    return EntryItem(
        id=content.id,
        status=content.status,
        tags=list(content.tags),
        translations={language: _body(text) for language, text in content.translations.items()},
        version=entry.version,
        created_at=entry.created_at,
        updated_at=entry.updated_at,
    )


def _body(text: Translation) -> TranslationBody:
    return TranslationBody(
        question=text.question,
        answer=text.answer,
        phrasings=list(text.phrasings),
        buttons=[ButtonBody(title=one.title, url=one.url, payload=one.payload) for one in text.buttons],
        picture=text.picture,
    )
