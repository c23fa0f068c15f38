"""After erasing: what was deleted is to be gone from the files too, not only from the tables."""

import asyncio
import sqlite3
from typing import Final

import structlog
from sqlalchemy import text

from core.database import Database

log = structlog.get_logger(__name__)

_TRIES: Final = 50
_PAUSE_SECONDS: Final = 0.1


async def sweep(database: Database) -> None:
    """SQLite overwrites what is deleted (`secure_delete`), and its log is emptied here, which holds older pages.

    PostgreSQL is told to clear dead rows; its own log and backups follow their own retention (docs/operations.md).
    """
    if not database.is_sqlite:
        async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("VACUUM"))
        return
    for _ in range(_TRIES):
        if await asyncio.to_thread(_empty_log, str(database.url.database)):
            return
        await asyncio.sleep(_PAUSE_SECONDS)
    log.warning("log_not_emptied")  # somebody reads for long: the next checkpoint does it


def _empty_log(path: str) -> bool:
    """False while a reader still needs an older page."""
    connection = sqlite3.connect(path, timeout=10)
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return not busy
