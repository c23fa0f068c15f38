"""(a) Webhooks accepted per second: the product's durable inbox beside a bare endpoint that writes one row."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.bodies import messenger_requests, telegram_requests
from bench.load import press, quantile
from bench.machine import cpu_seconds
from bench.product import (
    APP_SECRET,
    MESSENGER_PATH,
    PAGE,
    PRODUCT,
    SECRET,
    TELEGRAM_PATH,
    Running,
    prepare,
    product_environment,
    running,
)

CONNECTIONS: Final = 64
_SECONDS: Final = 4.0
_ROUNDS: Final = 2
_NOWHERE: Final = "http://127.0.0.1:9"
_TEXTS: Final = ("Where is my parcel? I ordered it on Monday and nobody told me anything since.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Answers 200 per second, p99 of their waits in ms, and the server's CPU time for one in µs."""

    name: str
    per_second: float
    p99_ms: float
    cpu_us: float


async def measure(folder: Path, *, core: set[int]) -> list[Rate]:
    """The bare endpoint and the product in turns, so that both see the same weather; the best round of each counts."""
    rounds: list[list[Rate]] = []
    for number in range(_ROUNDS):
        place = folder / f"accepting-{number}"
        place.mkdir()
        rounds.append(
            [
                await _bare(place, core, "FULL"),
                await _bare(place, core, "NORMAL"),
                *await _product(place / "web", core, alone=True),
                *await _product(place / "all", core, alone=False),
            ]
        )
    return [max(same, key=lambda rate: rate.per_second) for same in zip(*rounds, strict=True)]


async def _bare(folder: Path, core: set[int], synchronous: str) -> Rate:
    file = folder / f"bare-{synchronous}.sqlite3"
    command = (sys.executable, "-m", "bench.bare", "--file", str(file), "--synchronous", synchronous)
    async with running(command, log=folder / "bare.log", core=core) as server:
        return await _rate(f"bare FastAPI, one row, {synchronous}", server, _telegram("/webhook"))


async def _product(folder: Path, core: set[int], *, alone: bool) -> list[Rate]:
    await prepare(folder)
    environment = product_environment(
        folder, telegram_api=_NOWHERE, graph=_NOWHERE, REPLYDESK_EMBEDDING_MODEL="none", REPLYDESK_TURN_WAIT_MS="60000"
    )
    command = (*PRODUCT, "serve", *(("--no-worker",) if alone else ()))
    what = "web only" if alone else "web and worker"
    async with running(command, log=folder / "product.log", core=core, environment=environment) as server:
        rates = [await _rate(f"replydesk, Telegram, {what}", server, _telegram(TELEGRAM_PATH))]
        if alone:
            signed = messenger_requests(path=MESSENGER_PATH, app_secret=APP_SECRET, page=PAGE, texts=_TEXTS)
            rates.append(await _rate(f"replydesk, Messenger signed, {what}", server, signed))
    return rates


def _telegram(path: str) -> Iterator[bytes]:
    return telegram_requests(path=path, secret=SECRET, texts=_TEXTS)


async def _rate(name: str, server: Running, requests: Iterator[bytes]) -> Rate:
    await press(port=server.port, requests=requests, connections=CONNECTIONS, seconds=0.5)
    before = cpu_seconds(server.pid)
    load = await press(port=server.port, requests=requests, connections=CONNECTIONS, seconds=_SECONDS)
    if set(load.statuses) != {200}:
        raise RuntimeError(f"{name}: answers other than 200: {dict(load.statuses)}")
    return Rate(
        name=name,
        per_second=load.per_second,
        p99_ms=quantile(load.waits, 0.99) * 1000,
        cpu_us=(cpu_seconds(server.pid) - before) / load.accepted * 1e6,
    )
