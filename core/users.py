"""Users, their API tokens and their log-ins: the use cases, each on the caller's transaction."""

import re
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import SESSION_IDLE, actor_of, digest_of
from core.clock import Clock
from core.database import Database, announce
from core.errors import NotAllowed, NotFound, NotSignedIn, UserMistake
from core.models import ApiToken, BrowserSession, User
from core.passwords import Passwords
from core.roles import Actor, Role
from core.text import storable
from core.throttle import Throttle

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?")
_LONGEST_NAME: Final = 200
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


async def set_password(session: AsyncSession, user: User, password_hash: str) -> None:
    """Every log-in under the old password ends (FIGURES.md C, CVE-2021-3740)."""
    user.password_hash = password_hash
    await _end_sessions(session, user.id)


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
    announce(session, "user", actor.id)


async def change_person(session: AsyncSession, user: User, *, role: Role | None, name: str | None) -> None:
    """Another role or name. Raises `UserMistake` where the last administrator would become something else."""
    if role is not None and role != Role.ADMIN:
        await _insist_on_another_administrator(session, user)
    if role is not None:
        user.role = role
    if name is not None:
        user.name = storable(name).strip()
    announce(session, "user", user.id)


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
    await _end_sessions(session, user.id)


async def start_session(session: AsyncSession, user_id: int, *, at: datetime) -> str:
    """The cookie of a new log-in, always a new random one; only its digest is kept. Lapsed log-ins are swept out."""
    cookie = secrets.token_urlsafe(32)
    await session.execute(delete(BrowserSession).where(BrowserSession.expires_at < at))
    session.add(BrowserSession(digest=digest_of(cookie), user_id=user_id, created_at=at, expires_at=at + SESSION_IDLE))
    return cookie


async def end_session(session: AsyncSession, cookie: str) -> None:
    ended = await session.get(BrowserSession, digest_of(cookie))
    if ended is not None:
        await session.delete(ended)
        announce(session, "user", ended.user_id)


async def _end_sessions(session: AsyncSession, user_id: int) -> None:
    await session.execute(delete(BrowserSession).where(BrowserSession.user_id == user_id))
    announce(session, "user", user_id)


class LogIn:
    """Checks e-mail and password: equal answers and equal time for an unknown user, a wrong password and no password."""

    def __init__(self, *, database: Database, clock: Clock, passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._per_person = Throttle(clock=clock, tries=5)
        self._per_address = Throttle(clock=clock, tries=60)

    async def __call__(self, *, email: str, password: str, address: str, old_cookie: str | None) -> tuple[Actor, str]:
        """The user and the cookie of his new log-in; the browser's earlier one ends.

        `address` is where the request came from. Raises `NotSignedIn`, or `TooManyTries` after five tries a minute.
        """
        email = storable(email.strip().lower()[:255])
        self._per_address.count(address)
        self._per_person.count(f"{email} {address}")
        async with self._database.read() as session:
            user = await session.scalar(select(User).where(User.email == email, User.active))
        stored = None if user is None else user.password_hash
        if not await self._passwords.verify(password, stored) or user is None:
            raise NotSignedIn("E-mail address or password are not right.")
        self._per_person.forget(f"{email} {address}")
        async with self._database.write() as session:
            current = await session.get(User, user.id)
            if current is None or not current.active or current.password_hash != stored:
                raise NotSignedIn("E-mail address or password are not right.")
            if old_cookie:
                await end_session(session, old_cookie)
            return actor_of(current), await start_session(session, user.id, at=self._clock())
