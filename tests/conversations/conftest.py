"""One house with the real understanding for all conversations, which are played side by side."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from _pytest.terminal import TerminalReporter

from bot.schema import upgrade
from core.clock import utc_now
from core.database import Database
from knowledge_base.demo import load_demo
from knowledge_base.encoder import open_encoder
from knowledge_base.interchange.import_file import import_file, read_file
from knowledge_base.model_files import BUNDLED_MODEL
from knowledge_base.snapshot import load_snapshot
from knowledge_base.vectors import FileVectorStore
from nlu.understanding import Understanding
from tests.conftest import ROOT
from tests.conversations.held import Held, HeldBuild
from tests.conversations.known import MISSING_TRANSLATIONS, Known
from tests.conversations.script import Script
from tests.conversations.stage import Performance
from tests.integration.desk import Desk, open_desk
from tests.integration.gated_understanding import Gates
from tests.running_house import running_house

CACHE: Final = ROOT / ".cache"
"""The prepared model and its vectors, kept from run to run."""
_SIDE_BY_SIDE: Final = 24
_BURST_MS: Final = 400
"""Longer than the simulator needs to bring a burst, however busy the machine is."""
_FIGURES: Final = pytest.StashKey[dict[str, Counter[str]]]()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def performances(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Mapping[str, Performance]]:
    """Every conversation that this run asks for, played to its end, by the script's id."""
    folder = tmp_path_factory.mktemp("house")
    held = Held()
    build = HeldBuild(await _understanding_of(folder), held)
    house = running_house(folder, answers={}, build=build, turn_wait_ms=_BURST_MS, speed=20.0)
    async with house as running, open_desk(running, Gates()) as desk:
        await running.until(lambda: running.simulator.messenger.webhook.subscription.verified)
        one_of_few = asyncio.Semaphore(_SIDE_BY_SIDE)
        known = Known.read()
        played = [_performance(script, desk, held, known) for script in _asked_for(request.session)]

        async def play(performance: Performance) -> None:
            async with one_of_few:
                await performance.play()

        await asyncio.gather(*(play(one) for one in played))
        request.config.stash[_FIGURES] = _counted(played)
        yield {one.script.id: one for one in played}


async def _understanding_of(folder: Path) -> Understanding:
    """The house's knowledge put into its database, and the real understanding of it."""
    database = Database(f"sqlite:///{folder / 'replydesk.sqlite3'}")
    await upgrade(database)
    await load_demo(database, clock=utc_now)
    await import_file(database, read_file(MISSING_TRANSLATIONS), clock=utc_now)
    snapshot = await load_snapshot(database)
    await database.close()
    encoder = await asyncio.to_thread(open_encoder, CACHE, BUNDLED_MODEL)
    return await Understanding.build(snapshot.knowledge, encoder=encoder, store=FileVectorStore(CACHE))


def _asked_for(session: pytest.Session) -> list[Script]:
    scripts = [getattr(item, "callspec", None) for item in session.items]
    return [spec.params["script"] for spec in scripts if spec is not None and "script" in spec.params]


def _performance(script: Script, desk: Desk, held: Held, known: Known) -> Performance:
    platform = getattr(desk.house.simulator, script.channel)
    customer = platform.customer(script.id, language=script.language)
    return Performance(script=script, desk=desk, held=held, known=known, customer=customer)


def _counted(played: list[Performance]) -> dict[str, Counter[str]]:
    figures: dict[str, Counter[str]] = {}
    for one in played:
        figures.setdefault(one.script.language, Counter()).update(one.kinds)
    return figures


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash.get(_FIGURES, {})
    if figures:
        terminalreporter.section("conversations: turns by language and what became of them")
    for language, counts in sorted(figures.items()):
        told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
        terminalreporter.write_line(f"{language:>8}: {told}")
