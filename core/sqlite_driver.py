"""SQLite from the event loop without a thread for every statement.

aiosqlite hands each cursor, statement, fetch and close to a thread and waits: four times some 80 µs for a statement that
takes 20. Here a statement of a writing transaction runs at once. To the connection's thread goes what may wait or take
long: BEGIN IMMEDIATE while another process writes, COMMIT (the disk), deletes, statements over many rows, all of a read-only
view (reports, lists), and whatever follows after `_GIVE_WAY_SECONDS` of a transaction, so that others get their turn.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_cursor
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_dbapi,
    AsyncAdapt_aiosqlite_ss_cursor,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.util.concurrency import await_

DRIVER: Final = "atonce"
_GIVE_WAY_SECONDS: Final = 0.005
_MANY_ROWS: Final = 50
BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
BUSY_TIMEOUT_MS: Final = 10_000
_MAY_TAKE_LONG: Final = (BEGIN_WRITING, "DELETE", "VACUUM", "PRAGMA", "CREATE", "DROP", "ALTER")


class _Cursor(AsyncAdapt_dbapi_cursor):
    """A plain sqlite3 cursor; all rows are fetched with the statement."""

    __slots__ = ()
    _awaitable_cursor_close = False
    _adapt_connection: "_Connection"
    _cursor: Any

    def __init__(self, adapt_connection: "_Connection") -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection  # noqa: SLF001 - the base class's own name for it
        self._cursor = adapt_connection.plain.cursor()
        self._rows = deque()
        self._soft_closed_memoized: Any = {}

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        if operation == BEGIN_WRITING and self._adapt_connection.is_writer_at_once():
            return None
        long = operation.startswith(_MAY_TAKE_LONG)
        return self._adapt_connection.run(lambda: self._execute(operation, parameters), in_thread=long)

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        long = len(seq_of_parameters) > _MANY_ROWS
        return self._adapt_connection.run(lambda: self._executemany(operation, seq_of_parameters), in_thread=long)

    def _execute(self, operation: str, parameters: Sequence[Any] | None) -> None:
        self._cursor.execute(operation, parameters or ())
        if self._cursor.description:
            self._rows = deque(self._cursor.fetchall())

    def _executemany(self, operation: str, rows: Sequence[Any]) -> None:
        self._cursor.executemany(operation, rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("_at_once", "_away", "_since")

    _cursor_cls = _Cursor  # type: ignore[assignment] # instead of the base's, not beside it
    _ss_cursor_cls = AsyncAdapt_aiosqlite_ss_cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self._at_once = False
        self._since = 0.0
        self._away = False
        """The thread may still be at something: who waited for it was cancelled."""

    def begin(self, *, at_once: bool) -> None:
        """What follows runs at once (a writing transaction, a quick look) or in the thread (a view for reports and lists)."""
        self._at_once, self._since = at_once, time.monotonic()

    def is_writer_at_once(self) -> bool:
        """Begin to write if no other process does; False where that has to be waited for."""
        if self._away:
            return False
        self.plain.execute("PRAGMA busy_timeout=0")
        try:
            self.plain.execute(BEGIN_WRITING)
        except sqlite3.OperationalError:
            return False
        finally:
            self.plain.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return True

    @property
    def plain(self) -> Any:
        return self._connection._conn  # noqa: SLF001 - as SQLAlchemy's own adapter does

    def run(self, work: Callable[[], Any], *, in_thread: bool) -> Any:
        try:
            if in_thread or not self._at_once or self._away or time.monotonic() - self._since > _GIVE_WAY_SECONDS:
                return self._in_thread(work)
            return work()
        except Exception as error:  # noqa: BLE001 - translated as the base class does
            self._handle_exception(error)

    def _in_thread(self, work: Callable[[], Any]) -> Any:
        self._away = True
        result = await_(self._connection._execute(work))  # noqa: SLF001 - aiosqlite has no public way
        self._away = False
        self._since = time.monotonic()
        return result

    def commit(self) -> None:
        if self._connection._connection is not None:  # noqa: SLF001
            self.run(self.plain.commit, in_thread=True)

    def rollback(self) -> None:
        """The pool asks for one after every commit too: then there is nothing to do."""
        if self._connection._connection is None:  # noqa: SLF001
            return
        if self._away or self.plain.in_transaction:
            self.run(self.plain.rollback, in_thread=True)


class _Module(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arg: Any, **kw: Any) -> _Connection:
        opened = super().connect(*arg, **kw)
        return _Connection(self, opened._connection)  # noqa: SLF001 - the same connection behind another adapter


class AtOnceDialect(SQLiteDialect_aiosqlite):
    driver = DRIVER
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> _Module:
        return _Module(__import__("aiosqlite"), __import__("sqlite3"))


registry.register(f"sqlite.{DRIVER}", __name__, AtOnceDialect.__name__)
