"""`replydesk serve` on an empty data folder, as somebody who just installed it starts it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.house.commands import ROOT
from tests.running_house import free_port

LINK = re.compile(r"(http://\S+/setup\?token=\S+)")


@asynccontextmanager
async def fresh_installation(folder: Path) -> AsyncIterator[str]:
    """Serves until the block ends. Yields the set-up link that it printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("REPLYDESK_", "TELEGRAM_"))}
    settings = {"REPLYDESK_EMBEDDING_MODEL": "none", "REPLYDESK_TURN_WAIT_MS": "50"}
    environment = {**inherited, **settings, "PYTHONPATH": str(ROOT), "REPLYDESK_DATA_DIR": str(folder / "data")}
    log = folder / "log.txt"
    command = [sys.executable, "-m", "bot.cli"]
    await asyncio.to_thread(subprocess.run, [*command, "db", "upgrade"], cwd=folder, env=environment, check=True)
    with log.open("wb") as output:
        serve = [*command, "serve", "--port", str(free_port())]
        process = subprocess.Popen(serve, stdout=output, stderr=output, cwd=folder, env=environment)  # noqa: ASYNC220
        try:
            async with asyncio.timeout(60):
                while (link := LINK.search(log.read_text("utf-8"))) is None:
                    assert process.poll() is None, log.read_text("utf-8")
                    await asyncio.sleep(0.1)
            yield link[1]
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, 30)
    assert "Traceback" not in log.read_text("utf-8")
