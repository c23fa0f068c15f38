"""The one-time link that lets the first administrator in; it works once, and only while there is no user."""

import secrets
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import digest_of
from core.errors import NotFound
from core.models import Preference, User

_KEY: Final = "setup_link"


async def has_users(session: AsyncSession) -> bool:
    return await session.scalar(select(User.id).limit(1)) is not None


async def make_setup_token(session: AsyncSession) -> str | None:
    """A new token for `/setup?token=…`, the earlier one ends; None once there is a user. Only its digest is kept."""
    if await has_users(session):
        return None
    token = secrets.token_urlsafe(32)
    await session.merge(Preference(key=_KEY, value=digest_of(token)))
    return token


async def is_setup_token(session: AsyncSession, token: str) -> bool:
    stored = await session.get(Preference, _KEY)
    right = stored is not None and secrets.compare_digest(str(stored.value), digest_of(token))
    return right and not await has_users(session)


async def use_setup_token(session: AsyncSession, token: str) -> None:
    """It is used up with this transaction. Raises `NotFound` for a wrong or used one."""
    if await is_setup_token(session, token):
        deleted = await session.execute(delete(Preference).where(Preference.key == _KEY))
        if isinstance(deleted, CursorResult) and deleted.rowcount == 1:  # two at once: one of them deletes it
            return
    raise NotFound("This set-up link is not valid.")
