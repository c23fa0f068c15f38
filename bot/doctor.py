"""`replydesk doctor`: what is well and what is not, each in one plain sentence."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy.exc import SQLAlchemyError

from bot.channel import Finding, FindingLevel
from bot.channel_commands import MARKS, examine_accounts
from bot.schema import current, head
from bot.understanding import examine_model
from core.clock import utc_now
from core.database import Database
from core.errors import ReplydeskError
from core.settings import Settings
from knowledge_base.snapshot import load_snapshot
from nlu.rasa.examining import examine_engine

_LITTLE_DISK_BYTES: Final = 1 << 30
_NO_DISK_BYTES: Final = 100 << 20
_CLOCK_OFF_SECONDS: Final = 30.0
_MONOTONIC_PROBE_SECONDS: Final = 0.05

Line = tuple[str, Finding]


async def examine() -> int:
    """Prints every finding as it is made; returns 1 when one is bad."""
    settings = Settings.load()
    worst_is_bad = False
    async for label, finding in _findings(settings):
        print(f"{MARKS[finding.level]}  {label}: {finding.sentence}")
        worst_is_bad = worst_is_bad or finding.level == FindingLevel.BAD
    return 1 if worst_is_bad else 0


async def _findings(settings: Settings) -> AsyncIterator[Line]:
    yield "settings", good(f"read; data folder {settings.data_dir.absolute()}.")
    yield "disk", _disk(settings)
    database = Database(settings.effective_database_url)
    try:
        usable = True
        for finding in await _database(database):
            usable = usable and finding.level != FindingLevel.BAD
            yield "database", finding
        for finding in examine_model(settings):
            yield "model", finding
        if usable:
            for finding in await _rasa(settings, database):
                yield "rasa", finding
            for line in await _channels(settings, database):
                yield line
    finally:
        await database.close()
    yield "clock", await _clock()


def good(sentence: str) -> Finding:
    return Finding(level=FindingLevel.GOOD, sentence=sentence)


def warning(sentence: str) -> Finding:
    return Finding(level=FindingLevel.WARNING, sentence=sentence)


def bad(sentence: str) -> Finding:
    return Finding(level=FindingLevel.BAD, sentence=sentence)


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    sentence = f"{free / (1 << 30):.1f} GiB free at {folder}."
    if free < _NO_DISK_BYTES:
        return bad(sentence + " Messages will soon not be stored any more.")
    return warning(sentence) if free < _LITTLE_DISK_BYTES else good(sentence)


async def _database(database: Database) -> Sequence[Finding]:
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    if database.is_sqlite and not _exists(database):
        return [bad("there is none yet. Run `replydesk db upgrade`.")]
    try:
        revision = await current(database)
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return [bad(f"{kind} cannot be used: {reason}")]
    if revision != head():
        return [
            good(f"{kind} answers."),
            bad(f"it is at revision {revision or 'none'}, this program needs {head()}. Run `replydesk db upgrade`."),
        ]
    began = time.perf_counter()
    async with database.write():
        pass
    milliseconds = (time.perf_counter() - began) * 1000
    return [good(f"{kind} answers, a transaction takes {milliseconds:.1f} ms, migrations are at {revision}.")]


def _exists(database: Database) -> bool:

    return Path(str(database.url.database)).exists()


async def _channels(settings: Settings, database: Database) -> Sequence[Line]:
    try:
        found = await examine_accounts(settings, database)
    except ReplydeskError as error:
        return [("channels", bad(str(error)))]
    return found or [("channels", warning("no account yet. `replydesk channel add telegram` adds the first."))]


async def _rasa(settings: Settings, database: Database) -> Sequence[Finding]:
    """Nothing where Rasa is not in use; else whether it answers and whether its model is of today's knowledge."""
    if settings.rasa_url is None:
        return []
    snapshot = await load_snapshot(database)
    found = await examine_engine(settings, revision=snapshot.knowledge.revision)
    return [Finding(level=FindingLevel(one.level), sentence=one.sentence) for one in found]


async def _clock() -> Finding:
    """Compare with a platform's clock where one is in reach: signatures, windows and figures hang on it."""
    began = time.monotonic(), time.time()
    await asyncio.sleep(_MONOTONIC_PROBE_SECONDS)
    if abs((time.time() - began[1]) - (time.monotonic() - began[0])) > 1:
        return bad("the clock jumps. Is it being set by two programs?")
    try:
        async with httpx.AsyncClient(timeout=3.0) as http:
            answer = await http.head("https://api.telegram.org/")
        off = (utc_now() - parsedate_to_datetime(answer.headers["date"])).total_seconds()
    except (httpx.HTTPError, KeyError, ValueError):
        return good(f"{utc_now():%Y-%m-%d %H:%M:%S} UTC; no platform in reach to compare it with.")
    if abs(off) > _CLOCK_OFF_SECONDS:
        return bad(f"it is {abs(off):.0f} s {'ahead' if off > 0 else 'behind'}. Turn time synchronisation on.")
    return good(f"within {abs(off):.0f} s of Telegram's.")
