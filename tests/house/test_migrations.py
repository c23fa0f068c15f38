"""The migrations make what the models say, from nothing and from every older database, which keeps its rows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, func, insert, select, text, types

from bot.schema import current, head, insist_on_head, upgrade
from bot.tables import all_tables
from core.database import Database
from core.errors import SettingMistake
from tests.house.commands import ROOT
from tests.integration.conftest import drop_database, make_database

MIGRATIONS = ROOT / "bot" / "migrations"
ROWS = 2
_QUESTIONS = "SELECT conversation_id, text, language, miss FROM unanswered_questions"


def _script(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


REVISIONS = [script.revision for script in reversed(list(ScriptDirectory.from_config(_script()).walk_revisions()))]


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with nothing in it."""
    url = await make_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    database = Database(url)
    yield database
    await database.close()
    if request.param == "postgresql":
        await drop_database(url)


async def test_migrations_make_exactly_what_the_models_say(empty: Database) -> None:
    assert await upgrade(empty) == (None, head())
    async with empty.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_second_upgrade_changes_nothing(empty: Database) -> None:
    await upgrade(empty)
    assert await upgrade(empty) == (head(), head())
    await insist_on_head(empty)


async def test_a_database_without_tables_is_refused_with_the_remedy(empty: Database) -> None:
    with pytest.raises(SettingMistake, match="Run `replydesk db upgrade`"):
        await insist_on_head(empty)
    assert await current(empty) is None


@pytest.mark.parametrize("revision", REVISIONS)
async def test_an_older_database_keeps_every_row(revision: str, empty: Database) -> None:
    """Rows for every table as it was at that revision are all there after an upgrade to the newest."""
    async with empty.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_script(sync), revision))
        before = await connection.run_sync(_fill)
    await upgrade(empty)
    async with empty.engine.connect() as connection:
        after = await connection.run_sync(_counts)
    assert before
    assert {table: after.get(table) for table in before} == before
    assert await current(empty) == head()


async def test_what_the_bot_gave_to_people_before_becomes_unanswered_questions(empty: Database) -> None:
    async with empty.engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_script(sync), "0002"))
        await connection.run_sync(_fill)
        await connection.run_sync(_give_reasons)
    await upgrade(empty)
    async with empty.engine.connect() as connection:
        rows = await connection.run_sync(lambda sync: sync.execute(text(_QUESTIONS)).all())
        assert [tuple(row) for row in rows] == [(1, "Do you ship abroad?", "en", "not_understood")]


async def test_there_is_one_newest_revision() -> None:
    assert len(ScriptDirectory.from_config(_script()).get_heads()) == 1
    assert [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def _give_reasons(connection: Connection) -> None:
    """The first case was one the bot did not understand, the second one for a person."""
    change = text("UPDATE cases SET reason = :reason, question = 'Do you ship abroad?' WHERE id = :id")
    for number, reason in ((1, "not_understood"), (2, "asked_for_human")):
        connection.execute(change, {"reason": reason, "id": number})


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, all_tables()))


def _fill(connection: Connection) -> dict[str, int]:
    """Put rows into every table there is, parents first. Returns how many each has."""
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name == "alembic_version" or table.c.keys() == ["id", "number"]:
            continue
        for number in range(1, ROWS + 1):
            row = {column.name: _value(column, number) for column in table.columns if _needs_value(column)}
            connection.execute(insert(table).values(row))
    return _counts(connection)


def _needs_value(column: Column[Any]) -> bool:
    return not column.nullable


def _value(column: Column[Any], number: int) -> Any:
    """Something that fits; a reference points at its parent's row of the same number."""
    if column.foreign_keys:
        return _value(next(iter(column.foreign_keys)).column, number)
    if isinstance(column.type, types.String):
        return f"{column.name}{number}"[-(column.type.length or 255) :]
    plain = {
        types.Boolean: True,
        types.Integer: number,
        types.Numeric: number,
        types.DateTime: datetime(2026, 1, number, tzinfo=UTC),
        types.JSON: [],
        types.LargeBinary: b"content",
    }
    return next(value for kind, value in plain.items() if isinstance(column.type, kind))


def _counts(connection: Connection) -> dict[str, int]:
    tables = MetaData()
    tables.reflect(connection)
    return {
        name: connection.scalar(select(func.count()).select_from(table)) or 0
        for name, table in tables.tables.items()
        if name != "alembic_version"
    }
