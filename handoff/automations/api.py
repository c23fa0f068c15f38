"""REST: automations, tried on the past before they are switched on, and their runs."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.access import Access
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound
from core.identity import Identity
from core.models import Contact, Conversation
from core.roles import Actor, Permission
from handoff.automations.models import Automation, AutomationRun
from handoff.automations.occurrences import Occurrence, Windows
from handoff.automations.rules import Rule
from handoff.automations.running import dry_run, rule_of

_SHOWN: Final = 50


class NewAutomation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    rule: Rule


class Switch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    active: bool


class AutomationItem(NewAutomation):
    id: int
    active: bool


class AutomationList(BaseModel):
    items: list[AutomationItem]


class MatchItem(BaseModel):
    conversation_id: int
    contact: str
    at: datetime


class Matches(BaseModel):
    """`count` of all, the last fifty of them shown."""

    count: int
    items: list[MatchItem]


class RunItem(BaseModel):
    conversation_id: int
    occurrence: str
    at: datetime
    outcome: str


class RunList(BaseModel):
    items: list[RunItem]


Days = Annotated[float, Query(gt=0, le=90)]


def create_router(*, database: Database, clock: Clock, access: Access, windows: Windows) -> APIRouter:
    """To be mounted under `/api/v1`."""
    router = APIRouter(prefix="/automations", tags=["automations"])
    Editing = Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]  # noqa: N806 - a type

    @router.get("")
    async def list_all(actor: Editing) -> AutomationList:
        del actor
        async with database.read() as session:
            found = await session.scalars(select(Automation).order_by(Automation.id))
            return AutomationList(items=[_item(one) for one in found])

    @router.post("", status_code=HTTPStatus.CREATED)
    async def add(new: NewAutomation, actor: Editing) -> AutomationItem:
        """A new one is switched off."""
        async with database.write() as session:
            await _insist_on_free_name(session, new.name, None)
            automation = Automation(name=new.name, active=False, created_at=clock(), **_stored(new.rule))
            session.add(automation)
            await session.flush()
            audit.record(session, actor, "automation.added", at=clock(), subject=automation.name)
            return _item(automation)

    @router.post("/try")
    async def try_out(rule: Rule, actor: Editing, days: Days = 7) -> Matches:
        """Which past conversations would have set it off; nothing is done."""
        del actor
        async with database.read() as session:
            found = await dry_run(session, rule, days=days, now=clock(), windows=windows)
            return Matches(count=len(found), items=await _matches(session, found[:_SHOWN]))

    router.include_router(_one(database=database, clock=clock, access=access))
    return router


def _one(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/{automation_id}")
    Editing = Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]  # noqa: N806 - a type

    @router.put("")
    async def change(automation_id: Identity, new: NewAutomation, actor: Editing) -> AutomationItem:
        """Changing it switches it off: it is to be tried again."""
        async with database.write() as session:
            automation = await _find(session, automation_id)
            await _insist_on_free_name(session, new.name, automation.id)
            before = _item(automation).model_dump(mode="json")
            stored = _stored(new.rule)
            automation.name, automation.active, automation.active_since = new.name, False, None
            automation.trigger, automation.actions = stored["trigger"], stored["actions"]
            details = audit.difference(before, _item(automation).model_dump(mode="json"))
            audit.record(session, actor, "automation.changed", at=clock(), subject=automation.name, details=details)
            return _item(automation)

    @router.post("/switch")
    async def switch(automation_id: Identity, body: Switch, actor: Editing) -> AutomationItem:
        """What happened before it is switched on does not set it off."""
        async with database.write() as session:
            automation = await _find(session, automation_id)
            if automation.active != body.active:
                automation.active, automation.active_since = body.active, clock() if body.active else None
                what = "automation.switched_on" if body.active else "automation.switched_off"
                audit.record(session, actor, what, at=clock(), subject=automation.name)
            return _item(automation)

    @router.delete("", status_code=HTTPStatus.NO_CONTENT)
    async def remove(automation_id: Identity, actor: Editing) -> None:
        """Its runs stay on the audit log."""
        async with database.write() as session:
            automation = await _find(session, automation_id)
            await session.execute(delete(AutomationRun).where(AutomationRun.automation_id == automation_id))
            await session.delete(automation)
            audit.record(session, actor, "automation.removed", at=clock(), subject=automation.name)

    @router.get("/runs")
    async def runs(automation_id: Identity, actor: Editing) -> RunList:
        """The last fifty, latest first."""
        del actor
        async with database.read() as session:
            await _find(session, automation_id)
            query = select(AutomationRun).where(AutomationRun.automation_id == automation_id)
            found = await session.scalars(query.order_by(AutomationRun.id.desc()).limit(_SHOWN))
            return RunList(items=[RunItem.model_validate(one, from_attributes=True) for one in found])

    return router


async def _find(session: AsyncSession, automation_id: int) -> Automation:
    automation = await session.get(Automation, automation_id)
    if automation is None:
        raise NotFound("There is no such automation.")
    return automation


async def _insist_on_free_name(session: AsyncSession, name: str, own_id: int | None) -> None:
    other = await session.scalar(select(Automation.id).where(Automation.name == name))
    if other is not None and other != own_id:
        raise Conflict("Another automation has this name.")


def _stored(rule: Rule) -> dict[str, Any]:
    data = rule.model_dump(mode="json")
    return {"trigger": data["trigger"], "actions": data["actions"]}


def _item(automation: Automation) -> AutomationItem:
    return AutomationItem(id=automation.id, name=automation.name, active=automation.active, rule=rule_of(automation))


async def _matches(session: AsyncSession, found: list[Occurrence]) -> list[MatchItem]:
    rows = await session.execute(
        select(Conversation.id, Contact.name)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.id.in_({one.conversation_id for one in found}))
    )
    names = {row.id: row.name for row in rows}
    return [
        MatchItem(conversation_id=one.conversation_id, contact=names.get(one.conversation_id, ""), at=one.at)
        for one in found
    ]
