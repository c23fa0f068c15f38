"""The database's schema: Alembic's migrations in bot/migrations, run from here."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from core.database import Database
from core.errors import SettingMistake

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


async def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring the schema to the newest revision. Returns (before, after). Running it again changes nothing."""
    async with database.engine.begin() as connection:
        return await connection.run_sync(_upgrade)


async def insist_on_head(database: Database) -> None:
    """Raises `SettingMistake` when the schema is older or newer than this program."""
    now = await current(database)
    if now != head():
        raise SettingMistake(
            f"The database is at revision {now or 'none'}, this program needs {head()}. Run `replydesk db upgrade`."
        )


async def current(database: Database) -> str | None:
    async with database.engine.connect() as connection:
        return await connection.run_sync(_current)


def head() -> str:
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def make_revision(connection: Connection, message: str) -> None:
    """Write a new migration from the difference between the models and this database (`make migration`)."""
    command.revision(_config(connection), message=message, autogenerate=True, rev_id=_next_number())


def _upgrade(connection: Connection) -> tuple[str | None, str]:
    before = _current(connection)
    command.upgrade(_config(connection), "head")
    return before, str(_current(connection))


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _next_number() -> str:
    return f"{len(list((_MIGRATIONS / 'versions').glob('[0-9]*.py'))) + 1:04d}"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
