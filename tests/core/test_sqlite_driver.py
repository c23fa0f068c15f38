"""Statements at once, what may wait in a thread: the promises of a transaction hold either way."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.database import Database


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    async with database.write() as session:
        await session.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield database
    await database.close()


async def names(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(text("SELECT name FROM things ORDER BY id")))


async def put(database: Database, *given: str) -> None:
    async with database.write() as session:
        for name in given:
            await session.execute(text("INSERT INTO things (name) VALUES (:name)"), {"name": name})


async def test_a_failed_transaction_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await put(database, "one", "one")
    await put(database, "two")
    assert await names(database) == ["two"]


async def test_a_transaction_cancelled_while_its_thread_works_leaves_nothing(database: Database) -> None:
    await put(database, "kept")
    begun = asyncio.Event()

    async def interrupted() -> None:
        async with database.write() as session:
            await session.execute(text("INSERT INTO things (name) VALUES ('lost')"))
            begun.set()
            slow = "DELETE FROM things WHERE id IN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n)"
            await session.execute(text(slow))

    task = asyncio.create_task(interrupted())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(database, "after")
    assert await names(database) == ["kept", "after"]


async def test_another_processs_transaction_is_waited_for_and_the_loop_goes_on(
    database: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "one.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO things (name) VALUES ('theirs')")
    writing = asyncio.create_task(put(database, "ours"))
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    await writing
    assert await names(database) == ["theirs", "ours"]


async def test_a_long_transaction_lets_others_have_their_turn(database: Database) -> None:
    turns, ended = 0, False

    async def count() -> None:
        nonlocal turns
        while not ended:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await put(database, *(f"thing {number}" for number in range(3000)))
    ended = True
    await counting
    assert turns > 20
    assert len(await names(database)) == 3000


async def test_a_view_sees_one_state_and_a_glance_the_newest(database: Database) -> None:
    await put(database, "first")
    counting = text("SELECT count(*) FROM things")
    async with database.read() as view, database.glance() as glance:
        assert (await view.scalar(counting), await glance.scalar(counting)) == (1, 1)
        await put(database, "second")
        assert (await view.scalar(counting), await glance.scalar(counting)) == (1, 2)
