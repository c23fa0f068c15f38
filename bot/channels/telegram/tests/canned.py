"""A Bot API server that gives one fixed answer, for what the simulator never says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator.server import QuietServer


@dataclass(kw_only=True)
class CannedServer:
    """`methods` are the calls it got, oldest first."""

    status: int
    body: bytes
    base_url: str = ""
    methods: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        await request.body()
        self.methods.append(request.path_params["method"])
        return Response(self.body, status_code=self.status, media_type="application/json")


@asynccontextmanager
async def canned(status: int, body: bytes) -> AsyncIterator[CannedServer]:
    server = CannedServer(status=status, body=body)
    application = Starlette(routes=[Route("/bot{token}/{method}", server.answer, methods=["POST"])])
    config = uvicorn.Config(application, port=0, log_config=None, access_log=False, lifespan="off")
    listener = config.bind_socket()
    server.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    running = QuietServer(config)
    task = asyncio.create_task(running.serve(sockets=[listener]))
    try:
        while not running.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.005)
        yield server
    finally:
        running.should_exit = True
        await task
        listener.close()
