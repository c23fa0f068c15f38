"""Prints what a team makes of a week: Easter in Sydney, with the end of daylight saving, a silent colleague and a burst.

python -m tests.integration.simulated_days [burst=200] [seed=1] > days.md

Thursday 2 April 2026 to Wednesday 8 April, opening hours in Sydney with the country's holidays: closed on Good Friday and
Easter Monday, a night shift over the hour that comes twice. On Saturday nobody is online before noon, on Sunday one agent
is online and silent, on Tuesday at ten so many customers come at once.
"""

import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import select

from core.database import Database
from core.logs import Scrubber, configure_logs
from core.messages import EventKind
from core.models import Event
from core.preferences import load_brand, save_brand
from core.roles import Role
from core.users import add_user, make_token
from handoff.desk_rules import DeskRules, ServiceLevel, save_rules
from handoff.hours.opening_hours import OpeningHours
from handoff.models import Case
from handoff.promises.computing import FEWEST_WAITS
from handoff.routing.router import Router
from handoff.teams.models import Team
from handoff.teams.teams import load_staff, save_team
from metrics.recorded import recorded_report
from tests.integration.simulated_team import Agent, Floor, SimulatedClock
from tests.running_house import House, running_house

ZONE: Final = ZoneInfo("Australia/Sydney")
STEP: Final = timedelta(minutes=5)
DAY: Final = [["09:00", "13:00"], ["13:30", "17:00"]]
HOURS: Final = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), DAY) | {"sun": [["00:00", "06:00"], *DAY]}
FULL: Final = {f"2026-04-{day:02}": (9, 17) for day in (2, 5, 7, 8)} | {"2026-04-04": (12, 17)}
NIGHT: Final = {"2026-04-05": (0, 6)}
PEOPLE: Final[Sequence[dict[str, Any]]] = (
    {"name": "Ava", "works": FULL},
    {"name": "Ben", "works": FULL},
    {"name": "Chloe", "works": FULL},
    {"name": "Dan", "works": FULL, "silent_on": frozenset({"2026-04-05"})},
    {"name": "Nia", "works": NIGHT},
)


@dataclass(frozen=True, kw_only=True)
class Week:
    """When it begins and ends, local; how many come with the burst, and when."""

    begins: datetime = datetime(2026, 4, 2, 8, tzinfo=ZONE)
    ends: datetime = datetime(2026, 4, 8, 18, tzinfo=ZONE)
    burst_at: datetime = datetime(2026, 4, 7, 10, tzinfo=ZONE)
    burst: int = 200
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What came of it; times are open time."""

    cases: int
    promised: int
    unpromised: dict[str, int]
    report: dict[str, Any]
    rerouted: int
    unanswered: int
    longest_unseen: timedelta
    longest_wait: timedelta


async def live_through(week: Week, folder: Path) -> Figures:
    clock = SimulatedClock(week.begins.astimezone(UTC))
    async with running_house(
        folder, turn_wait_ms=5, clock=clock, speed=50.0, receipts="none", echo_mode="never"
    ) as house:
        await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
        floor = Floor(house=house, clock=clock, chance=random.Random(week.seed))
        await _set_up(house.product.database, clock)
        async with AsyncExitStack() as stack:
            floor.agents += [await _agent(stack, house, clock, **one) for one in PEOPLE]
            await _found_team(house.product.database, floor)
            await _live(floor, week)
            return await _figures(house.product.database, now=clock())


async def _set_up(database: Database, clock: SimulatedClock) -> None:
    async with database.write() as session:
        brand = await load_brand(session)
        changes = {"hours": HOURS, "timezone": ZONE.key, "holidays": "AU"}
        await save_brand(session, brand.with_changes(changes))
        await save_rules(session, DeskRules(level=ServiceLevel(first_response_minutes=60)))


async def _agent(stack: AsyncExitStack, house: House, clock: SimulatedClock, *, name: str, **habits: Any) -> Agent:
    async with house.product.database.write() as session:
        user = await add_user(session, email=f"{name}@example.com", role=Role.AGENT, name=name, at=clock())
        _, token = await make_token(session, user.id, at=clock())
    http = httpx.AsyncClient(base_url=house.url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return Agent(name=name, http=await stack.enter_async_context(http), id=user.id, zone=ZONE, **habits)


async def _found_team(database: Database, floor: Floor) -> None:
    async with database.write() as session:
        team = Team(name="Sydney", languages=[], channels=[], silent_minutes=10, created_at=floor.clock())
        await save_team(session, team, members=[one.id for one in floor.agents])


async def _live(floor: Floor, week: Week) -> None:
    """Step by step: customers write, routing goes round, agents work."""
    product = floor.house.product
    windows = {name: kind.limits.agent_window or kind.limits.window for name, kind in product.accounts.kinds.items()}
    router = Router(database=product.database, clock=floor.clock, windows=windows)
    async with product.database.read() as session:
        hours = (await load_staff(session)).hours
    moment, ends, burst_at = (one.astimezone(UTC) for one in (week.begins, week.ends, week.burst_at))
    while moment < ends:
        floor.clock.set(moment)
        is_open = hours is not None and hours.is_open(moment)
        if moment == burst_at:
            floor.customers_come(week.burst)
        if floor.chance.random() < (0.25 if is_open else 0.02):
            floor.customers_come(1)
        elif not is_open and not any(agent.is_there(moment) for agent in floor.agents) and moment != burst_at:
            moment += STEP  # at night nothing happens that nobody begins
            continue
        await floor.until_quiet()
        await floor.agents_leave()
        await floor.agents_work()
        await router.route_once()
        await floor.agents_work()
        moment += STEP


async def _figures(database: Database, *, now: datetime) -> Figures:
    async with database.read() as session:
        cases = (await session.scalars(select(Case).order_by(Case.id))).all()
        events = (await session.scalars(select(Event).order_by(Event.at, Event.id))).all()
        hours = (await load_staff(session)).hours
    by_kind: dict[EventKind, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    promised = {event.details["case"] for event in by_kind.get(EventKind.PROMISE, [])}
    report = await recorded_report(database, since=now - timedelta(days=30), until=now, now=now, channel=None)
    waits = report["handoff"]["wait"]["business"]
    return Figures(
        cases=len(cases),
        promised=len(promised),
        unpromised=dict(Counter(_why_not(case, cases) for case in cases if case.id not in promised)),
        report=report,
        rerouted=sum(event.details.get("by") == "silence" for event in by_kind.get(EventKind.RELEASE, [])),
        unanswered=waits["open"]
        + (report["handoff"]["requested"] - waits["n"] - waits["open"] - waits["outside_hours"]),
        longest_unseen=_longest_unseen(cases, by_kind.get(EventKind.ASSIGN, []), hours=hours, now=now),
        longest_wait=timedelta(seconds=waits["max_s"] or 0),
    )


def _why_not(case: Case, cases: Sequence[Case]) -> str:
    """No history yet, or nobody who comes within a week."""
    before = sum(1 for one in cases if one.closed_at is not None and one.closed_at <= case.opened_at)
    return "fewer than five cases were answered before" if before < FEWEST_WAITS else "not within a week"


def _longest_unseen(
    cases: Sequence[Case], assigned: Sequence[Event], *, hours: OpeningHours | None, now: datetime
) -> timedelta:
    """The longest open time between a handoff and the moment it was first given to somebody."""
    first: dict[int, datetime] = {}
    for event in assigned:
        first.setdefault(event.conversation_id, event.at)
    spans = ((case.opened_at, first.get(case.conversation_id, now)) for case in cases)
    return max((_open_time(hours, *span) for span in spans), default=timedelta(0))


def _open_time(hours: OpeningHours | None, start: datetime, end: datetime) -> timedelta:
    return (end - start) if hours is None else hours.between(start, end) or timedelta(0)


def sheet(figures: Figures) -> Iterator[str]:
    """The figures as a Markdown table."""
    promises, level = figures.report["promises"], figures.report["service_level"]["first_response"]
    yield "| Figure | Value |\n|---|---|"
    yield f"| cases | {figures.cases} |"
    yield f"| promised | {figures.promised} |"
    for reason, count in figures.unpromised.items():
        yield f"| not promised: {reason} | {count} |"
    yield f"| promises kept | {promises['kept']} of {promises['kept'] + promises['broken']} |"
    yield f"| answered within the service level of 60 open minutes | {level['within']} of {level['within'] + level['missed']} |"
    yield f"| taken from a silent agent | {figures.rerouted} |"
    yield f"| never answered | {figures.unanswered} |"
    yield f"| longest without an owner (open time) | {figures.longest_unseen} |"
    yield f"| longest wait for a person (open time) | {figures.longest_wait} |"


if __name__ == "__main__":
    configure_logs(log_format="console", scrubber=Scrubber())
    asked = dict(word.split("=") for word in sys.argv[1:])
    with tempfile.TemporaryDirectory() as made:
        lived = asyncio.run(live_through(Week(**{name: int(value) for name, value in asked.items()}), Path(made)))
    sys.stdout.write("\n".join(sheet(lived)) + "\n")
