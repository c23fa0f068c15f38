"""REST: one's own account: password, second factor, and the browsers one is signed in with."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core import second_factor
from core.access import Access, digest_of, session_cookie
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import NotFound, UserMistake
from core.models import BrowserSession, User
from core.passwords import Passwords
from core.preferences import load_brand
from core.roles import Actor
from core.throttle import Throttle
from core.user_watch import users_changed
from core.users import end_sessions, set_password
from core.vault import Vault


class SessionItem(BaseModel):
    id: str
    """Not the session's secret, nor its digest."""
    created_at: datetime
    expires_at: datetime
    device: str
    current: bool


class SessionList(BaseModel):
    items: list[SessionItem]


class Ending(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keep_this: bool = False


class NewPassword(BaseModel):
    model_config = ConfigDict(extra="forbid")

    current: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


class Proof(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: str = Field(max_length=1024)


class Code(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=64)


class SecondFactorState(BaseModel):
    on: bool
    recovery_codes_left: int
    has_password: bool


class EnrolmentItem(BaseModel):
    """`path` draws the QR code on a square of `size` units."""

    secret: str
    address: str
    size: int
    path: str


class RecoveryCodes(BaseModel):
    recovery_codes: list[str]


def create_router(*, database: Database, clock: Clock, access: Access, passwords: Passwords, vault: Vault) -> APIRouter:
    """`/me/…`, to be mounted under `/api/v1`."""
    router = APIRouter(prefix="/me", tags=["account"])
    proving = _Proving(database=database, clock=clock, passwords=passwords)
    router.include_router(_sessions(database=database, access=access))
    router.include_router(_second_factor(database=database, clock=clock, access=access, proving=proving, vault=vault))
    SignedIn = Annotated[Actor, Depends(access.signed_in)]  # noqa: N806 - a type made from this router's collaborators

    @router.put("/password", status_code=HTTPStatus.NO_CONTENT)
    async def change_password(asked: NewPassword, request: Request, actor: SignedIn) -> None:
        """Every other log-in of one's own ends. Another one's password is set by a link that an administrator makes."""
        await proving(actor, asked.current)
        hashed = await passwords.hash(asked.new)
        async with database.write() as session:
            user = await session.get_one(User, actor.id)
            await set_password(session, user, hashed, keep_cookie=session_cookie(request))
            record(session, actor, "user.password_changed", subject=user.email, at=clock())

    return router


class _Proving:
    """Asks for the password again before something weighty."""

    def __init__(self, *, database: Database, clock: Clock, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords
        self._throttle = Throttle(database=database, clock=clock, name="proof", tries=5)

    async def __call__(self, actor: Actor, password: str) -> None:
        """Raises `UserMistake` for a wrong password, `TooManyTries`."""
        await self._throttle.count(str(actor.id))
        async with self._database.read() as session:
            stored = (await session.get_one(User, actor.id)).password_hash
        if not await self._passwords.verify(password, stored):
            raise UserMistake("The present password is not right.")
        await self._throttle.forget(str(actor.id))


def _sessions(*, database: Database, access: Access) -> APIRouter:
    router = APIRouter(prefix="/sessions")
    SignedIn = Annotated[Actor, Depends(access.signed_in)]  # noqa: N806 - a type made from this router's collaborators

    @router.get("")
    async def list_sessions(request: Request, actor: SignedIn) -> SessionList:
        """The browsers one is signed in with, latest first."""
        own = digest_of(session_cookie(request) or "")
        async with database.read() as session:
            found = await _own_sessions(session, actor)
        return SessionList(
            items=[
                SessionItem(
                    id=_public(one),
                    created_at=one.created_at,
                    expires_at=one.expires_at,
                    device=one.device or "",
                    current=one.digest == own,
                )
                for one in found
            ]
        )

    @router.delete("/{session_id}", status_code=HTTPStatus.NO_CONTENT)
    async def end_one(session_id: str, actor: SignedIn) -> None:
        async with database.write() as session:
            for one in await _own_sessions(session, actor):
                if _public(one) == session_id:
                    await session.delete(one)
                    await users_changed(session, actor.id)
                    return
        raise NotFound("There is no such session of yours.")

    @router.post("/end", status_code=HTTPStatus.NO_CONTENT)
    async def end_all(ending: Ending, request: Request, actor: SignedIn) -> None:
        """Log out everywhere; with `keep_this` everywhere else."""
        async with database.write() as session:
            kept = session_cookie(request) if ending.keep_this else None
            await end_sessions(session, actor.id, keep_cookie=kept)

    return router


async def _own_sessions(session: AsyncSession, actor: Actor) -> list[BrowserSession]:
    query = select(BrowserSession).where(BrowserSession.user_id == actor.id)
    return list(await session.scalars(query.order_by(BrowserSession.created_at.desc(), BrowserSession.digest)))


def _public(one: BrowserSession) -> str:
    return digest_of(f"session:{one.digest}")[:16]


def _second_factor(*, database: Database, clock: Clock, access: Access, proving: _Proving, vault: Vault) -> APIRouter:
    router = APIRouter(prefix="/second-factor")
    SignedIn = Annotated[Actor, Depends(access.signed_in)]  # noqa: N806 - a type made from this router's collaborators
    throttle = Throttle(database=database, clock=clock, name="enrolment", tries=5)

    @router.get("")
    async def state(actor: SignedIn) -> SecondFactorState:
        async with database.read() as session:
            return SecondFactorState(
                on=await second_factor.has_second_factor(session, actor.id),
                recovery_codes_left=await second_factor.recovery_codes_left(session, actor.id),
                has_password=(await session.get_one(User, actor.id)).password_hash is not None,
            )

    @router.post("")
    async def begin(proof: Proof, actor: SignedIn) -> EnrolmentItem:
        """A new secret for an authenticator app; it is asked for at log-ins once `PUT` has proved it."""
        await proving(actor, proof.password)
        async with database.write() as session:
            user = await session.get_one(User, actor.id)
            brand = await load_brand(session)
            made = await second_factor.enrol(session, user, brand=brand.name, vault=vault, at=clock())
        return EnrolmentItem(secret=made.secret, address=made.address, size=made.size, path=made.path)

    @router.put("")
    async def confirm(given: Code, actor: SignedIn) -> RecoveryCodes:
        """The app's first code switches it on; the recovery codes are shown this once."""
        await throttle.count(str(actor.id))
        async with database.write() as session:
            codes = await second_factor.confirm(session, actor.id, given.code, vault=vault, at=clock())
            record(session, actor, "user.second_factor_on", subject=actor.email, at=clock())
        return RecoveryCodes(recovery_codes=codes)

    @router.post("/off", status_code=HTTPStatus.NO_CONTENT)
    async def switch_off(proof: Proof, actor: SignedIn) -> None:
        await proving(actor, proof.password)
        async with database.write() as session:
            await second_factor.remove_second_factor(session, actor.id)
            record(session, actor, "user.second_factor_off", subject=actor.email, at=clock())

    return router
