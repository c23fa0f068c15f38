"""Who is asking: the signed-in user of a request, by session cookie or `Authorization: Bearer`."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from fastapi import Request, Response
from sqlalchemy import select, update

from core.clock import Clock
from core.database import Database
from core.errors import NotAllowed, NotSignedIn
from core.models import ApiToken, BrowserSession, User
from core.roles import Actor, Permission, Role

SESSION_IDLE: Final = timedelta(days=14)
SESSION_LONGEST: Final = timedelta(days=90)
_EXTEND_EVERY: Final = timedelta(days=1)
_COOKIE: Final = "replydesk_session"
_SECURE_COOKIE: Final = "__Host-replydesk_session"  # a browser takes this name over https only (ASVS 3.3.1)
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a request showed: the digest of its API token or of its session cookie."""

    kind: Literal["token", "session"]
    digest: str


class Access:
    """Identifies requests. `public_url` is the address browsers use; None where only our own host name is known."""

    def __init__(self, *, database: Database, clock: Clock, public_url: str | None) -> None:
        self._database = database
        self._clock = clock
        self._public_origin = _origin(public_url) if public_url else None

    async def identify(self, request: Request) -> Actor | None:
        """The active user behind the request, or None. A token that is shown decides alone, the cookie is then ignored."""
        credential = credential_of(request)
        return None if credential is None else await self.recognise(credential)

    async def recognise(self, credential: Credential) -> Actor | None:
        """The active user whose credential it is, or None where it was revoked, has lapsed or never was."""
        if credential.kind == "token":
            async with self._database.read() as session:
                user = await session.scalar(
                    select(User)
                    .join(ApiToken, ApiToken.user_id == User.id)
                    .where(ApiToken.digest == credential.digest, ApiToken.revoked_at.is_(None), User.active)
                )
            return None if user is None else actor_of(user)
        return await self._recognise_session(credential.digest)

    async def _recognise_session(self, digest: str) -> Actor | None:
        now = self._clock()
        async with self._database.read() as session:
            row = (
                await session.execute(
                    select(User, BrowserSession.expires_at)
                    .join(BrowserSession, BrowserSession.user_id == User.id)
                    .where(
                        BrowserSession.digest == digest,
                        BrowserSession.expires_at > now,
                        BrowserSession.created_at > now - SESSION_LONGEST,
                        User.active,
                    )
                )
            ).one_or_none()
        if row is None:
            return None
        if row.expires_at < now + SESSION_IDLE - _EXTEND_EVERY:
            await self._extend(digest, now + SESSION_IDLE)
        return actor_of(row.User)

    async def _extend(self, digest: str, until: datetime) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(BrowserSession).where(BrowserSession.digest == digest).values(expires_at=until)
            )

    def require(self, permission: Permission) -> Callable[[Request], Awaitable[Actor]]:
        """A FastAPI dependency: `actor: Annotated[Actor, Depends(access.require(Permission.ANSWER))]`.

        Raises `NotSignedIn` (401), or `NotAllowed` (403) where the role does not reach or another site sent the browser.
        """

        async def signed_in(request: Request) -> Actor:
            actor = await self.signed_in(request)
            actor.insist(permission)
            return actor

        return signed_in

    async def signed_in(self, request: Request) -> Actor:
        """A FastAPI dependency: any signed-in user. Raises as `require` does."""
        credential = credential_of(request)
        actor = None if credential is None else await self.recognise(credential)
        if credential is None or actor is None:
            raise NotSignedIn("Sign in, or send a valid API token.")
        if credential.kind == "session" and request.method not in _SAFE_METHODS:
            self.refuse_foreign_origin(request)
        return actor

    def refuse_foreign_origin(self, request: Request) -> None:
        """Raises `NotAllowed` unless the browser says that one of our own pages sent this (ASVS 3.5.1)."""
        origin = request.headers.get("origin")
        if origin is not None:
            host = request.headers.get("host", "")
            ours = _origin(origin) in {self._public_origin, _origin(f"http://{host}"), _origin(f"https://{host}")} - {
                None
            }
        else:
            ours = request.headers.get("sec-fetch-site") == "same-origin"
        if not ours:
            raise NotAllowed("The request did not come from one of our own pages.")


def digest_of(secret: str) -> str:
    """How tokens and session ids are kept: SHA-256, in hex. They are random, so nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def actor_of(user: User) -> Actor:
    return Actor(id=user.id, email=user.email, name=user.name, role=Role(user.role))


def credential_of(request: Request) -> Credential | None:
    """What the request shows, not yet whether it is any good."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        return Credential(kind="token", digest=digest_of(token.strip() if scheme.lower() == "bearer" else ""))
    cookie = session_cookie(request)
    return Credential(kind="session", digest=digest_of(cookie)) if cookie else None


def session_cookie(request: Request) -> str | None:
    return request.cookies.get(_SECURE_COOKIE) or request.cookies.get(_COOKIE)


def set_session_cookie(request: Request, response: Response, session_id: str, *, secure: bool = False) -> None:
    """`HttpOnly; SameSite=Lax`, and `Secure` where the browser came over https (its `Origin` tells, behind any proxy)."""
    secure = secure or request.url.scheme == "https" or request.headers.get("origin", "").startswith("https:")
    response.set_cookie(
        _SECURE_COOKIE if secure else _COOKIE,
        session_id,
        max_age=int(SESSION_IDLE.total_seconds()),
        httponly=True,
        secure=secure,
        samesite="lax",
        path="/",
    )


def clear_session_cookie(response: Response) -> None:
    response.delete_cookie(_COOKIE, path="/", httponly=True, samesite="lax")
    response.delete_cookie(_SECURE_COOKIE, path="/", httponly=True, samesite="lax", secure=True)


def _origin(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else None
