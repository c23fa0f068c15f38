"""The real product, started as a process with canaries for secrets, lives through trouble; then everything it left is searched."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from bot.simulator.app import Simulator
from bot.simulator.server import running_simulator
from tests.house.commands import ROOT, run

CANARY = "CANARY"
TOKEN = "100000001:AAE-CANARY-telegram-token-0123456789"
STORED_TOKEN = "100000002:AAE-CANARY-stored-token-0123456789"
PAGE = "1000000000001"
PAGE_TOKEN = "EAACANARYpagetoken0123456789"
APP_SECRET = "CANARY-app-secret-0123456789"
VERIFY_TOKEN = "CANARY-verify-token-0123456789"
WEBHOOK_SECRET = "CANARY-webhook-secret-0123456789"
SECRET_KEY = "CANARY-secret-key-of-at-least-32-characters"
PASSWORD = "CANARY-password-0123456789"
TROUBLE = ("lost_answer", "html_502", "lost_request", "unauthorized")


def settings(simulator: Simulator) -> dict[str, str]:
    return {
        "REPLYDESK_SECRET_KEY": SECRET_KEY,
        "REPLYDESK_EMBEDDING_MODEL": "none",
        "REPLYDESK_TURN_WAIT_MS": "0",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": f"{simulator.base_url}/telegram",
        "TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "MESSENGER_PAGE_ID": PAGE,
        "MESSENGER_PAGE_TOKEN": PAGE_TOKEN,
        "MESSENGER_APP_SECRET": APP_SECRET,
        "MESSENGER_VERIFY_TOKEN": VERIFY_TOKEN,
        "MESSENGER_GRAPH_URL": f"{simulator.base_url}/graph",
    }


@pytest.mark.timeout(600)  # eight processes, one after the other
async def test_no_secret_is_found_in_anything_that_is_printed_answered_or_stored(tmp_path: Path) -> None:
    async with running_simulator(
        telegram_token=TOKEN, page_id=PAGE, page_token=PAGE_TOKEN, app_secret=APP_SECRET, verify_token=VERIFY_TOKEN
    ) as simulator:
        variables = settings(simulator)
        said = await asyncio.to_thread(_commands, tmp_path, variables)
        async with _serving(tmp_path, variables) as (url, log):
            await simulator.messenger.subscribe(f"{url}/webhooks/messenger/main")
            await _trouble(simulator)
            said += await _answers(url)
        said.append(log.read_text(encoding="utf-8"))
        said.append((await asyncio.to_thread(run, "doctor", folder=tmp_path, **variables)).stdout)
    searched = "\n".join(said)
    assert "account_stopped" in searched, "the trouble did not happen"
    assert "Traceback" in searched or "error" in searched
    assert CANARY not in searched
    assert _files_with_canaries(tmp_path) == []


def _commands(folder: Path, variables: dict[str, str]) -> list[str]:
    """Set up, with an account whose credentials are stored and a user with a password."""
    done = [
        run("db", "upgrade", folder=folder, **variables),
        run("channel", "add", "telegram", "--name", "second", folder=folder, given=f"{STORED_TOKEN}\n", **variables),
        run(
            "user", "add", "a@example.com", "--role", "admin", "--password-stdin", folder=folder, given=f"{PASSWORD}\n"
        ),
        run("channel", "check", folder=folder, **variables),
        run("channel", "add", "telegram", "--set", "bot_token=CANARY!", folder=folder, **variables),
    ]
    assert [one.returncode for one in done[:3]] == [0, 0, 0], done
    return [one.stdout + one.stderr for one in done]


@asynccontextmanager
async def _serving(folder: Path, variables: dict[str, str]) -> AsyncIterator[tuple[str, Path]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "log.txt"
    with _started(folder, variables, port, log):
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(60):
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}", log


@contextmanager
def _started(folder: Path, variables: dict[str, str], port: int, log: Path) -> Iterator[None]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("REPLYDESK_", "TELEGRAM_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve", "--port", str(port)],
            stdout=output,
            stderr=output,
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(ROOT), "REPLYDESK_DATA_DIR": str(folder / "data"), **variables},
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


async def _trouble(simulator: Simulator) -> None:
    """Both platforms lose answers, break, and at last refuse the account."""
    anna, boris = simulator.telegram.customer("Anna"), simulator.messenger.customer("Boris")
    for kind in TROUBLE:
        for platform, method in ((simulator.telegram, "sendMessage"), (simulator.messenger, "messages")):
            if kind in platform.faults.known:
                platform.faults.add(kind=kind, method=method)
        anna.write(f"I want to talk to a person, {kind}")
        boris.write(f"I want to talk to a person, {kind}")
        await asyncio.sleep(1.0)
    simulator.telegram.faults.add(kind="unauthorized", times=None)
    anna.write("Is anybody there? I want a person.")
    simulator.messenger.faults.add(kind="wrong_signature", method="webhook")
    boris.write("And me?")
    await asyncio.sleep(2.0)


async def _answers(url: str) -> list[str]:
    """What the web server tells strangers, also those who ask wrongly."""
    async with httpx.AsyncClient(trust_env=False, base_url=url) as client:
        asked = [
            await client.get("/metrics"),
            await client.get("/readyz"),
            await client.get("/openapi.json"),
            await client.post("/webhooks/telegram/main", content=b"{}"),
            await client.post("/webhooks/telegram/main", headers={"X-Telegram-Bot-Api-Secret-Token": "wrong"}),
            await client.post("/webhooks/messenger/main", headers={"X-Hub-Signature-256": "sha256=wrong"}),
            await client.get("/webhooks/messenger/main?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1"),
        ]
    assert [one.status_code for one in asked] == [200, 200, 200, 401, 401, 403, 403]
    return [one.text + str(one.headers) for one in asked]


def _files_with_canaries(folder: Path) -> list[str]:
    """The database with its log, and whatever else was written: credentials are encrypted, errors are clean."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
