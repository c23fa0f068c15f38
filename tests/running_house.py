"""The whole product against the simulator, over real sockets, in the test's event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from bot.accounts import DEMO
from bot.app import create_app
from bot.demo import use_simulator
from bot.product import Product, open_product
from bot.registry import discover
from bot.schema import upgrade
from bot.serve import QuietServer
from bot.simulator.app import Simulator, create_simulator
from bot.simulator.server import serve_simulator
from core.clock import Clock, utc_now
from core.database import Database
from core.logs import Scrubber
from core.settings import Settings
from handoff.live import Live
from knowledge_base.content import EntryContent, Translation
from knowledge_base.entries import create_entry
from nlu.serving import Build
from tests.literal_understanding import LiteralBuild


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    product: Product
    simulator: Simulator
    url: str
    web: "Web"

    async def until(self, what: Callable[[], bool | Awaitable[bool]], *, seconds: float = 15.0) -> None:
        """Wait until `what()` holds; fails the test after `seconds`."""
        async with asyncio.timeout(seconds):
            while True:
                found = what()
                if await found if isinstance(found, Awaitable) else found:
                    return
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running_house(
    folder: Path,
    *,
    answers: Mapping[str, str] | None = None,
    build: Build | None = None,
    database_url: str | None = None,
    turn_wait_ms: int = 60,
    environment: Mapping[str, str] | None = None,
    clock: Clock = utc_now,
    **simulator_options: Any,
) -> AsyncIterator[House]:
    """`answers`: entry id → answer; each entry is asked by `ask ID`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(data_dir=folder, turn_wait_ms=turn_wait_ms, database_url=database_url)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once, at the start
    database = Database(settings.effective_database_url)
    application = create_simulator(product_url=url, messenger_account=DEMO, clock=clock, **simulator_options)
    try:
        await upgrade(database)
        await _know(database, {"opening": "We are open from 9 to 6."} if answers is None else answers)
        async with (
            serve_simulator(application) as simulator,
            open_product(
                settings,
                database=database,
                kinds=discover(),
                build_understanding=build or LiteralBuild(),
                scrubber=Scrubber(),
                environment=environment or {},
                clock=clock,
            ) as product,
        ):
            use_simulator(product, simulator.base_url)
            await product.accounts.refresh()
            async with _serving(product, port) as web:
                yield House(product=product, simulator=simulator, url=url, web=web)
    finally:
        await database.close()


class Web:
    """The house's web server."""

    def __init__(self, product: Product, port: int) -> None:
        self._product = product
        self._port = port

    async def start(self) -> None:
        self._live = Live(database=self._product.database)
        config = uvicorn.Config(
            create_app(self._product, live=self._live),
            host="127.0.0.1",
            port=self._port,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = QuietServer(config)
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        self._live.close()
        self._server.should_exit = True
        await asyncio.wait([self._task], timeout=5)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Stopped meanwhile; what comes back knows nothing of the streams that were open."""
        await self.stop()
        yield
        await self.start()


@asynccontextmanager
async def _serving(product: Product, port: int) -> AsyncIterator[Web]:
    web = Web(product, port)
    tasks = [asyncio.create_task(product.keep_receiving()), asyncio.create_task(product.work())]
    try:
        await web.start()
        yield web
    finally:
        await web.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _know(database: Database, answers: Mapping[str, str]) -> None:
    async with database.write() as session:
        for entry, answer in answers.items():
            content = EntryContent(
                id=entry, translations={"en": Translation(question=f"ask {entry}", phrasings=(), answer=answer)}
            )
            await create_entry(session, content, now=utc_now())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
