"""One process of the product: what it opens, what it runs, how it stops."""

import asyncio
import contextlib
import fcntl
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import IO, Final

import structlog
import uvicorn

from bot.app import create_app
from bot.channel import ChannelKind
from bot.product import Product, open_product
from bot.registry import discover
from bot.schema import insist_on_head
from bot.understanding import understanding_builder
from core.database import Database
from core.errors import SettingMistake
from core.logs import Scrubber, configure_logs
from core.settings import Settings, environment
from handoff.live import Live
from nlu.rasa.serving import with_rasa

log = structlog.get_logger(__name__)

_STOP_SECONDS: Final = 8.0
"""A stop takes at most ten seconds (issue 2, point 10): two for open requests, the rest for work under way."""
_OPEN_REQUESTS_SECONDS: Final = 2
_LOOK_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What this process does. `host` and `port` are those of the web server; port 0 asks the system for a free one."""

    worker: bool = True
    host: str = "127.0.0.1"
    port: int = 8000


@asynccontextmanager
async def opened(
    settings: Settings, *, roles: Roles, kinds: Mapping[str, ChannelKind] | None = None
) -> AsyncIterator[Product]:
    """The product on its database, with logs configured and, on SQLite, the data folder locked for the one worker."""
    scrubber = Scrubber()
    if settings.rasa_token is not None:
        scrubber.learn([settings.rasa_token.get_secret_value()])
    configure_logs(log_format=settings.log_format, scrubber=scrubber)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    variables = environment()
    with contextlib.ExitStack() as stack:
        database = Database(settings.effective_database_url)
        if database.is_sqlite and roles.worker:
            stack.enter_context(_only_worker(settings))
        try:
            await insist_on_head(database)
            async with (
                understanding_builder(settings) as builtin,
                with_rasa(settings, builtin) as build,
                open_product(
                    settings,
                    database=database,
                    kinds=kinds or discover(),
                    build_understanding=build,
                    scrubber=scrubber,
                    environment=variables,
                ) as product,
            ):
                yield product
        finally:
            await database.close()


@contextmanager
def _only_worker(settings: Settings) -> Iterator[IO[str]]:
    """SQLite has one writer: a second working process on the same folder is refused at start."""
    path = settings.data_dir / "worker.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SettingMistake(
                f"Another replydesk already works on {settings.data_dir}. For several processes use PostgreSQL."
            ) from error
        yield file


class QuietServer(uvicorn.Server):
    """Leaves the process's signals to `run_until_stopped`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_until_stopped(
    product: Product,
    *,
    roles: Roles,
    listener: socket.socket | None = None,
    when_up: Callable[[], Awaitable[None]] | None = None,
    when_stopping: Callable[[], None] | None = None,
) -> None:
    """Run this process's roles until SIGTERM or SIGINT, then end what is under way within ten seconds.

    `listener` is the web server's (`listening`). `when_up` is awaited once it answers, `when_stopping` called as the stop
    begins.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await product.accounts.refresh()
    running = [asyncio.create_task(product.keep_receiving(), name="receiving")]
    if roles.worker:
        running.append(asyncio.create_task(product.work(), name="working"))
    live = Live(database=product.database)
    server = None if listener is None else _web_server(product, live, roles)
    if server is not None and listener is not None:
        running.append(asyncio.create_task(server.serve(sockets=[listener]), name="web"))
        while not server.started and not stop.is_set():  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(_LOOK_SECONDS)
        log.info("listening", host=roles.host, port=roles.port)
    if when_up is not None:
        await when_up()
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    if when_stopping is not None:
        when_stopping()
    live.close()
    await _stop(running, server)
    stopped.cancel()
    for task in running:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


@contextmanager
def listening(roles: Roles) -> Iterator[tuple[Roles, socket.socket]]:
    """The web server's socket, and the roles with the port it really has.

    It is bound before anything else runs: a port in use is told in one sentence (`SettingMistake`), and who knocks while
    we start waits instead of being refused.
    """
    with _listener(roles) as listener:
        yield replace(roles, port=listener.getsockname()[1]), listener


def _listener(roles: Roles) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in roles.host else socket.AF_INET
        return socket.create_server((roles.host, roles.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingMistake(f"Cannot listen on {roles.host}:{roles.port}: {error.strerror or error}.") from error


def _web_server(product: Product, live: Live, roles: Roles) -> QuietServer:
    config = uvicorn.Config(
        create_app(product, live=live),
        host=roles.host,
        port=roles.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_OPEN_REQUESTS_SECONDS,
        timeout_keep_alive=30,
        lifespan="off",
    )
    return QuietServer(config)


async def _stop(running: list[asyncio.Task[None]], server: QuietServer | None) -> None:
    """The web server first (a webhook under way is still stored), then the workers, then nobody waits any longer."""
    web = [task for task in running if task.get_name() == "web"]
    if server is not None and web:
        server.should_exit = True
        await asyncio.wait(web, timeout=_OPEN_REQUESTS_SECONDS + 1)
    for task in running:
        task.cancel()
    _, late = await asyncio.wait(running, timeout=_STOP_SECONDS - _OPEN_REQUESTS_SECONDS - 1)
    for task in late:
        log.warning("stopped_without_waiting", task=task.get_name())
