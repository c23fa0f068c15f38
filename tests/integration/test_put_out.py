"""Somebody is put out by another process: his open stream of live updates ends long before the next heartbeat."""

import asyncio
from pathlib import Path

import httpx

from core.clock import utc_now
from core.database import Database
from core.roles import Role
from core.users import add_user, deactivate, find_user, make_token
from tests.running_house import House, running_house

BEFORE_A_HEARTBEAT = 10.0
"""A heartbeat, which would notice it too, comes after 15 seconds."""


async def streaming(house: House, token: str, ended: asyncio.Event, begun: asyncio.Event) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(base_url=house.url, headers=headers, timeout=None) as client,
        client.stream("GET", "/api/v1/events") as stream,
    ):
        async for _ in stream.aiter_lines():
            begun.set()
    ended.set()


async def test_a_stream_ends_when_another_process_deactivates_its_user(tmp_path: Path) -> None:
    async with running_house(tmp_path) as house:
        async with house.product.database.write() as session:
            await add_user(session, email="boss@example.com", role=Role.ADMIN, at=utc_now())
            user = await add_user(session, email="anna@example.com", role=Role.AGENT, at=utc_now())
            _, token = await make_token(session, user.id, at=utc_now())
        begun, ended = asyncio.Event(), asyncio.Event()
        reading = asyncio.create_task(streaming(house, token, ended, begun))
        await asyncio.wait_for(begun.wait(), 15)
        await asyncio.sleep(1.0)  # the watch has looked once, so that it knows how it was before
        elsewhere = Database(house.product.settings.effective_database_url)
        async with elsewhere.write() as session:
            await deactivate(session, await find_user(session, "anna@example.com"), at=utc_now())
        await elsewhere.close()
        await asyncio.wait_for(ended.wait(), BEFORE_A_HEARTBEAT)
        await reading
