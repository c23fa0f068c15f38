"""Runs a simulator on a real socket: in the event loop of a test or a demo, or as the whole process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Unpack

import uvicorn

from bot.simulator.app import Simulator, SimulatorApplication, SimulatorOptions, create_simulator

START_PAUSE_SECONDS = 0.005


class QuietServer(uvicorn.Server):
    """A server that leaves the process's signals to whoever started it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serve_simulator(
    application: SimulatorApplication, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Simulator]:
    """Serve in this event loop until the block ends; port 0 takes a free one (`simulator.base_url` tells it).

    Raises OSError when the port is taken.
    """
    listener = socket.create_server((host, port))
    application.simulator.serve_at(f"http://{host}:{listener.getsockname()[1]}")
    config = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=1, lifespan="on")
    server = QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(START_PAUSE_SECONDS)
        if task.done():
            await task  # raises what kept it from starting
        yield application.simulator
    finally:
        application.simulator.let_go()
        server.should_exit = True
        await task
        listener.close()


@contextlib.asynccontextmanager
async def running_simulator(**options: Unpack[SimulatorOptions]) -> AsyncIterator[Simulator]:
    """`create_simulator(**options)` served on a free port of this machine."""
    async with serve_simulator(create_simulator(**options)) as simulator:
        yield simulator
