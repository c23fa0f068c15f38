"""REST: outgoing webhooks and what became of their calls."""

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select

from core import audit
from core.access import Access
from core.clock import Clock
from core.database import Database
from core.errors import Conflict, NotFound
from core.identity import Identity
from core.roles import Actor, Permission
from core.vault import Vault
from handoff.webhooks.calling import enqueue
from handoff.webhooks.models import Webhook, WebhookCall
from handoff.webhooks.targets import check_url

_LOG: Final = 50


class NewWebhook(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=64)
    url: str = Field(max_length=2000)


class WebhookItem(NewWebhook):
    id: int


class MadeWebhook(WebhookItem):
    secret: str
    """Shown this once; it signs every body."""


class WebhookList(BaseModel):
    items: list[WebhookItem]


class CallItem(BaseModel):
    id: int
    state: str
    """`pending`, `delivered` or `failed`."""
    attempts: list[dict[str, Any]]
    """`{"at", "status", "error"}` each."""
    next_attempt_at: datetime
    created_at: datetime


class CallList(BaseModel):
    items: list[CallItem]


def create_router(*, database: Database, clock: Clock, access: Access, vault: Vault) -> APIRouter:
    """To be mounted under `/api/v1`."""
    router = APIRouter(prefix="/webhooks", tags=["webhooks"])
    Editing = Annotated[Actor, Depends(access.require(Permission.MANAGE_CHANNELS))]  # noqa: N806 - a type

    @router.get("")
    async def list_all(actor: Annotated[Actor, Depends(access.require(Permission.EDIT_BRAND))]) -> WebhookList:
        del actor
        async with database.read() as session:
            found = await session.scalars(select(Webhook).order_by(Webhook.name))
            return WebhookList(items=[WebhookItem(id=one.id, name=one.name, url=one.url) for one in found])

    @router.post("", status_code=HTTPStatus.CREATED)
    async def add(new: NewWebhook, actor: Editing) -> MadeWebhook:
        """Its secret is answered once and kept encrypted."""
        secret = secrets.token_hex(32)
        async with database.write() as session:
            if await session.scalar(select(Webhook.id).where(Webhook.name == new.name)) is not None:
                raise Conflict("Another webhook has this name.")
            webhook = Webhook(name=new.name, url=check_url(new.url), secret=vault.seal(secret), created_at=clock())
            session.add(webhook)
            await session.flush()
            audit.record(session, actor, "webhook.added", at=clock(), subject=webhook.name)
        return MadeWebhook(id=webhook.id, name=webhook.name, url=webhook.url, secret=secret)

    @router.delete("/{webhook_id}", status_code=HTTPStatus.NO_CONTENT)
    async def remove(webhook_id: Identity, actor: Editing) -> None:
        """What waits for it is not called any more."""
        async with database.write() as session:
            webhook = await session.get(Webhook, webhook_id)
            if webhook is None:
                raise NotFound("There is no such webhook.")
            await session.execute(delete(WebhookCall).where(WebhookCall.webhook_id == webhook_id))
            await session.delete(webhook)
            audit.record(session, actor, "webhook.removed", at=clock(), subject=webhook.name)

    @router.get("/{webhook_id}/calls")
    async def calls(webhook_id: Identity, actor: Editing) -> CallList:
        """The last fifty with every try, latest first."""
        del actor
        async with database.read() as session:
            query = select(WebhookCall).where(WebhookCall.webhook_id == webhook_id).order_by(WebhookCall.id.desc())
            found = await session.scalars(query.limit(_LOG))
            return CallList(items=[CallItem.model_validate(one, from_attributes=True) for one in found])

    @router.post("/{webhook_id}/test", status_code=HTTPStatus.CREATED)
    async def test(webhook_id: Identity, actor: Editing) -> CallItem:
        """Call it now, with a body that says that it is only a test."""
        async with database.write() as session:
            body = {"test": True, "by": actor.email, "at": clock().isoformat()}
            call = await enqueue(session, webhook_id, body, now=clock())
            await session.flush()
            return CallItem.model_validate(call, from_attributes=True)

    return router
