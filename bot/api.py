"""REST of the house itself: the channels and their accounts, and second thoughts about outgoing messages."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy import select

from bot.accounts import Accounts, add_account, remove_account, webhook_url
from bot.channel import ChannelKind, Checking, Editing, Finding, FindingLevel
from bot.editing import Editor
from bot.resending import retry, withdraw
from core.access import Access
from core.audit import record
from core.clock import Clock
from core.database import Database
from core.errors import NotFound
from core.identity import Identity
from core.models import Account
from core.roles import Actor, Permission
from core.vault import Vault
from handoff.reading import read_message
from handoff.shapes import MessageItem
from handoff.writing import LONGEST_TEXT


class ChannelItem(BaseModel):
    """A channel and what one message can hold there. Windows in seconds after the customer's last message."""

    name: str
    title: str
    text_length: int
    window_seconds: float | None
    agent_window_seconds: float | None
    edits: bool
    """Whether a sent message can be changed there."""


class ChannelList(BaseModel):
    items: list[ChannelItem]


class NewText(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=LONGEST_TEXT)


class FieldItem(BaseModel):
    name: str
    description: str
    required: bool
    secret: bool
    choices: list[str]


class AccountItem(BaseModel):
    channel: str
    name: str
    active: bool
    open: bool
    """In use by this process right now."""
    problem: str | None
    warning: str | None
    webhook_url: str | None


class AccountList(BaseModel):
    items: list[AccountItem]
    fields: dict[str, list[FieldItem]]
    """What a new account of each channel needs."""


class NewAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str = Field(max_length=32)
    name: str = Field(max_length=64)
    values: dict[str, str]


class TriedAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str = Field(max_length=32)
    values: dict[str, str]


class FindingItem(BaseModel):
    level: FindingLevel
    sentence: str


class Findings(BaseModel):
    items: list[FindingItem]


def create_router(
    *, database: Database, clock: Clock, access: Access, accounts: Accounts, vault: Vault, public_url: str | None
) -> APIRouter:
    """To be mounted under `/api/v1`."""
    router = APIRouter()
    editor = Editor(database=database, clock=clock, accounts=accounts)
    router.include_router(_second_thoughts(database=database, access=access, editor=editor))
    router.include_router(
        _accounts(database=database, clock=clock, access=access, accounts=accounts, vault=vault, public_url=public_url)
    )
    router.include_router(_checks(access=access, accounts=accounts))
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    @router.get("/channels", tags=["channels"])
    async def channels(actor: Answering) -> ChannelList:
        del actor
        editing = {account.kind.name for account in accounts.opened if isinstance(account.channel, Editing)}
        return ChannelList(items=[_channel_item(kind, edits=kind.name in editing) for kind in accounts.kinds.values()])

    return router


def _second_thoughts(*, database: Database, access: Access, editor: Editor) -> APIRouter:
    router = APIRouter(prefix="/conversations/{conversation_id}/messages/{message_id}", tags=["conversations"])
    Answering = Annotated[Actor, Depends(access.require(Permission.ANSWER))]  # noqa: N806 - a type

    @router.post("/retry")
    async def send_again(conversation_id: Identity, message_id: Identity, actor: Answering) -> MessageItem:
        """Send a failed message, or one in doubt, again."""
        del actor
        async with database.write() as session:
            await retry(session, conversation_id, message_id)
            await session.flush()
            return await read_message(session, message_id)

    @router.put("")
    async def edit(conversation_id: Identity, message_id: Identity, new: NewText, actor: Answering) -> MessageItem:
        """Change one's own words, at the platform too where it can; 422 where it cannot. Earlier texts stay in `edits`."""
        await editor.edit(conversation_id, message_id, user=actor, text=new.text)
        async with database.read() as session:
            return await read_message(session, message_id)

    @router.delete("", status_code=HTTPStatus.NO_CONTENT)
    async def take_back(conversation_id: Identity, message_id: Identity, actor: Answering) -> None:
        """Withdraw one's own message before it is sent; 409 where it is on its way already."""
        async with database.write() as session:
            await withdraw(session, conversation_id, message_id, user=actor)

    return router


def _accounts(
    *, database: Database, clock: Clock, access: Access, accounts: Accounts, vault: Vault, public_url: str | None
) -> APIRouter:
    router = APIRouter(prefix="/accounts", tags=["channels"])
    Managing = Annotated[Actor, Depends(access.require(Permission.MANAGE_CHANNELS))]  # noqa: N806 - a type

    def item(account: Account) -> AccountItem:
        return AccountItem(
            channel=account.channel,
            name=account.name,
            active=account.active,
            open=accounts.by_id(account.id) is not None,
            problem=account.problem,
            warning=account.warning,
            webhook_url=webhook_url(public_url, account.channel, account.name),
        )

    @router.get("")
    async def list_all(actor: Managing) -> AccountList:
        del actor
        async with database.read() as session:
            found = (await session.scalars(select(Account).order_by(Account.channel, Account.name))).all()
        return AccountList(
            items=[item(account) for account in found if account.active],
            fields={name: _fields(kind) for name, kind in accounts.kinds.items()},
        )

    @router.post("", status_code=HTTPStatus.CREATED)
    async def add(new: NewAccount, actor: Managing) -> AccountItem:
        """An account with its credentials, which are kept encrypted; the same name again replaces them."""
        kind = accounts.kind(new.channel)
        given: Mapping[str, Any] = {name: value for name, value in new.values.items() if value}
        async with database.write() as session:
            account = await add_account(session, kind=kind, name=new.name, given=given, vault=vault, clock=clock)
            record(session, actor, "channel.added", subject=f"{kind.name}/{new.name}", at=clock())
        return item(account)

    @router.delete("/{channel}/{name}", status_code=HTTPStatus.NO_CONTENT)
    async def remove(channel: str, name: str, actor: Managing) -> None:
        """Nothing is received or sent there any more; its conversations stay."""
        async with database.write() as session:
            await remove_account(session, channel, name)
            record(session, actor, "channel.removed", subject=f"{channel}/{name}", at=clock())

    return router


def _checks(*, access: Access, accounts: Accounts) -> APIRouter:
    router = APIRouter(prefix="/accounts", tags=["channels"])
    Managing = Annotated[Actor, Depends(access.require(Permission.MANAGE_CHANNELS))]  # noqa: N806 - a type

    @router.post("/check")
    async def try_out(tried: TriedAccount, actor: Managing) -> Findings:
        """What the platform says about credentials, which are kept nowhere."""
        del actor
        given = {name: value for name, value in tried.values.items() if value}
        return _findings(await accounts.try_out(tried.channel, given))

    @router.post("/{channel}/{name}/check")
    async def check(channel: str, name: str, actor: Managing) -> Findings:
        """What the platform itself says about the account now."""
        del actor
        account = accounts.by_name(channel, name)
        if account is None:
            raise NotFound("This account is not open. It is taken up within seconds of being added.")
        found = await account.channel.check() if isinstance(account.channel, Checking) else ()
        return _findings(found)

    return router


def _findings(found: Sequence[Finding]) -> Findings:
    return Findings(items=[FindingItem(level=one.level, sentence=one.sentence) for one in found])


def _channel_item(kind: ChannelKind, *, edits: bool) -> ChannelItem:
    limits = kind.limits
    return ChannelItem(
        name=kind.name,
        title=kind.title,
        text_length=limits.text_length,
        window_seconds=None if limits.window is None else limits.window.total_seconds(),
        agent_window_seconds=None if limits.agent_window is None else limits.agent_window.total_seconds(),
        edits=edits,
    )


def _fields(kind: ChannelKind) -> list[FieldItem]:
    properties = kind.credentials.model_json_schema().get("properties", {})
    return [
        FieldItem(
            name=name,
            description=info.description or name,
            required=info.is_required(),
            secret="SecretStr" in str(info.annotation) or info.annotation is SecretStr,
            choices=[str(choice) for choice in properties.get(name, {}).get("enum", ())],
        )
        for name, info in kind.credentials.model_fields.items()
    ]
