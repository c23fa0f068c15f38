"""The accounts in use: which exist, with which credentials, and their open channels."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

import httpx
import structlog
from prometheus_client import Gauge
from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channel import Channel, ChannelKind, Checking, Finding, Opening
from core.clock import Clock
from core.database import Database, announce
from core.errors import NotFound, SettingMistake, UserMistake
from core.logs import Scrubber
from core.models import Account
from core.settings import refuse_near_misses
from core.vault import Vault

log = structlog.get_logger(__name__)

MAIN: Final = "main"
"""The name of the account that comes from the environment (DESIGN.md section 4)."""
DEMO: Final = "demo"
"""The name of a simulator's account."""
TRIAL: Final = "trial"
"""The name of the account under which the first run tries the house out."""


STOPPED: Final = Gauge("replydesk_account_stopped", "1 while the platform refuses the account.", ["channel", "account"])


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccount:
    id: int
    name: str
    kind: ChannelKind
    channel: Channel


class Accounts:
    """Opens a channel for every active account and follows changes made by other processes."""

    def __init__(
        self,
        *,
        database: Database,
        kinds: Mapping[str, ChannelKind],
        vault: Vault,
        http: httpx.AsyncClient,
        clock: Clock,
        public_url: str | None,
        scrubber: Scrubber,
    ) -> None:
        self.scrubber = scrubber
        self._database = database
        self.kinds = kinds
        self._vault = vault
        self._http = http
        self._clock = clock
        self._public_url = public_url
        self._open: dict[int, tuple[BaseModel, OpenAccount, AsyncExitStack]] = {}
        self._given: dict[tuple[str, str], BaseModel] = {}
        """credentials by (channel, account) that are not in the database"""
        self._complained: set[int] = set()

    def kind(self, channel: str) -> ChannelKind:
        """Raises `NotFound` for a channel nobody installed."""
        if channel not in self.kinds:
            raise NotFound(f"There is no channel '{channel}'. Installed: {', '.join(self.kinds)}.")
        return self.kinds[channel]

    @property
    def opened(self) -> Sequence[OpenAccount]:
        return [account for _, account, _ in self._open.values()]

    def by_id(self, account_id: int) -> OpenAccount | None:
        found = self._open.get(account_id)
        return found[1] if found else None

    def by_name(self, channel: str, name: str) -> OpenAccount | None:
        return next((one for one in self.opened if one.kind.name == channel and one.name == name), None)

    def use_environment(self, variables: Mapping[str, str]) -> None:
        """Take the accounts called `main` from the environment. Raises `SettingMistake` for unreadable ones."""
        for kind in self.kinds.values():
            credentials = credentials_from_environment(kind, variables)
            if credentials is not None:
                self._given[kind.name, MAIN] = credentials

    def use_demo(self, channel: str, credentials: BaseModel) -> None:
        """A simulator's account, unless the environment names a real one of that channel."""
        if (channel, MAIN) not in self._given:
            self._given[channel, DEMO] = credentials

    def lend(self, channel: str, name: str, credentials: BaseModel) -> None:
        """Use an account in this process alone, until `take_back`; `refresh` opens it."""
        self._given[channel, name] = credentials

    async def take_back(self, channel: str, name: str) -> None:
        """Close a lent account; its conversations stay."""
        self._given.pop((channel, name), None)
        async with self._database.write() as session:
            await session.execute(
                update(Account).where(Account.channel == channel, Account.name == name).values(active=False)
            )
        await self.refresh()

    async def try_out(self, channel: str, given: Mapping[str, Any]) -> Sequence[Finding]:
        """What the platform says about credentials that are stored nowhere. Raises `SettingMistake` for unreadable ones."""
        kind = self.kind(channel)
        credentials = read_credentials(kind, given)
        self.scrubber.learn(secrets_of(credentials))
        opening = Opening(
            account=TRIAL,
            credentials=credentials,
            http=self._http,
            clock=self._clock,
            webhook_url=webhook_url(self._public_url, channel, TRIAL),
            derived_secret=self._vault.derive(f"webhook/{channel}/{TRIAL}"),
        )
        async with kind.open(opening) as opened:
            return await opened.check() if isinstance(opened, Checking) else ()

    async def refresh(self, *, keep_problems: bool = False) -> None:
        """Open what is new or changed, close what was removed. Opening forgets an account's problem: it is tried again."""
        wanted = await self._wanted()
        for account_id in [
            known for known in self._open if known not in wanted or wanted[known][1] != self._open[known][0]
        ]:
            await self._close(account_id)
        for account_id, (account, credentials) in wanted.items():
            if account_id in self._open:
                continue
            try:
                await self._open_one(account, credentials)
            except Exception as error:  # noqa: BLE001 - an edge: the other accounts open all the same
                self._complain(account, error)
                continue
            self._complained.discard(account_id)
            if not keep_problems:
                await self._forget_problem(account)

    def _complain(self, account: Account, error: Exception) -> None:
        """Said once, not at every look."""
        if account.id not in self._complained:
            self._complained.add(account.id)
            sentence = self.scrubber.clean(f"{type(error).__name__}: {error}")
            log.error("account_not_opened", channel=account.channel, account=account.name, error=sentence)
            STOPPED.labels(account.channel, account.name).set(1)

    async def mark_problem(self, account: OpenAccount, problem: str) -> None:
        """The platform refuses this account: sending stops, the queue waits, an operator must see it."""
        log.error("account_stopped", channel=account.kind.name, account=account.name, reason=problem)
        STOPPED.labels(account.kind.name, account.name).set(1)
        async with self._database.write() as session:
            (await session.get_one(Account, account.id)).problem = self.scrubber.clean(problem)

    async def _forget_problem(self, account: Account) -> None:
        STOPPED.labels(account.channel, account.name).set(0)
        async with self._database.write() as session:
            (await session.get_one(Account, account.id)).problem = None

    async def close(self) -> None:
        for account_id in list(self._open):
            await self._close(account_id)

    async def _wanted(self) -> dict[int, tuple[Account, BaseModel]]:
        async with self._database.write() as session:
            for channel, name in self._given:
                await _ensure_row(session, channel, name, self._clock)
            accounts = (await session.scalars(select(Account).where(Account.active))).all()
        wanted = {}
        for account in accounts:
            try:
                credentials = self._credentials(account)
            except Exception as error:  # noqa: BLE001 - an edge: one account's unreadable credentials are its own trouble
                self._complain(account, error)
                continue
            if credentials is not None:
                wanted[account.id] = (account, credentials)
        return wanted

    def _credentials(self, account: Account) -> BaseModel | None:
        kind = self.kinds.get(account.channel)
        if kind is None:
            return None
        given = self._given.get((account.channel, account.name))
        if given is not None:
            return given
        if account.credentials is None:
            return None
        return kind.credentials(**self._vault.open(account.credentials))

    async def _open_one(self, account: Account, credentials: BaseModel) -> None:
        kind = self.kinds[account.channel]
        self.scrubber.learn(secrets_of(credentials))
        stack = AsyncExitStack()
        channel = await stack.enter_async_context(
            kind.open(
                Opening(
                    account=account.name,
                    credentials=credentials,
                    http=self._http,
                    clock=self._clock,
                    webhook_url=webhook_url(self._public_url, account.channel, account.name),
                    derived_secret=self._vault.derive(f"webhook/{account.channel}/{account.name}"),
                )
            )
        )
        self._open[account.id] = (
            credentials,
            OpenAccount(id=account.id, name=account.name, kind=kind, channel=channel),
            stack,
        )
        log.info("account_opened", channel=account.channel, account=account.name)

    async def _close(self, account_id: int) -> None:
        _, account, stack = self._open.pop(account_id)
        await stack.aclose()
        log.info("account_closed", channel=account.kind.name, account=account.name)


def credentials_from_environment(kind: ChannelKind, variables: Mapping[str, str]) -> BaseModel | None:
    """The account `main` of this channel, or None where none of its variables is set.

    Raises `SettingMistake` for a missing or unreadable one, in one sentence with the variable's name and not its value.
    """
    names = {kind.environment_prefix + field.upper(): field for field in kind.credentials.model_fields}
    refuse_near_misses(variables, known=frozenset(names), prefix=kind.environment_prefix)
    given = {field: variables[name] for name, field in names.items() if variables.get(name)}
    required = [field for field, info in kind.credentials.model_fields.items() if info.is_required()]
    if not any(field in given for field in required):
        return None
    return read_credentials(kind, given, label=lambda field: kind.environment_prefix + field.upper())


def read_credentials(kind: ChannelKind, given: Mapping[str, Any], *, label: Any = str) -> BaseModel:
    """Validate one account's settings. Raises `SettingMistake` with the field's name and a plain reason, never the value."""
    try:
        return kind.credentials(**given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = label(str(first["loc"][0])) if first["loc"] else kind.title
        reason = "is missing" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ").rstrip(".")
        raise SettingMistake(f"{field}: {reason}.") from None


def secrets_of(credentials: BaseModel) -> list[str]:
    values = (getattr(credentials, field) for field in type(credentials).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def webhook_url(public_url: str | None, channel: str, account: str) -> str | None:
    return f"{public_url.rstrip('/')}/webhooks/{channel}/{account}" if public_url else None


async def add_account(
    session: AsyncSession, *, kind: ChannelKind, name: str, given: Mapping[str, Any], vault: Vault, clock: Clock
) -> Account:
    """Store an account with encrypted credentials; the same name again replaces them. Raises `UserMistake`."""
    if not name or not all(character.isalnum() or character in "-_" for character in name) or len(name) > 64:
        raise UserMistake("An account's name is 1 to 64 letters, digits, - and _.")
    credentials = read_credentials(kind, given)
    account = await _ensure_row(session, kind.name, name, clock)
    plain = {
        field: value.get_secret_value() if isinstance(value, SecretStr) else value
        for field in type(credentials).model_fields
        if (value := getattr(credentials, field)) is not None
    }
    account.credentials, account.active, account.problem = vault.seal(plain), True, None
    announce(session, "accounts")
    return account


async def find_account(session: AsyncSession, channel: str, name: str) -> Account:
    """Raises `NotFound` with a plain sentence."""
    account: Account | None = await session.scalar(
        select(Account).where(Account.channel == channel, Account.name == name, Account.active)
    )
    if account is None:
        raise NotFound(f"There is no account '{name}' on {channel}. `replydesk channel list` shows all.")
    return account


async def remove_account(session: AsyncSession, channel: str, name: str) -> None:
    """Nothing is received or sent any more; credentials are destroyed, history stays."""
    account = await find_account(session, channel, name)
    account.active, account.credentials = False, None
    announce(session, "accounts")


async def _ensure_row(session: AsyncSession, channel: str, name: str, clock: Clock) -> Account:
    account = await session.scalar(select(Account).where(Account.channel == channel, Account.name == name))
    if account is None:
        account = Account(channel=channel, name=name, created_at=clock())
        session.add(account)
        await session.flush()
    account.active = True
    return account
