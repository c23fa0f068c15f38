"""REST that the knowledge screen needs beside the entries: versions, files in and out, what to mend, who asks in what."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import UserMistake
from core.preferences import load_brand
from core.problems import problem
from core.roles import Actor, Permission
from knowledge_base.checking import check
from knowledge_base.coverage import customers_by_language
from knowledge_base.entries import list_entries, restore_entry
from knowledge_base.history import list_versions
from knowledge_base.interchange.export_file import Format, export_text
from knowledge_base.interchange.faults import FileRefused
from knowledge_base.interchange.import_file import ImportPlan, import_file, plan_import, read_content
from knowledge_base.interchange.rows import KnowledgeFile
from knowledge_base.pictures import Picture
from knowledge_base.shapes import (
    Coverage,
    EntryItem,
    FindingItem,
    FindingList,
    ImportLook,
    PlannedChange,
    Restore,
    VersionItem,
    VersionList,
    item_of,
    plain_of,
)

_COUNTED_DAYS: Final = 90
_SHOWN_CHANGES: Final = 200
_MOST_FAULTS: Final = 200
_TYPES: Final[Mapping[Format, str]] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.YAML: "application/yaml; charset=utf-8",
    Format.JSON: "application/json",
}


def create_router(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    """To be mounted under `/knowledge`."""
    router = APIRouter()
    router.include_router(_versions(database=database, clock=clock, access=access))
    router.include_router(_files(database=database, clock=clock, access=access))
    Reader = Annotated[Actor, Depends(access.require(Permission.READ_KNOWLEDGE))]  # noqa: N806 - made from collaborators

    @router.get("/check")
    async def look_over(actor: Reader) -> FindingList:
        """What `kb check` finds, errors first."""
        del actor
        async with database.read() as session:
            entries = [entry.content for entry in await list_entries(session)]
            brand = await load_brand(session)
        findings = await asyncio.to_thread(check, entries, languages=brand.languages)
        return FindingList(items=[FindingItem.of(finding) for finding in findings])

    @router.get("/coverage")
    async def coverage(actor: Reader) -> Coverage:
        """How many customers wrote in each language lately: what a missing translation costs."""
        del actor
        async with database.read() as session:
            counted = await customers_by_language(session, since=clock() - timedelta(days=_COUNTED_DAYS))
            brand = await load_brand(session)
        return Coverage(days=_COUNTED_DAYS, languages=list(brand.languages), customers=counted)

    return router


def _versions(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter()
    Reader = Annotated[Actor, Depends(access.require(Permission.READ_KNOWLEDGE))]  # noqa: N806 - made from collaborators
    Editor = Annotated[Actor, Depends(access.require(Permission.EDIT_KNOWLEDGE))]  # noqa: N806 - the same

    @router.get("/history/{entry_id:path}")
    async def history(entry_id: str, actor: Reader) -> VersionList:
        """The latest hundred versions of an entry, newest first; also of one that was deleted."""
        del actor
        async with database.read() as session:
            return VersionList(items=[VersionItem.of(kept) for kept in await list_versions(session, entry_id)])

    @router.post("/restore/{entry_id:path}")
    async def restore(entry_id: str, wanted: Restore, actor: Editor) -> EntryItem:
        """Make the entry what it was in one of its versions."""
        now = clock()
        async with database.write() as session:
            restored = await restore_entry(session, entry_id, wanted.id, now=now, version=wanted.version, by=actor.id)
            record(session, actor, "entry.restored", at=now, subject=entry_id, details={"version": restored.version})
        return item_of(restored)

    return router


def _files(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter()
    Reader = Annotated[Actor, Depends(access.require(Permission.READ_KNOWLEDGE))]  # noqa: N806 - made from collaborators
    Editor = Annotated[Actor, Depends(access.require(Permission.EDIT_KNOWLEDGE))]  # noqa: N806 - the same

    @router.get("/export", response_class=Response)
    async def export(actor: Reader, format: Format = Format.CSV) -> Response:  # noqa: A002 - the address says it
        """All entries, drafts too; pictures are named by digest."""
        del actor
        text = await export_text(database, format)
        # Spreadsheets take a table for UTF-8 only when it begins with a byte order mark.
        content = text.encode("utf-8-sig" if format is Format.CSV else "utf-8")
        headers = {"Content-Disposition": f'attachment; filename="knowledge.{format}"'}
        return Response(content, headers=headers, media_type=_TYPES[format])

    @router.post("/import", response_model=ImportLook)
    async def take(
        request: Request,
        actor: Editor,
        name: Annotated[str, Query(max_length=255)],
        revision: Annotated[int | None, Query(ge=0)] = None,
    ) -> Any:
        """The file's bytes as the body. Without `revision`: what it would change. With the one that was answered then:
        take it, or 409 where the knowledge has changed since. A file with faults is refused whole, 422 with all lines.
        """
        body = await request.body()
        try:
            file = await asyncio.to_thread(_read, body, name)
            if revision is not None:
                counts = asdict(await import_file(database, file, clock=clock, by=actor.id, revision=revision))
                async with database.write() as session:
                    record(session, actor, "knowledge.imported", at=clock(), subject=name, details=counts)
                return ImportLook(taken=True, **counts)
            async with database.read() as session:
                return _look(await plan_import(session, file))
        except FileRefused as refused:
            errors = [{"field": str(fault.line), "message": fault.sentence} for fault in refused.faults[:_MOST_FAULTS]]
            return problem(refused.status, str(refused).partition("\n")[0], errors=errors)

    return router


def _read(content: bytes, name: str) -> KnowledgeFile:
    return read_content(content, name=name, open_picture=_no_picture)


def _no_picture(name: str) -> Picture:
    raise UserMistake(
        f"The picture '{name[:80]}' is not there: a file that is uploaded comes alone. Add the picture in the editor."
    )


def _look(plan: ImportPlan) -> ImportLook:
    changes = [
        PlannedChange(
            id=content.id,
            before=plain_of(plan.present[content.id].content) if content.id in plan.present else None,
            after=plain_of(content),
        )
        for content in plan.changes[:_SHOWN_CHANGES]
    ]
    return ImportLook(taken=False, revision=plan.revision, changes=changes, **asdict(plan.counts))
