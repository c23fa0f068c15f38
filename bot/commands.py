"""What the commands of bot/cli.py do, once their heavy imports are paid for."""

import os
import sys
import threading
from functools import partial
from typing import Final

from bot.demo import load_demo_brand, simulator_beside
from bot.schema import upgrade
from bot.serve import Roles, listening, opened, run_until_stopped
from core.database import Database
from core.settings import Settings
from core.setup_link import make_setup_token

_LEAVE_SECONDS: Final = 9.5
"""A stop takes at most ten seconds (DESIGN.md, graceful stop)."""


async def serve_product(*, host: str, port: int, worker: bool) -> None:
    settings = Settings.load()
    with listening(Roles(host=host, port=port, worker=worker)) as (roles, listener):
        async with opened(settings, roles=roles) as product:
            tell = partial(_print_address, product.database, settings.public_url or f"http://{host}:{roles.port}")
            await run_until_stopped(product, roles=roles, listener=listener, when_up=tell, when_stopping=_leave_in_time)


async def work() -> None:
    roles = Roles()
    async with opened(Settings.load(), roles=roles) as product:
        await run_until_stopped(product, roles=roles, when_stopping=_leave_in_time)


async def run_demo(*, host: str, port: int, simulator_port: int) -> None:
    settings = Settings.load()
    await upgrade_database(settings)
    database = Database(settings.effective_database_url)
    try:
        if await load_demo_brand(database):
            _say("Loaded the demo brand.")
    finally:
        await database.close()
    with listening(Roles(host=host, port=port)) as (roles, listener):
        url = f"http://{host}:{roles.port}"
        async with (
            opened(settings, roles=roles) as product,
            simulator_beside(product, host=host, port=simulator_port, product_url=url) as simulator_url,
        ):
            tell = partial(_print_addresses, product.database, url=url, simulator_url=simulator_url)
            await run_until_stopped(product, roles=roles, listener=listener, when_up=tell, when_stopping=_leave_in_time)


async def _print_address(database: Database, url: str) -> None:
    _say(f"  The desk             {url}")
    await _print_setup_link(database, url)


async def _print_addresses(database: Database, *, url: str, simulator_url: str) -> None:
    _say("")
    _say(f"  Chat as a customer   {simulator_url}")
    _say(f"  The desk             {url}")
    _say(f"  API documentation    {url}/docs")
    await _print_setup_link(database, url)
    _say("  Stop with Ctrl+C.\n")


async def upgrade_database(settings: Settings | None = None) -> None:
    settings = settings or Settings.load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.effective_database_url)
    try:
        before, after = await upgrade(database)
    finally:
        await database.close()
    _say(
        f"The database is at revision {after}."
        if before == after
        else f"The database was brought from {before or 'nothing'} to {after}."
    )


async def _print_setup_link(database: Database, url: str) -> None:
    async with database.write() as session:
        token = await make_setup_token(session)
    if token is not None:
        _say(f"  First administrator  {url}/setup?token={token}  (works once)")


def _leave_in_time() -> None:
    """A thread that still computes cannot be cancelled: by then all is stored and closed, and the process just ends."""
    timer = threading.Timer(_LEAVE_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
