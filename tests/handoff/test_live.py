"""Live events: what a browser hears, misses and is cut off from."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import select

from core.access import digest_of
from core.database import Database, announce
from core.models import User
from core.roles import Role
from core.users import deactivate
from handoff.live import Live
from tests.handoff.conftest import Desk


async def always() -> bool:
    return True


def parsed(chunk: str) -> dict[str, Any]:
    fields = dict(line.split(": ", 1) for line in chunk.strip().splitlines() if not line.startswith(":"))
    return fields | ({"data": json.loads(fields["data"])} if "data" in fields else {})


async def following(stream: AsyncIterator[str]) -> dict[str, Any]:
    """The next event, heartbeats left out."""
    async with asyncio.timeout(5):
        async for chunk in stream:
            if not chunk.startswith("event: beat"):
                return parsed(chunk)
    raise AssertionError("the stream ended")


async def tell(database: Database, kind: str, identity: int | None) -> None:
    async with database.write() as session:
        announce(session, kind, identity)


async def test_a_committed_change_reaches_every_client_after_hello(database: Database) -> None:
    live = Live(database=database)
    streams = [live.stream(last_id=None, still_welcome=always) for _ in range(3)]
    for stream in streams:
        assert (await following(stream))["data"] == {"reread": True}
    await tell(database, "conversation", 5)
    for stream in streams:
        heard = await following(stream)
        assert (heard["event"], heard["data"]) == ("conversation", {"id": 5})


async def test_a_client_that_returns_hears_what_it_missed(database: Database) -> None:
    live = Live(database=database)
    stream = live.stream(last_id=None, still_welcome=always)
    last = (await following(stream))["id"]
    await tell(database, "conversation", 1)
    await tell(database, "inbox", 2)
    await tell(database, "knowledge", 3)
    back = live.stream(last_id=last, still_welcome=always)
    assert (await following(back))["data"] == {"reread": False}
    assert [(await following(back))["data"]["id"] for _ in range(2)] == [1, 3]


async def test_a_quiet_stream_gives_signs_of_life(database: Database) -> None:
    live = Live(database=database, heartbeat_seconds=0.01)
    stream = live.stream(last_id=None, still_welcome=always)
    await following(stream)
    async with asyncio.timeout(5):
        assert parsed(await anext(stream)) == {"event": "beat", "data": {}}


async def test_an_unknown_or_broken_last_id_means_reading_everything_again(database: Database) -> None:
    live = Live(database=database)
    for last_id in ("", "x", "-", "0-1", "ffffffff-99999999999999999999", "ffffffff-1\r\n"):
        stream = live.stream(last_id=last_id, still_welcome=always)
        assert (await following(stream))["data"] == {"reread": True}


async def test_a_slow_client_is_told_to_read_again_and_its_queue_stays_bounded(database: Database) -> None:
    live = Live(database=database)
    stream = live.stream(last_id=None, still_welcome=always)
    await following(stream)
    async with database.write() as session:
        for number in range(700):
            announce(session, "conversation", number)
    heard = await following(stream)
    assert (heard["event"], heard["data"]) == ("hello", {"reread": True})
    rest = [await following(stream) for _ in range(200)]
    assert rest[-1]["data"] == {"id": 699}


async def test_closing_ends_every_stream(database: Database) -> None:
    live = Live(database=database)
    stream = live.stream(last_id=None, still_welcome=always)
    await following(stream)
    live.close()
    async with asyncio.timeout(5):
        assert [chunk async for chunk in stream if not chunk.startswith("event: beat")] == []


async def test_over_http_events_flow_and_end_when_the_user_is_deactivated(desk: Desk) -> None:
    person = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(desk.app, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=person.http.headers, timeout=5) as client,
            client.stream("GET", "/api/v1/events") as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            heard = [line async for line in _until(lines, "event: hello")]
            assert heard
            await client.post(f"/api/v1/conversations/{conversation_id}/claim")
            assert [line async for line in _until(lines, f'data: {{"id": {conversation_id}}}')]
            async with desk.database.write() as session:
                user = await session.scalar(select(User).where(User.id == person.actor.id))
                assert user is not None
                await deactivate(session, user, at=desk.clock())
            async with asyncio.timeout(5):
                rest = [line async for line in lines]
            assert all(not line.startswith("event: conversation") for line in rest)
    finally:
        server.should_exit = True
        await serving


async def _until(lines: AsyncIterator[str], wanted: str) -> AsyncIterator[str]:
    async with asyncio.timeout(5):
        async for line in lines:
            yield line
            if line == wanted:
                return


async def test_digests_are_what_is_stored_and_never_the_secret_itself(desk: Desk) -> None:
    person = await desk.person(Role.AGENT)
    token = person.http.headers["authorization"].removeprefix("Bearer ")
    assert token.startswith("rd_")
    file = Path(str(desk.database.url.database))
    stored = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    assert digest_of(token).encode() in stored
    assert token.encode() not in stored
