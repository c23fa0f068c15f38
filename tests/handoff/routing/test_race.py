"""Several worker processes route at once, on the real databases."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.tables import all_tables
from core.database import Database
from core.messages import EventKind
from handoff.routing.router import Router
from tests.handoff.floor import Floor
from tests.integration.conftest import drop_database, make_database

WORKERS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = await make_database() if request.param == "postgresql" else f"sqlite:///{tmp_path / 'race.sqlite3'}"
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(all_tables().create_all)
    yield database
    await database.close()
    if request.param == "postgresql":
        await drop_database(url)


async def test_several_workers_at_once_give_each_case_away_once_and_nobody_more_than_he_can_take(floor: Floor) -> None:
    for name in ("ann", "ben"):
        await floor.agent(name, capacity=4)
    await floor.team("all", "ann", "ben")
    cases = [await floor.case() for _ in range(12)]
    workers = [Database(floor.desk.database.url.render_as_string(hide_password=False)) for _ in range(WORKERS)]
    try:
        routers = [Router(database=one, clock=floor.desk.clock, windows={}) for one in workers]
        await asyncio.gather(*(one.route_once() for one in routers))
    finally:
        for one in workers:
            await one.close()
    owners = [await floor.owner(one) for one in cases]
    assert (owners.count("ann"), owners.count("ben"), owners.count(None)) == (4, 4, 4)
    assert [len(await floor.events(one, EventKind.ASSIGN)) for one in cases].count(1) == 8
