"""Starts real `serve` processes quickly: everything is imported once, every start is a fork (used by test_kill.py).

    python -m tests.integration.forking_server PORT

Each line `start` on standard input forks one process that serves on PORT; `pid N` is answered, and `ended N` when that
process is gone. What is killed is the product as `replydesk serve` runs it (database, lock of the data folder,
accounts from the environment, web server, workers, signal handlers); only the understanding is the literal one.
"""

import asyncio
import contextlib
import importlib
import os
import sys

from bot.product import open_product
from bot.registry import discover
from bot.schema import insist_on_head
from bot.serve import Roles, run_until_stopped
from core.database import Database
from core.logs import Scrubber, configure_logs
from core.settings import Settings, environment
from tests.literal_understanding import LiteralBuild


async def serve(port: int) -> None:
    settings = Settings.load()
    scrubber = Scrubber()
    configure_logs(log_format=settings.log_format, scrubber=scrubber)
    roles = Roles(port=port)
    database = Database(settings.effective_database_url)
    try:
        await insist_on_head(database)
        async with open_product(
            settings,
            database=database,
            kinds=discover(),
            build_understanding=LiteralBuild(),
            scrubber=scrubber,
            environment=environment(),
        ) as product:
            await run_until_stopped(product, roles=roles)
    finally:
        await database.close()


def main() -> None:
    port = int(sys.argv[1])
    for slow in ("bot.channels.telegram.adapter", "uvicorn.protocols.http.httptools_impl", "uvloop", "bot.app"):
        importlib.import_module(slow)
    discover()
    _say("ready")
    for line in sys.stdin:
        if line.strip() != "start":
            break
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(serve(port))
            os._exit(0)
        _say(f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        _say(f"ended {os.waitstatus_to_exitcode(status)}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
