"""A link with which somebody sets his password once: made by an administrator, kept as a digest, gone after a day."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import digest_of
from core.errors import NotFound
from core.models import User
from core.sign_in_models import PasswordLink

LIVES: Final = timedelta(hours=24)


async def make_password_link(session: AsyncSession, user: User, *, at: datetime) -> tuple[str, datetime]:
    """The token of `/password?token=…` and when it lapses; earlier links of the user end. Raises `NotFound`."""
    if not user.active:
        raise NotFound("There is no such active user.")
    token = secrets.token_urlsafe(32)
    await session.execute(
        delete(PasswordLink).where((PasswordLink.user_id == user.id) | (PasswordLink.expires_at < at))
    )
    session.add(PasswordLink(digest=digest_of(token), user_id=user.id, expires_at=at + LIVES))
    return token, at + LIVES


async def user_of_link(session: AsyncSession, token: str, *, at: datetime) -> User | None:
    """Whose password it sets; None for a wrong, used or lapsed one, or a user who is out."""
    link = await session.get(PasswordLink, digest_of(token))
    user = None if link is None or link.expires_at <= at else await session.get(User, link.user_id)
    return user if user is not None and user.active else None


async def use_password_link(session: AsyncSession, token: str, *, at: datetime) -> User:
    """It is used up with this transaction. Raises `NotFound`."""
    user = await user_of_link(session, token, at=at)
    deleted = await session.execute(delete(PasswordLink).where(PasswordLink.digest == digest_of(token)))
    if user is None or not isinstance(deleted, CursorResult) or deleted.rowcount != 1:
        raise NotFound("This link is not valid.")
    return user
