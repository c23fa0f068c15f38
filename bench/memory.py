"""What a serving process holds on the demo brand, by what it does: `python -m bench.memory`.

Each kind of process is started on a data folder where the model is prepared and the vectors and the calibration are
known, with one account of Telegram and one of Messenger, answers questions (the web alone only stores them), and rests.
Resident memory includes pages of libraries that processes share; what is its own is printed beside it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import httpx

from bench.bodies import FIRST_CUSTOMER, telegram_update
from bench.machine import memory_mb
from bench.product import PRODUCT, SECRET, TELEGRAM_PATH, prepare, product_environment, running
from knowledge_base.encoder import open_encoder
from knowledge_base.model_files import BUNDLED_MODEL

_NOWHERE: Final = "http://127.0.0.1:9"
_QUESTIONS: Final = (
    "Where is my parcel?",
    "Сколько стоит доставка?",
    "運費多少",
    "boleh tukar saiz?",
    "My parcel did not come on Monday and nobody answers. " * 25,
)
_REST_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 120.0


def own_mb(pid: int) -> float:
    """Memory that no other process shares, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


def tell(what: str, pid: int) -> None:
    print(f"{what:<52} {memory_mb(pid):6.0f} MB, {own_mb(pid):6.0f} MB of its own", flush=True)


async def measure(folder: Path, questions: int) -> None:
    await prepare(folder)
    await asyncio.to_thread(open_encoder, folder, BUNDLED_MODEL)
    settings = {"REPLYDESK_EMBEDDING_MODEL": BUNDLED_MODEL}
    environment = product_environment(folder, telegram_api=_NOWHERE, graph=_NOWHERE, **settings)
    await _settled(folder, environment)
    await _web("web and worker in one, both channels", (*PRODUCT, "serve"), folder, environment, questions)
    without = {name: value for name, value in environment.items() if not name.startswith("TELEGRAM_")}
    await _web("web and worker in one, Messenger only", (*PRODUCT, "serve"), folder, without, 0)
    await _web("web alone, both channels", (*PRODUCT, "serve", "--no-worker"), folder, environment, questions)
    await _worker("worker alone, both channels, what the web stored", folder, environment)


async def _settled(folder: Path, environment: Mapping[str, str]) -> None:
    """A first start encodes and calibrates; the ones that are measured find it done."""
    async with running((*PRODUCT, "serve"), log=folder / "first.log", core=set(), environment=environment):
        await _until(lambda: any((folder / "calibrations").glob("*.json")))
        await asyncio.sleep(_REST_SECONDS)


async def _web(
    name: str, command: tuple[str, ...], folder: Path, environment: Mapping[str, str], questions: int
) -> None:
    async with running(command, log=folder / "web.log", core=set(), environment=environment) as server:
        await asyncio.sleep(_REST_SECONDS)
        tell(f"{name}, at rest", server.pid)
        if questions:
            await _ask(server.url, questions)
            await asyncio.sleep(_REST_SECONDS)
            tell(f"{name}, {questions} questions later", server.pid)


async def _ask(url: str, questions: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for number in range(questions):
            update = telegram_update(FIRST_CUSTOMER + number, _QUESTIONS[number % len(_QUESTIONS)])
            answer = await client.post(
                f"{url}{TELEGRAM_PATH}", json=update, headers={"x-telegram-bot-api-secret-token": SECRET}
            )
            answer.raise_for_status()


async def _worker(name: str, folder: Path, environment: Mapping[str, str]) -> None:
    log = folder / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen([*PRODUCT, "worker"], stdout=output, stderr=output, env=environment)
    try:
        await _until(lambda: any(_event(line) == "knowledge_in_use" for line in log.read_text().splitlines()))
        await asyncio.sleep(2 * _REST_SECONDS)
        tell(name, process.pid)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


def _event(line: str) -> str:
    try:
        return str(json.loads(line).get("event"))
    except ValueError:
        return ""


async def _until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError("The product did not get ready.")
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=60)
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name), given.questions))
