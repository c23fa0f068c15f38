"""Houses for the integration tests: one a module, on SQLite or on the real PostgreSQL, with customers of their own a test."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from tests.integration.desk import Desk, open_desk
from tests.integration.gated_understanding import GatedBuild, Gates
from tests.running_house import running_house

SERVER = os.environ.get("REPLYDESK_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
LONG_ANSWER = "\n\n".join(f"Paragraph {number}. " + "Word after word. " * 60 for number in range(8))
ANSWERS = {
    "opening": "We are open from 9 to 6.",
    "delivery": "Delivery takes two days.",
    "returns": "Send it back within 30 days.",
    "everything": LONG_ANSWER,
}


async def make_database() -> str:
    """A fresh database on the PostgreSQL server; fails where there is none, for its tests must run."""
    name = f"replydesk_test_{uuid4().hex[:12]}"
    async with await psycopg.AsyncConnection.connect(SERVER, autocommit=True) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
    return f"{SERVER.rpartition('/')[0]}/{name}"


async def drop_database(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(SERVER, autocommit=True) as connection:
        await connection.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')


@pytest_asyncio.fixture
async def postgres_url() -> AsyncIterator[str]:
    """The address of a fresh PostgreSQL database, dropped after the test."""
    url = await make_database()
    yield url
    await drop_database(url)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A running house with its simulator, shared by a module's tests, which bring their own customers."""
    folder: Path = tmp_path_factory.mktemp("house")
    url = await make_database() if request.param == "postgresql" else None
    gates = Gates()
    async with (
        running_house(folder, answers=ANSWERS, build=GatedBuild(gates), database_url=url, speed=20.0) as house,
        open_desk(house, gates) as opened,
    ):
        await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
        yield opened
    if url is not None:
        await drop_database(url)
