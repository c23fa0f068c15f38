"""REST: oneself, one's API tokens, and the users."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core import account_api, audit_api
from core.access import Access
from core.audit import difference, record
from core.clock import Clock
from core.database import Database
from core.errors import NotFound
from core.identity import Identity
from core.models import ApiToken, User
from core.password_link import make_password_link
from core.passwords import Passwords
from core.roles import GRANTS, Actor, Permission, Role
from core.second_factor import remove_second_factor
from core.users import add_user, change_person, deactivate, end_sessions, make_token, revoke_token
from core.vault import Vault


class UserItem(BaseModel):
    id: int
    email: str
    name: str
    role: Role
    active: bool
    created_at: datetime


class Users(BaseModel):
    items: list[UserItem]


class NewUser(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=255)
    role: Role
    name: str = Field(default="", max_length=200)
    password: str | None = Field(default=None, max_length=1024)


class ChangedUser(BaseModel):
    """What is not given stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    name: str | None = Field(default=None, max_length=200)


class TokenItem(BaseModel):
    id: int
    created_at: datetime


class Tokens(BaseModel):
    items: list[TokenItem]


class NewToken(BaseModel):
    id: int
    token: str


class NewPasswordLink(BaseModel):
    path: str
    expires_at: datetime


class Myself(BaseModel):
    id: int
    email: str
    name: str
    role: Role
    permissions: list[Permission]


def create_router(*, database: Database, clock: Clock, access: Access, passwords: Passwords, vault: Vault) -> APIRouter:
    """`/me`, `/tokens`, `/users`, to be mounted under `/api/v1`."""
    router = APIRouter(tags=["users"])
    SignedIn = Annotated[Actor, Depends(access.signed_in)]  # noqa: N806 - a type made from this router's collaborators

    @router.get("/me")
    async def read_myself(actor: SignedIn) -> Myself:
        permissions = [permission for permission in Permission if permission in GRANTS[actor.role]]
        return Myself(id=actor.id, email=actor.email, name=actor.name, role=actor.role, permissions=permissions)

    @router.get("/tokens")
    async def list_tokens(actor: SignedIn) -> Tokens:
        """One's own that are not revoked."""
        wanted = select(ApiToken).where(ApiToken.user_id == actor.id, ApiToken.revoked_at.is_(None))
        async with database.read() as session:
            tokens = (await session.scalars(wanted.order_by(ApiToken.id))).all()
        return Tokens(items=[TokenItem(id=token.id, created_at=token.created_at) for token in tokens])

    @router.post("/tokens", status_code=HTTPStatus.CREATED)
    async def create_token(actor: SignedIn) -> NewToken:
        """A new token of one's own; it is shown this once."""
        async with database.write() as session:
            token_id, secret = await make_token(session, actor.id, at=clock())
            record(session, actor, "token.made", subject=str(token_id), at=clock())
        return NewToken(id=token_id, token=secret)

    @router.delete("/tokens/{token_id}", status_code=HTTPStatus.NO_CONTENT)
    async def delete_token(token_id: Identity, actor: SignedIn) -> None:
        async with database.write() as session:
            await revoke_token(session, token_id, actor=actor, at=clock())
            record(session, actor, "token.revoked", subject=str(token_id), at=clock())

    router.include_router(
        account_api.create_router(database=database, clock=clock, access=access, passwords=passwords, vault=vault)
    )
    router.include_router(_help_with_log_in(database=database, clock=clock, access=access))
    router.include_router(audit_api.create_router(database=database, access=access))
    router.include_router(_users(database=database, clock=clock, access=access, passwords=passwords))
    return router


def _users(*, database: Database, clock: Clock, access: Access, passwords: Passwords) -> APIRouter:
    router = APIRouter()
    Administrator = Annotated[Actor, Depends(access.require(Permission.MANAGE_USERS))]  # noqa: N806 - a type

    @router.get("/users")
    async def list_users(actor: Administrator) -> Users:
        del actor
        async with database.read() as session:
            users = (await session.scalars(select(User).order_by(User.id))).all()
        return Users(items=[_user_item(user) for user in users])

    @router.post("/users", status_code=HTTPStatus.CREATED)
    async def create_user(new: NewUser, actor: Administrator) -> UserItem:
        password_hash = None if new.password is None else await passwords.hash(new.password)
        async with database.write() as session:
            user = await add_user(
                session, email=new.email, role=new.role, name=new.name, password_hash=password_hash, at=clock()
            )
            record(session, actor, "user.added", subject=user.email, details={"role": user.role}, at=clock())
        return _user_item(user)

    @router.put("/users/{user_id}")
    async def change_user(user_id: Identity, changed: ChangedUser, actor: Administrator) -> UserItem:
        """Another role or name. The last administrator stays one."""
        async with database.write() as session:
            user = await session.get(User, user_id)
            if user is None:
                raise NotFound("There is no such user.")
            before = {"role": user.role, "name": user.name}
            await change_person(session, user, role=changed.role, name=changed.name)
            differs = difference(before, {"role": str(user.role), "name": user.name})
            record(session, actor, "user.changed", subject=user.email, details=differs, at=clock())
        return _user_item(user)

    @router.post("/users/{user_id}/deactivate")
    async def deactivate_user(user_id: Identity, actor: Administrator) -> UserItem:
        """Log-ins and tokens end at once; what the user wrote stays."""
        async with database.write() as session:
            user = await session.get(User, user_id)
            if user is None:
                raise NotFound("There is no such user.")
            if user.active:
                await deactivate(session, user, at=clock())
                record(session, actor, "user.deactivated", subject=user.email, at=clock())
        return _user_item(user)

    return router


def _help_with_log_in(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(prefix="/users/{user_id}")
    Administrator = Annotated[Actor, Depends(access.require(Permission.MANAGE_USERS))]  # noqa: N806 - a type

    async def known(session: AsyncSession, user_id: int) -> User:
        user = await session.get(User, user_id)
        if user is None:
            raise NotFound("There is no such user.")
        return user

    @router.post("/password-link", status_code=HTTPStatus.CREATED)
    async def make_link(user_id: Identity, actor: Administrator) -> NewPasswordLink:
        """Where somebody sets his password once, within a day; it is shown this once, and earlier ones end."""
        async with database.write() as session:
            user = await known(session, user_id)
            token, until = await make_password_link(session, user, at=clock())
            record(session, actor, "user.password_link_made", subject=user.email, at=clock())
        return NewPasswordLink(path=f"/password?token={token}", expires_at=until)

    @router.delete("/second-factor", status_code=HTTPStatus.NO_CONTENT)
    async def forget_second_factor(user_id: Identity, actor: Administrator) -> None:
        """For somebody who lost his app and his recovery codes; his log-ins end."""
        async with database.write() as session:
            user = await known(session, user_id)
            await remove_second_factor(session, user_id)
            await end_sessions(session, user_id)
            record(session, actor, "user.second_factor_removed", subject=user.email, at=clock())

    return router


def _user_item(user: User) -> UserItem:
    return UserItem(
        id=user.id,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        active=user.active,
        created_at=user.created_at,
    )
