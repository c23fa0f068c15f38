"""A tiny product on a real socket: keeps every webhook it gets and answers as told."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.simulator.demo import DEMO_VERIFY_TOKEN
from bot.simulator.server import QuietServer


@dataclass
class Product:
    """`answers` are used up one by one (a status, or a whole response), then everything gets 200.

    Bodies with one of the `refused` words get 500 so many times.
    """

    url: str = ""
    answers: list[int | Response] = field(default_factory=list)
    refused: dict[bytes, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    pause_seconds: float = 0.0

    async def webhook(self, request: Request) -> Response:
        if request.method == "GET":
            right = request.query_params.get("hub.verify_token") == DEMO_VERIFY_TOKEN
            return PlainTextResponse(request.query_params["hub.challenge"] if right else "", 200 if right else 403)
        body = await request.body()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        for word, times in self.refused.items():
            if word in body and times > 0:
                self.refused[word] = times - 1
                return Response(status_code=500)
        pause, self.pause_seconds = self.pause_seconds, 0.0
        await asyncio.sleep(pause)
        answer = self.answers.pop(0) if self.answers else 200
        return answer if isinstance(answer, Response) else Response(status_code=answer)


@contextlib.asynccontextmanager
async def running_product() -> AsyncIterator[Product]:
    product = Product()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    product.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = Starlette(routes=[Route("/{path:path}", product.webhook, methods=["GET", "POST"])])
    server = QuietServer(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
        await asyncio.sleep(0.005)
    yield product
    server.should_exit = True
    await task
    listener.close()


async def until(condition: Callable[[], Any], *, seconds: float = 5.0) -> None:
    """Wait until the condition holds; the test fails when it never does."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition, whoever makes it true
            await asyncio.sleep(0.005)
