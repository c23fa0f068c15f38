"""The real command `serve` for tests that end it: started by fork, killed without warning or stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from bot.schema import upgrade
from bot.simulator import demo
from bot.simulator.app import Simulator
from core.clock import utc_now
from core.database import Database
from knowledge_base.content import EntryContent, Translation
from knowledge_base.entries import create_entry

ROOT = Path(__file__).parent.parent.parent
KNOWN = {
    "opening": "What are your opening hours?",
    "delivery": "How much does delivery cost?",
    "returns": "How do I send an item back?",
    "payment": "Which cards do you accept?",
    "warranty": "How long is the warranty?",
    "gift": "Can you wrap it as a gift?",
    "size": "Where is the size chart?",
    "shop": "Where is your shop located?",
    "invoice": "I need an invoice with VAT",
    "password": "I forgot my password",
    "cancel": "Cancel my subscription please",
    "colour": "Is the jacket available in blue?",
}
"""What the product is sure of: entry → question. The answer is `answer_to(entry)`."""


class Product:
    """The process under test: started by fork, killed without warning."""

    def __init__(self, zygote: asyncio.subprocess.Process, *, port: int) -> None:
        self._zygote = zygote
        self._port = port
        self._pid = 0

    async def start(self) -> None:
        assert self._zygote.stdin is not None
        self._zygote.stdin.write(b"start\n")
        self._pid = int((await self.line()).removeprefix("pid "))

    async def up(self) -> None:
        """Until it answers."""
        async with httpx.AsyncClient(trust_env=False, timeout=30.0) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"http://127.0.0.1:{self._port}/healthz")).status_code == httpx.codes.OK:
                        return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        assert await self.line() == f"ended {-signal.SIGKILL}", "it had died before it was killed"

    async def stop(self) -> None:
        os.kill(self._pid, signal.SIGTERM)
        assert await self.line() == "ended 0"

    async def line(self) -> str:
        assert self._zygote.stdout is not None
        return (await self._zygote.stdout.readline()).decode().strip()


@asynccontextmanager
async def forking_server(folder: Path, *, port: int, simulator: Simulator) -> AsyncIterator[Product]:
    with (folder / "product.log").open("w") as log:
        zygote = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.integration.forking_server",
            str(port),
            cwd=ROOT,
            env=_environment(folder, simulator),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            product = Product(zygote, port=port)
            assert await product.line() == "ready", (folder / "product.log").read_text()
            yield product
        finally:
            with suppress(ProcessLookupError):
                zygote.kill()
            await zygote.wait()


def _environment(folder: Path, simulator: Simulator) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "REPLYDESK_DATA_DIR": str(folder),
        "REPLYDESK_TURN_WAIT_MS": "40",
        "REPLYDESK_EMBEDDING_MODEL": "none",
        "OPENBLAS_NUM_THREADS": "1",
        "REPLYDESK_LOG_FORMAT": "json",
        "TELEGRAM_BOT_TOKEN": demo.DEMO_TELEGRAM_TOKEN,
        "TELEGRAM_API_URL": f"{simulator.base_url}/telegram",
        "MESSENGER_PAGE_ID": demo.DEMO_PAGE_ID,
        "MESSENGER_PAGE_TOKEN": demo.DEMO_PAGE_TOKEN,
        "MESSENGER_APP_SECRET": demo.DEMO_APP_SECRET,
        "MESSENGER_VERIFY_TOKEN": demo.DEMO_VERIFY_TOKEN,
        "MESSENGER_GRAPH_URL": f"{simulator.base_url}/graph",
    }


def answer_to(entry: str) -> str:
    return f"answer {entry}"


async def prepare(database: Database) -> None:
    """The schema, and an entry for every question of `KNOWN`."""
    await upgrade(database)
    async with database.write() as session:
        for entry, question in KNOWN.items():
            translation = Translation(question=question, phrasings=(), answer=answer_to(entry))
            await create_entry(session, EntryContent(id=entry, translations={"en": translation}), now=utc_now())


async def until(what: Callable[[], bool | Awaitable[bool]], *, seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            found = what()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.1)
