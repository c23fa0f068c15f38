"""The real product as a process of its own, on a data folder made for the run."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from bench.machine import pin

SECRET: Final = "bench-webhook-secret"
TOKEN: Final = "100000001:bench-telegram-token-not-secret"
PAGE: Final = "1000000000001"
APP_SECRET: Final = "bench-app-secret"
TELEGRAM_PATH: Final = "/webhooks/telegram/main"
MESSENGER_PATH: Final = "/webhooks/messenger/main"
_ROOT: Final = Path(__file__).parent.parent
_START_SECONDS: Final = 240.0
_STOP_SECONDS: Final = 15.0
PRODUCT: Final = (sys.executable, "-m", "bot.cli")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process that answers on `port`; `start_seconds` from its start until /readyz said 200."""

    pid: int
    port: int
    start_seconds: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def product_environment(folder: Path, *, telegram_api: str, graph: str, **settings: str) -> dict[str, str]:
    """The product's settings: one Telegram bot by webhook, one Page, both played by this machine."""
    ours = ("REPLYDESK_", "TELEGRAM_", "MESSENGER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **inherited,
        "REPLYDESK_DATA_DIR": str(folder),
        "REPLYDESK_TURN_WAIT_MS": "0",
        "REPLYDESK_LOG_FORMAT": "json",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram_api,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "MESSENGER_PAGE_ID": PAGE,
        "MESSENGER_PAGE_TOKEN": "bench-page-token",
        "MESSENGER_APP_SECRET": APP_SECRET,
        "MESSENGER_VERIFY_TOKEN": "bench-verify-token",
        "MESSENGER_GRAPH_URL": graph,
        **settings,
    }


async def prepare(folder: Path) -> None:
    """Make the database with the demo brand in it."""
    from bot.demo import load_demo_brand  # noqa: PLC0415 - heavy; only this process's start pays
    from bot.schema import upgrade  # noqa: PLC0415
    from core.database import Database  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder.absolute() / 'replydesk.sqlite3'}")
    try:
        await upgrade(database)
        await load_demo_brand(database)
    finally:
        await database.close()


@asynccontextmanager
async def running(
    command: Sequence[str], *, log: Path, core: set[int], environment: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """Start `command --port N`, keep it on one core, wait until it is ready, stop it at the end."""
    port = free_port()
    began = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)], stdout=output, stderr=output, env=environment, cwd=_ROOT
        )
    try:
        pin(process.pid, core)
        await _until_ready(process, port, log)
        yield Running(pid=process.pid, port=port, start_seconds=time.perf_counter() - began)
    finally:
        await _stop(process)


async def _until_ready(process: subprocess.Popen[Any], port: int, log: Path) -> None:
    deadline = time.perf_counter() + _START_SECONDS
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
        while time.perf_counter() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"It ended at once; see {log}:\n{log.read_text(errors='replace')[-2000:]}")
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.02)
    raise RuntimeError(f"It was not ready within {_START_SECONDS:.0f} s; see {log}.")


async def _stop(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.to_thread(process.wait, _STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
