"""Users, their API tokens and the sessions of their browsers: the use cases, each on the caller's transaction."""

import re
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import SESSION_IDLE, digest_of
from core.errors import NotAllowed, NotFound, UserMistake
from core.models import ApiToken, BrowserSession, User
from core.roles import Actor, Role
from core.text import storable
from core.user_watch import users_changed

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?")
_LONGEST_NAME: Final = 200
_LONGEST_DEVICE: Final = 255
TOKEN_PREFIX: Final = "rd_"  # noqa: S105 - how a token begins, so that scanners find leaked ones


def valid_email(text: str) -> str:
    """The address in lower case. Raises `UserMistake` for anything that is not one."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email) or storable(email) != email or ".." in email:
        raise UserMistake("This is not an e-mail address.")
    return email


def valid_role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise UserMistake(f"A role is one of {', '.join(Role)}.") from error


async def add_user(
    session: AsyncSession, *, email: str, role: str, at: datetime, name: str = "", password_hash: str | None = None
) -> User:
    """A new active user; without a password only API tokens let him in. Raises `UserMistake`, also for a known address."""
    email, chosen, name = valid_email(email), valid_role(role), storable(name.strip())
    if len(name) > _LONGEST_NAME:
        raise UserMistake(f"A name has at most {_LONGEST_NAME} characters.")
    if await session.scalar(select(User.id).where(User.email == email)):
        raise UserMistake(f"There is a user {email} already.")
    user = User(email=email, role=chosen, name=name, password_hash=password_hash, active=True, created_at=at)
    session.add(user)
    await session.flush()
    return user


async def find_user(session: AsyncSession, email: str) -> User:
    """Raises `NotFound` for an unknown or deactivated user."""
    user = await session.scalar(select(User).where(User.email == storable(email.strip().lower()), User.active))
    if user is None:
        raise NotFound("There is no active user with this e-mail address.")
    return user


async def set_password(
    session: AsyncSession, user: User, password_hash: str, *, keep_cookie: str | None = None
) -> None:
    """Every log-in under the old password ends (FIGURES.md C, CVE-2021-3740), but for the one that changed it."""
    user.password_hash = password_hash
    await end_sessions(session, user.id, keep_cookie=keep_cookie)


async def make_token(session: AsyncSession, user_id: int, *, at: datetime) -> tuple[int, str]:
    """The new token's id and the token itself, which nobody can read again: `rd_` and 32 random bytes."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(user_id=user_id, digest=digest_of(secret), created_at=at)
    session.add(token)
    await session.flush()
    return token.id, secret


async def revoke_token(session: AsyncSession, token_id: int, *, actor: Actor, at: datetime) -> None:
    """Raises `NotFound`, or `NotAllowed` where it is somebody else's."""
    token = await session.get(ApiToken, token_id)
    if token is None or token.revoked_at is not None:
        raise NotFound("There is no such token.")
    if token.user_id != actor.id:
        raise NotAllowed("The token is somebody else's.")
    token.revoked_at = at
    await users_changed(session, actor.id)


async def change_person(session: AsyncSession, user: User, *, role: Role | None, name: str | None) -> None:
    """Another role or name. Raises `UserMistake` where the last administrator would become something else."""
    if role is not None and role != Role.ADMIN:
        await _insist_on_another_administrator(session, user)
    if role is not None:
        user.role = role
    if name is not None:
        user.name = storable(name).strip()
    await users_changed(session, user.id)


async def _insist_on_another_administrator(session: AsyncSession, user: User) -> None:
    others = select(func.count()).select_from(User).where(User.role == Role.ADMIN, User.active, User.id != user.id)
    if user.role == Role.ADMIN and not await session.scalar(others):
        raise UserMistake("The last administrator has to stay one.")


async def deactivate(session: AsyncSession, user: User, *, at: datetime) -> None:
    """He is out at once: log-ins end and tokens are revoked. Raises `UserMistake` for the last administrator."""
    others = select(func.count()).select_from(User).where(User.role == Role.ADMIN, User.active, User.id != user.id)
    if user.role == Role.ADMIN and not await session.scalar(others):
        raise UserMistake("The last administrator cannot be deactivated.")
    user.active = False
    await session.execute(
        update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None)).values(revoked_at=at)
    )
    await end_sessions(session, user.id)


async def start_session(session: AsyncSession, user_id: int, *, at: datetime, device: str = "") -> str:
    """The cookie of a new log-in, always a new random one; only its digest is kept. Lapsed log-ins are swept out."""
    cookie = secrets.token_urlsafe(32)
    await session.execute(delete(BrowserSession).where(BrowserSession.expires_at < at))
    session.add(
        BrowserSession(
            digest=digest_of(cookie),
            user_id=user_id,
            created_at=at,
            expires_at=at + SESSION_IDLE,
            device=storable(device)[:_LONGEST_DEVICE] or None,
        )
    )
    return cookie


async def end_session(session: AsyncSession, cookie: str) -> None:
    ended = await session.get(BrowserSession, digest_of(cookie))
    if ended is not None:
        await session.delete(ended)
        await users_changed(session, ended.user_id)


async def end_sessions(session: AsyncSession, user_id: int, *, keep_cookie: str | None = None) -> None:
    """Log out everywhere, but for the browser with that cookie."""
    ending = delete(BrowserSession).where(BrowserSession.user_id == user_id)
    if keep_cookie:
        ending = ending.where(BrowserSession.digest != digest_of(keep_cookie))
    await session.execute(ending)
    await users_changed(session, user_id)
