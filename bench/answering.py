"""(b) From a question in to the send call out, beside the bare cost of encoding and two commits; (d) many at once."""

import asyncio
import os
import random
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from bench.bodies import FIRST_CUSTOMER, telegram_requests
from bench.load import press, quantile
from bench.machine import cpu_seconds
from bench.product import PRODUCT, SECRET, TELEGRAM_PATH, TOKEN, Running, product_environment, running
from bot.simulator.app import Simulator
from bot.simulator.screens import BRAND
from bot.simulator.server import running_simulator
from knowledge_base.encoder import open_encoder
from knowledge_base.model_files import BUNDLED_MODEL

_ALONE: Final = 120
_PAUSE_SECONDS: Final = 0.02
_STREAM: Final = 300
_STREAM_PER_SECOND: Final = 10.0
_MANY: Final = 240
_GIVE_UP_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds of `n` questions."""

    name: str
    n: int
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """Questions through the whole pipeline per second of wall time, and the product's CPU time for one in ms."""

    decided_per_second: float
    sent_per_second: float
    cpu_ms: float


def latency(name: str, seconds: Sequence[float]) -> Latency:
    milliseconds = [one * 1000 for one in seconds]
    return Latency(
        name=name, n=len(milliseconds), p50_ms=quantile(milliseconds, 0.5), p99_ms=quantile(milliseconds, 0.99)
    )


def questions(folder: Path) -> list[str]:
    """English phrasings of the prepared brand, each with a word of its own, so that no cache knows it."""
    connection = sqlite3.connect(folder / "replydesk.sqlite3")
    rows = connection.execute("SELECT question FROM entry_texts WHERE language = 'en' ORDER BY entry_id")
    found = [str(row[0]) for row in rows]
    connection.close()
    return [f"{re.sub('[?.!]+$', '', question)} please {number}" for number in range(20) for question in found]


def bare(folder: Path, *, texts: Sequence[str], core: set[int]) -> Latency:
    """What nobody can save: encode the question, commit it, commit the answer; in a thread on the server's core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, core)  # of this thread alone
    encoder = open_encoder(folder, BUNDLED_MODEL)
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT)")
    taken = []
    for text in texts[:_ALONE]:
        began = time.perf_counter()
        connection.execute("INSERT INTO bare (body) VALUES (?)", (text,))
        encoder.encode_now([text])
        connection.execute("INSERT INTO bare (body) VALUES (?)", (text,))
        taken.append(time.perf_counter() - began)
        time.sleep(_PAUSE_SECONDS)
    connection.close()
    return latency("bare: encode + two FULL commits", taken)


@asynccontextmanager
async def answering_product(folder: Path, *, core: set[int]) -> AsyncIterator[tuple[Running, Simulator]]:
    """The product with the fakes, its model prepared, warmed by a few questions."""
    async with running_simulator(telegram_token=TOKEN, receipts="none") as simulator:
        environment = product_environment(
            folder, telegram_api=f"{simulator.base_url}/telegram", graph=f"{simulator.base_url}/graph"
        )
        log = folder / "product.log"
        async with running((*PRODUCT, "serve"), log=log, core=core, environment=environment) as server:
            yield server, simulator


async def alone(server: Running, simulator: Simulator, texts: Sequence[str]) -> Latency:
    """One question after the other, each from a customer of its own."""
    taken = []
    for number in range(_ALONE + 10):
        customer = FIRST_CUSTOMER + number
        began, requests = _asked(simulator, customer, texts[number % len(texts)])
        await press(port=server.port, requests=requests, connections=1)
        taken.append(await _sent_after(simulator, customer, began))
        await asyncio.sleep(_PAUSE_SECONDS)
    return latency("alone", taken[10:])


async def stream(server: Running, simulator: Simulator, texts: Sequence[str]) -> Latency:
    """Questions that arrive by chance, so many a second on average, whether or not earlier ones are answered."""
    chance = random.Random(7)
    first = FIRST_CUSTOMER + 10_000
    asked = []
    for number in range(_STREAM):
        asked.append(asyncio.create_task(_one(server, simulator, first + number, texts[number % len(texts)])))
        await asyncio.sleep(chance.expovariate(_STREAM_PER_SECOND))
    return latency(f"{_STREAM_PER_SECOND:.0f} a second by chance", await asyncio.gather(*asked))


async def _one(server: Running, simulator: Simulator, customer: int, text: str) -> float:
    began, requests = _asked(simulator, customer, text)
    await press(port=server.port, requests=requests, connections=1)
    return await _sent_after(simulator, customer, began)


async def many(server: Running, simulator: Simulator, texts: Sequence[str]) -> Throughput:
    """A heap of questions at once, each of another customer; Telegram itself allows one bot 30 messages a second."""
    first = FIRST_CUSTOMER + 50_000
    for number in range(_MANY):
        _known(simulator, first + number)
    before, began = cpu_seconds(server.pid), time.perf_counter()
    decided_before = await _decided(server)
    requests = telegram_requests(path=TELEGRAM_PATH, secret=SECRET, texts=texts, customers=_MANY, first_customer=first)
    await press(port=server.port, requests=(next(requests) for _ in range(_MANY)), connections=16)
    while await _decided(server) < decided_before + _MANY:
        await asyncio.sleep(0.02)
    decided = time.perf_counter() - began
    await _until(lambda: all(_answered_at(simulator, first + number) is not None for number in range(_MANY)))
    sent = time.perf_counter() - began
    return Throughput(
        decided_per_second=_MANY / decided,
        sent_per_second=_MANY / sent,
        cpu_ms=(cpu_seconds(server.pid) - before) / _MANY * 1000,
    )


def _asked(simulator: Simulator, customer: int, text: str) -> tuple[datetime, Any]:
    _known(simulator, customer)
    requests = telegram_requests(path=TELEGRAM_PATH, secret=SECRET, texts=[text], customers=1, first_customer=customer)
    only = iter([next(requests)])
    return datetime.now(UTC), only


def _known(simulator: Simulator, customer: int) -> None:
    simulator.telegram.customer(f"Customer {customer}", customer_id=customer).started = True


async def _sent_after(simulator: Simulator, customer: int, began: datetime) -> float:
    await _until(lambda: _answered_at(simulator, customer) is not None)
    answered = _answered_at(simulator, customer)
    assert answered is not None
    return (answered - began).total_seconds()


def _answered_at(simulator: Simulator, customer: int) -> datetime | None:
    """When the fake platform took the first message to this customer."""
    shown = simulator.telegram.customers[str(customer)].screen.messages.values()
    return next((message.at for message in shown if message.author == BRAND), None)


async def _decided(server: Running) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        text = (await client.get(f"{server.url}/metrics")).text
    found = re.search(r"^replydesk_think_seconds_count (\S+)$", text, re.MULTILINE)
    return int(float(found[1])) if found else 0


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + _GIVE_UP_SECONDS
    while not holds():
        if time.perf_counter() > deadline:
            raise RuntimeError("A question had no answer within a minute; see product.log.")
        await asyncio.sleep(0.002)
