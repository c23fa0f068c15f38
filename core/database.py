"""The one database: SQLite (WAL, FULL) in the data folder, or PostgreSQL. The same code for both."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import DateTime, Dialect, Insert, MetaData, String, TypeDecorator, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import SettingMistake
from core.sqlite_driver import BEGIN_WRITING, BUSY_TIMEOUT_MS, DRIVER

TROUBLE: Final = (OperationalError, InterfaceError, NoConnectionFree, OSError)
"""The database is away, busy or broke a deadlock: the same work may be tried again a little later."""


class Instant(TypeDecorator[datetime]):
    """A timezone-aware UTC instant. SQLite has no such type: there it is naive UTC, which sorts rightly."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A naive instant must not reach the database.")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """A StrEnum kept as its plain word, so that a new member needs no migration."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        del dialect
        return None if value is None else self.words(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something a committed transaction did that others wait for: `kind` (`inbox`, `turn`, `outgoing`,
    `conversation`, `message`, `knowledge`, `accounts`, `brand`, `user`) and the id it is about, if any.
    """

    kind: str
    id: int | None = None


Listener = Callable[[Change], None]


def announce(session: AsyncSession, kind: str, identity: int | None = None) -> None:
    """Tell the database's listeners of a change as soon as, and only if, this transaction commits."""
    session.info.setdefault("changes", {})[Change(kind=kind, id=identity)] = None


class Database:
    """Transactions, nothing more: `async with database.write() as session` commits at the end or rolls back."""

    def __init__(self, url: str) -> None:
        self.url = _async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _create_engine(self.url, is_sqlite=self.is_sqlite)
        self.listeners: list[Listener] = []
        self._reading = self.engine.execution_options(read_only=True)
        self._glancing = self.engine.execution_options(glance=True)
        # SQLite has one writer: within a process a lock queues them fairly instead of polling the file lock.
        self._writer = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction that holds the right to write from its beginning. Announced changes are told after the commit."""
        async with AsyncExitStack() as stack:
            if self._writer is not None:
                await stack.enter_async_context(self._writer)
            session = await stack.enter_async_context(AsyncSession(self.engine, expire_on_commit=False))
            async with session.begin():
                yield session
            changes: dict[Change, None] = session.info.pop("changes", {})
        for change in changes:
            for listener in self.listeners:
                listener(change)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One consistent view; nothing written in it is kept."""
        async with AsyncSession(self._reading, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncSession]:
        """For the few quick reads that every message costs: SQLite gives each statement a view of its own, at once."""
        async with AsyncSession(self._glancing, expire_on_commit=False) as session:
            yield session

    def insert_or_ignore(self, table: Any) -> Insert:
        """`INSERT … ON CONFLICT DO NOTHING` for whichever database this is."""
        build = sqlite.insert if self.is_sqlite else postgresql.insert
        return build(table).on_conflict_do_nothing()

    async def close(self) -> None:
        await self.engine.dispose()


def _async_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingMistake("REPLYDESK_DATABASE_URL is not a database URL.") from error
    drivers = {"sqlite": f"sqlite+{DRIVER}", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    backend = parsed.drivername.split("+")[0]
    if backend not in drivers:
        raise SettingMistake(
            f"REPLYDESK_DATABASE_URL names '{backend}'; sqlite and postgresql are what replydesk knows."
        )
    return parsed.set(drivername=drivers[backend])


def _create_engine(url: URL, *, is_sqlite: bool) -> AsyncEngine:
    if not is_sqlite:
        return create_async_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)
    engine = create_async_engine(url, pool_size=8, max_overflow=32)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite_connection)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite_connection(connection: Any, record: ConnectionPoolEntry) -> None:
    del record
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    read_only = options.get("read_only", False)
    connection.connection.dbapi_connection.begin(at_once=not read_only)
    if options.get("glance", False):
        return
    connection.exec_driver_sql("BEGIN" if read_only else BEGIN_WRITING)
