"""What every command begins with: settings, quiet logs, and a database that is set up.

Every command line imports this file, so it imports the database only when there is something to do with it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import ReplydeskError, SettingMistake

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

    from core.database import Database
    from core.settings import Settings

Result = TypeVar("Result")


@asynccontextmanager
async def open_database(settings: "Settings") -> AsyncIterator["Database"]:
    """The settings' database, closed at the end. Raises `SettingMistake` when it is unreachable or not set up yet."""
    from core.database import Database

    database = Database(settings.effective_database_url)
    try:
        await _insist_on_tables(database)
        yield database
    finally:
        await database.close()


async def _insist_on_tables(database: "Database") -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    if database.is_sqlite and not _sqlite_file_exists(database):
        raise SettingMistake("There is no database yet. Run `replydesk db upgrade` first.")
    try:
        async with database.read() as session:
            await session.execute(text("SELECT version_num FROM alembic_version"))
    except DBAPIError as error:
        raise SettingMistake(_explain(error)) from error


def _sqlite_file_exists(database: "Database") -> bool:
    return bool(database.url.database) and Path(str(database.url.database)).exists()


def _explain(error: "DBAPIError") -> str:
    words = str(error.orig).strip().splitlines()[0] if error.orig else ""
    if "alembic_version" in words:
        return "The database has no tables yet. Run `replydesk db upgrade` first."
    return f"The database cannot be used: {words}"


@contextmanager
def told_plainly() -> Iterator[None]:
    """The edge of every command: an expected error is one sentence on standard error and exit code 2, never a stack trace."""
    try:
        yield
    except ReplydeskError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    except (KeyboardInterrupt, BrokenPipeError):
        raise SystemExit(130) from None
    except Exception as error:
        from sqlalchemy.exc import OperationalError

        if not isinstance(error, OperationalError):
            raise
        sys.stderr.write(f"{_explain(error)}\n")
        raise SystemExit(2) from None


def run_command(command: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's coroutine and tell its expected errors plainly."""
    with told_plainly():
        if sys.platform == "win32":
            return asyncio.run(command)
        import uvloop

        return uvloop.run(command)
