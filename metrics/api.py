"""REST: the report of a period."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query

from core.access import Access
from core.clock import Clock
from core.database import Database
from core.errors import UserMistake
from core.roles import Actor, Permission
from metrics.instants import read_instant
from metrics.recorded import recorded_report

DEFAULT_PERIOD: Final = timedelta(days=7)


def create_router(*, database: Database, clock: Clock, access: Access) -> APIRouter:
    router = APIRouter(tags=["metrics"])
    reader = access.require(Permission.READ_REPORTS)

    @router.get("/metrics/report")
    async def report(
        actor: Annotated[Actor, Depends(reader)],
        since: Annotated[str | None, Query(max_length=40)] = None,
        until: Annotated[str | None, Query(max_length=40)] = None,
        channel: Annotated[str | None, Query(max_length=32)] = None,
        now: Annotated[str | None, Query(max_length=40)] = None,
    ) -> dict[str, Any]:
        """The figures of METRICS.md in the shape of its section 6; by default of the last seven days."""
        del actor
        at = instant(now, name="now") if now else clock()
        last = instant(until, name="until") if until else at
        first = instant(since, name="since") if since else last - DEFAULT_PERIOD
        if first > last:
            raise UserMistake("since: is after until.")
        return await recorded_report(database, since=first, until=last, now=at, channel=channel)

    return router


def instant(text: str, *, name: str) -> datetime:
    """An ISO 8601 instant with its zone, or a plain date, which means its beginning in UTC. Raises `UserMistake`."""
    try:
        if len(text) == len("2026-03-01"):
            return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        return read_instant(text)
    except ValueError as error:
        raise UserMistake(f"{name}: {error}") from None
