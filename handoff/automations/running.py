"""Runs the automations that are switched on, each occurrence once, and tries one on the past without doing anything."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core import audit
from core.clock import Clock
from core.database import Database
from core.errors import ReplydeskError
from handoff.automations.acting import act
from handoff.automations.models import Automation, AutomationRun
from handoff.automations.occurrences import Occurrence, Windows, occurrences
from handoff.automations.rules import Rule

log = structlog.get_logger(__name__)

_LOOK_BACK: Final = timedelta(hours=1)
"""What happened while no process ran is caught up so far, not further."""
MOST_RUNS: Final = 10
_PER: Final = timedelta(hours=1)
"""Automations that set each other off end here: so many runs in one conversation in an hour."""


def rule_of(automation: Automation) -> Rule:
    return Rule.model_validate({"trigger": automation.trigger, "actions": automation.actions})


async def dry_run(
    session: AsyncSession, rule: Rule, *, days: float, now: datetime, windows: Windows
) -> list[Occurrence]:
    """What would have set it off in the last days, latest first; nothing is done."""
    found = await occurrences(session, rule.trigger, since=now - timedelta(days=days), until=now, windows=windows)
    return found[::-1]


class Automations:
    def __init__(self, *, database: Database, clock: Clock, windows: Windows) -> None:
        self._database = database
        self._clock = clock
        self._windows = windows

    async def run_once(self) -> int:
        """Every occurrence that did not set its automation off yet, each in a transaction of its own. Returns how many."""
        now = self._clock()
        due: list[tuple[int, Occurrence]] = []
        async with self._database.read() as session:
            active = await session.scalars(select(Automation).where(Automation.active).order_by(Automation.id))
            for automation in active.all():
                since = max(now - _LOOK_BACK, automation.active_since or now)
                found = await occurrences(
                    session, rule_of(automation).trigger, since=since, until=now, windows=self._windows
                )
                known = select(AutomationRun.occurrence).where(AutomationRun.automation_id == automation.id)
                ran = set(await session.scalars(known.where(AutomationRun.occurrence.in_([one.key for one in found]))))
                due += [(automation.id, one) for one in found if one.key not in ran]
        for automation_id, occurrence in due:
            await self._run(automation_id, occurrence)
        return len(due)

    async def _run(self, automation_id: int, occurrence: Occurrence) -> None:
        now = self._clock()
        async with self._database.write() as session:
            taken = await session.execute(
                self._database.insert_or_ignore(AutomationRun).values(
                    automation_id=automation_id,
                    occurrence=occurrence.key,
                    conversation_id=occurrence.conversation_id,
                    at=now,
                    outcome="",
                )
            )
            automation = await session.get(Automation, automation_id)
            if not taken.rowcount or automation is None or not automation.active:  # type: ignore[attr-defined]
                return
        outcome = await self._act(automation, occurrence, now=now)
        async with self._database.write() as session:
            run = await session.scalar(
                select(AutomationRun).where(
                    AutomationRun.automation_id == automation_id, AutomationRun.occurrence == occurrence.key
                )
            )
            if run is not None:
                run.outcome = outcome
            details = {"conversation": occurrence.conversation_id, "occurrence": occurrence.key, "outcome": outcome}
            audit.record(session, None, "automation.ran", at=now, subject=automation.name, details=details)
        log.info("automation_ran", automation=automation_id, conversation=occurrence.conversation_id, outcome=outcome)

    async def _act(self, automation: Automation, occurrence: Occurrence, *, now: datetime) -> str:
        """All actions or none; what hinders them is the outcome, in one sentence."""
        try:
            async with self._database.write() as session:
                if await _is_looping(session, occurrence.conversation_id, now=now):
                    return f"Held back: {MOST_RUNS} runs in this conversation within an hour."
                done = [
                    await act(session, occurrence.conversation_id, action, name=automation.name, now=now)
                    for action in rule_of(automation).actions
                ]
        except ReplydeskError as error:
            return f"Not done: {error}"
        return ", ".join(done)


async def _is_looping(session: AsyncSession, conversation_id: int, *, now: datetime) -> bool:
    query = (
        select(func.count())
        .select_from(AutomationRun)
        .where(AutomationRun.conversation_id == conversation_id, AutomationRun.at > now - _PER)
    )
    return (await session.scalar(query) or 0) > MOST_RUNS
