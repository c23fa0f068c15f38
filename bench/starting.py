"""(c) Cold start until /readyz says 200, and resident memory, with and without the model, beside the bare endpoint."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.machine import memory_mb
from bench.product import PRODUCT, prepare, product_environment, running
from knowledge_base.encoder import open_encoder
from knowledge_base.model_files import BUNDLED_MODEL

_SETTLED_SECONDS: Final = 3.0
_NOWHERE: Final = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    name: str
    seconds: float
    memory_mb: float


async def measure(folder: Path, *, core: set[int]) -> list[Start]:
    """Prepares `folder` with the demo brand and the model; the start that is counted finds both."""
    await prepare(folder)
    await asyncio.to_thread(open_encoder, folder, BUNDLED_MODEL)
    await _product(folder, core, "the first with the model: phrasings encoded")
    return [
        await _bare(folder, core),
        await _product(folder, core, "replydesk, without a model", model="none"),
        await _product(folder, core, "replydesk, with the model, vectors kept"),
    ]


async def _bare(folder: Path, core: set[int]) -> Start:
    command = (sys.executable, "-m", "bench.bare", "--file", str(folder / "start.sqlite3"))
    async with running(command, log=folder / "bare.log", core=core) as server:
        return Start(name="bare FastAPI", seconds=server.start_seconds, memory_mb=memory_mb(server.pid))


async def _product(folder: Path, core: set[int], name: str, *, model: str = "") -> Start:
    environment = product_environment(folder, telegram_api=_NOWHERE, graph=_NOWHERE, REPLYDESK_EMBEDDING_MODEL=model)
    log = folder / "product.log"
    async with running((*PRODUCT, "serve"), log=log, core=core, environment=environment) as server:
        await asyncio.sleep(_SETTLED_SECONDS)
        return Start(name=name, seconds=server.start_seconds, memory_mb=memory_mb(server.pid))
