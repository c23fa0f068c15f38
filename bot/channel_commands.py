"""What `replydesk channel …` does."""

import getpass
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import select

from bot.accounts import Accounts, add_account, remove_account, webhook_url
from bot.channel import ChannelKind, Checking, Finding, FindingLevel
from bot.registry import discover
from core.audit import record
from core.clock import utc_now
from core.database import Database
from core.errors import NotFound, UserMistake
from core.logs import Scrubber
from core.models import Account
from core.runtime import open_database
from core.settings import Settings, environment
from core.vault import Vault

MARKS = {FindingLevel.GOOD: "ok     ", FindingLevel.WARNING: "warning", FindingLevel.BAD: "bad    "}


async def add_interactively(*, channel: str, name: str, given: Sequence[str]) -> None:
    kind = _kind(channel)
    values = {**_pairs(given, kind)}
    for field, info in kind.credentials.model_fields.items():
        if info.is_required() and field not in values:
            values[field] = _ask(field, info.description or "", secret=info.annotation is SecretStr)
    settings = Settings.load()
    async with open_database(settings) as database:
        async with database.write() as session:
            await add_account(
                session, kind=kind, name=name, given=values, vault=Vault.from_settings(settings), clock=utc_now
            )
            record(session, None, "channel.added", subject=f"{channel}/{name}", at=utc_now())
        print(f"Added {channel}/{name}. A running replydesk takes it up within seconds.")
        url = webhook_url(settings.public_url, channel, name)
        print(
            f"Its webhook address is {url or '…/webhooks/' + channel + '/' + name + ' (REPLYDESK_PUBLIC_URL is not set)'}"
        )


async def print_accounts() -> None:
    settings = Settings.load()
    async with open_database(settings) as database, database.read() as session:
        accounts = (await session.scalars(select(Account).order_by(Account.channel, Account.name))).all()
    for account in accounts:
        state = "removed" if not account.active else account.problem or account.warning or "in use"
        print(
            f"{account.channel}/{account.name}\t{state}\t{webhook_url(settings.public_url, account.channel, account.name) or '-'}"
        )
    if not accounts:
        print("There are no accounts yet. `replydesk channel add telegram` adds the first.")


async def check_accounts(channel: str | None) -> int:
    """Prints what every account's platform says; returns the exit code."""
    settings = Settings.load()
    if channel is not None:
        _kind(channel)
    async with open_database(settings) as database:
        found = await examine_accounts(settings, database, channel=channel)
    for label, finding in found:
        print(f"{MARKS[finding.level]}  {label}: {finding.sentence}")
    if not found:
        print("There are no accounts to check. `replydesk channel add telegram` adds the first.")
    return 1 if any(finding.level == FindingLevel.BAD for _, finding in found) else 0


async def examine_accounts(
    settings: Settings, database: Database, *, channel: str | None = None
) -> list[tuple[str, Finding]]:
    """The live check of every account (of one channel), each finding with its `channel/account`."""
    found = []
    async with _opened_accounts(settings, database) as accounts:
        for account in accounts.opened:
            if channel in (None, account.kind.name) and isinstance(account.channel, Checking):
                label = f"{account.kind.name}/{account.name}"
                found += [(label, finding) for finding in await account.channel.check()]
    return found


async def remove_by_name(*, channel: str, name: str) -> None:
    async with open_database(Settings.load()) as database, database.write() as session:
        await remove_account(session, channel, name)
        record(session, None, "channel.removed", subject=f"{channel}/{name}", at=utc_now())
    print(f"Removed {channel}/{name}. Its conversations stay.")


@asynccontextmanager
async def _opened_accounts(settings: Settings, database: Database) -> AsyncIterator[Accounts]:
    async with httpx.AsyncClient(timeout=15.0) as http:
        accounts = Accounts(
            database=database,
            kinds=discover(),
            vault=Vault.from_settings(settings),
            http=http,
            clock=utc_now,
            public_url=settings.public_url,
            scrubber=Scrubber(),
        )
        accounts.use_environment(environment())
        try:
            await accounts.refresh(keep_problems=True)
            yield accounts
        finally:
            await accounts.close()


def _kind(channel: str) -> ChannelKind:
    kinds = discover()
    if channel not in kinds:
        raise NotFound(f"There is no channel '{channel}'. Installed: {', '.join(kinds)}.")
    return kinds[channel]


def _pairs(given: Sequence[str], kind: ChannelKind) -> Mapping[str, Any]:
    values = {}
    for pair in given:
        field, equals, value = pair.partition("=")
        if not equals or field not in kind.credentials.model_fields:
            raise UserMistake(f"--set needs FIELD=VALUE; the fields are {', '.join(kind.credentials.model_fields)}.")
        values[field] = value
    return values


def _ask(field: str, description: str, *, secret: bool) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    question = f"{field} ({description.rstrip('.')}): "
    return getpass.getpass(question) if secret else input(question)
