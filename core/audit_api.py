"""REST: the audit log with its CSV twin, and the one table of roles, as the screens show them."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.access import Access
from core.audit import AuditFilter, as_csv, read_entries
from core.database import Database
from core.models import AuditEntry
from core.roles import GRANTS, Actor, Permission, Role

_MOST_OF_A_FILE: Final = 50_000


class AuditItem(BaseModel):
    id: int
    at: datetime
    who: str
    """His e-mail address then; empty: the product itself, or the command line."""
    action: str
    subject: str
    details: dict[str, Any]


class AuditList(BaseModel):
    items: list[AuditItem]
    next: int | None
    """The `before` of the page with older ones; null on the last."""


class AuditAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: str | None = Field(default=None, max_length=64)
    """A whole action such as `user.added`, or its topic such as `user`."""
    words: str | None = Field(default=None, max_length=100)
    """A part of who did it or of what it was done to."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int | None = Field(default=None, ge=1, le=2**31 - 1)
    limit: int = Field(default=100, ge=1, le=500)

    def filter(self) -> AuditFilter:
        return AuditFilter(**self.model_dump(exclude={"limit"}))


class PermissionItem(BaseModel):
    permission: Permission
    roles: list[Role]


class PermissionList(BaseModel):
    items: list[PermissionItem]


def create_router(*, database: Database, access: Access) -> APIRouter:
    """`/audit`, `/roles`, to be mounted under `/api/v1`."""
    router = APIRouter(tags=["audit"])
    Auditor = Annotated[Actor, Depends(access.require(Permission.READ_AUDIT))]  # noqa: N806 - a type
    SignedIn = Annotated[Actor, Depends(access.signed_in)]  # noqa: N806 - a type

    @router.get("/audit")
    async def list_entries(actor: Auditor, asked: Annotated[AuditAsked, Query()]) -> AuditList:
        """Who changed what, latest first."""
        del actor
        async with database.read() as session:
            found = await read_entries(session, asked.filter(), limit=asked.limit + 1)
        page = found[: asked.limit]
        return AuditList(items=[_item(entry) for entry in page], next=page[-1].id if len(found) > asked.limit else None)

    @router.get("/audit.csv", response_class=StreamingResponse)
    async def as_file(actor: Auditor, asked: Annotated[AuditAsked, Query()]) -> StreamingResponse:
        """The same as a file for spreadsheets, at most 50,000 lines."""
        del actor
        async with database.read() as session:
            found = await read_entries(session, asked.filter(), limit=_MOST_OF_A_FILE)
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        return StreamingResponse(as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/roles", tags=["users"])
    async def roles(actor: SignedIn) -> PermissionList:
        """Who may do what: the very table that every route asks."""
        del actor
        return PermissionList(
            items=[
                PermissionItem(permission=one, roles=[role for role in Role if one in GRANTS[role]])
                for one in Permission
            ]
        )

    return router


def _item(entry: AuditEntry) -> AuditItem:
    return AuditItem(
        id=entry.id,
        at=entry.at,
        who=entry.who,
        action=entry.action,
        subject=entry.subject,
        details=entry.details,
    )
