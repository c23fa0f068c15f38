"""REST: the entries of the knowledge base. Everybody who is signed in reads; editors, managers and admins write."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.roles import Actor, Permission
from knowledge_base import screen_api
from knowledge_base.entries import create_entry, delete_entry, list_entries, read_entry, replace_entry
from knowledge_base.models import EntryStatus
from knowledge_base.pictures import read_picture, store_picture
from knowledge_base.shapes import ChangedEntry, EntryItem, EntryList, NewEntry, StoredPicture, content_of, item_of

_PAGE = 200
_LONGEST_PAGE = 1_000


def create_router(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    """`/knowledge/…`, to be mounted under `/api/v1`."""
    router = APIRouter(prefix="/knowledge", tags=["knowledge"])
    router.include_router(screen_api.create_router(database=database, clock=clock, access=access))
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
        return EntryList(items=[item_of(entry) for entry in found[:limit]], next=following)

    @router.post("/entries", status_code=HTTPStatus.CREATED)
    async def create(new: NewEntry, actor: Editor) -> EntryItem:
        now = clock()
        async with database.write() as session:
            created = await create_entry(session, content_of(new.id, new), now=now, by=actor.id)
            record(session, actor, "entry.created", at=now, subject=created.content.id)
        return item_of(created)

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
            return item_of(await read_entry(session, entry_id))

    @router.put("/entries/{entry_id:path}")
    async def replace(entry_id: str, changed: ChangedEntry, actor: Editor) -> EntryItem:
        now = clock()
        async with database.write() as session:
            content = content_of(entry_id, changed)
            stored = await replace_entry(session, content, now=now, version=changed.version, by=actor.id)
            if stored.updated_at == now:
                details = {"version": stored.version, "status": stored.content.status}
                record(session, actor, "entry.changed", at=now, subject=stored.content.id, details=details)
        return item_of(stored)

    @router.delete("/entries/{entry_id:path}", status_code=HTTPStatus.NO_CONTENT)
    async def delete(entry_id: str, actor: Editor, version: int | None = None) -> None:
        now = clock()
        async with database.write() as session:
            await delete_entry(session, entry_id, now=now, version=version, by=actor.id)
            record(session, actor, "entry.deleted", at=now, subject=entry_id)

    return router
