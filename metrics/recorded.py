"""The facts as the database has them (METRICS.md section 1), and the report from them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Database
from core.messages import ACCEPTED_STATES, Author, EventKind
from core.models import Account, Conversation, Event, Message
from core.preferences import load_brand
from handoff.desk_rules import DeskRules, load_rules
from handoff.hours.brand_hours import brand_hours
from handoff.hours.opening_hours import OpeningHours
from metrics import facts
from metrics.desk_figures import desk_figures
from metrics.export import Row, export_rows
from metrics.report import Period, build_report
from metrics.settings import MetricsSettings
from metrics.settings_reader import read_settings

_ENDINGS: Final = frozenset({EventKind.RESOLVE, EventKind.HAND_BACK})
"""Handing back to the bot ends the case as resolving does."""


async def recorded_report(
    database: Database, *, since: datetime, until: datetime, now: datetime, channel: str | None
) -> dict[str, Any]:
    """The report of METRICS.md section 6 from all that is stored, in one consistent view, with the desk's own figures."""
    stored = await _load(database)
    common: dict[str, Any] = {
        "now": now,
        "channel": channel,
        "hours": stored.hours,
        "settings": stored.settings,
    }
    report = build_report(stored.facts, since=since, until=until, **common)
    period = Period(since=since, until=until)
    return report | desk_figures(stored.facts, period=period, level=stored.rules.level, **common)


async def recorded_rows(
    database: Database, *, since: datetime, until: datetime, now: datetime, channel: str | None
) -> list[Row]:
    """The episodes, cases and ratings behind that report, for `write_rows`."""
    stored = await _load(database)
    return list(
        export_rows(
            stored.facts,
            since=since,
            until=until,
            now=now,
            channel=channel,
            hours=stored.hours,
            settings=stored.settings,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    facts: list[facts.Fact]
    hours: OpeningHours | None
    settings: MetricsSettings
    rules: DeskRules


async def _load(database: Database) -> _Stored:
    async with database.read() as session:
        brand = await load_brand(session)
        known = await load_facts(session)
        rules = await load_rules(session)
    return _Stored(
        facts=known,
        hours=brand_hours(brand),
        settings=read_settings(brand.metrics_settings()),
        rules=rules,
    )


async def load_facts(session: AsyncSession) -> list[facts.Fact]:
    """Every message that counts and every event; all of them, because the badge looks back without bounds."""
    return [*[fact async for fact in _messages(session)], *[fact async for fact in _events(session)]]


async def _messages(session: AsyncSession) -> Any:
    rows = await session.stream(
        select(Message.at, Message.conversation_id, Account.channel, Message.author, Message.purpose, Message.user_id)
        .join(Account, Account.id == Message.account_id)
        .where(
            or_(
                and_(Message.author == Author.CUSTOMER, Message.purpose.is_(None)),
                Message.state.in_(ACCEPTED_STATES),
            )
        )
        .order_by(Message.at, Message.id)
    )
    async for at, conversation, channel, author, purpose, user in rows:
        yield facts.Message(
            at=at,
            conversation=str(conversation),
            channel=channel,
            author=author,
            purpose=purpose,
            agent=None if user is None else str(user),
        )


async def _events(session: AsyncSession) -> Any:
    rows = await session.stream(
        select(Event, Account.channel)
        .join(Conversation, Conversation.id == Event.conversation_id)
        .join(Account, Account.id == Conversation.account_id)
        .order_by(Event.at, Event.id)
    )
    async for event, channel in rows:
        for fact in _fact_of(event, channel):
            yield fact


def _fact_of(event: Event, channel: str) -> Iterator[facts.Fact]:
    place: dict[str, Any] = {"at": event.at, "conversation": str(event.conversation_id), "channel": channel}
    agent = None if event.user_id is None else str(event.user_id)
    details = event.details
    if event.kind == EventKind.HANDOFF:
        yield facts.Handoff(**place, reason=details.get("reason"))
    elif event.kind == EventKind.PROMISE:
        yield facts.Promise(**place, until=datetime.fromisoformat(details["until"]))
    elif event.kind == EventKind.CLAIM:
        yield facts.Claim(**place, agent=agent)
    elif event.kind in _ENDINGS:
        yield facts.Resolve(**place, agent=agent)
    elif event.kind == EventKind.FEEDBACK:
        yield facts.Feedback(**place, helpful=bool(details["helpful"]))
    elif event.kind == EventKind.RATING_ASKED:
        yield facts.RatingAsked(**place, about=facts.About(details["about"]))
    elif event.kind == EventKind.RATING:
        yield facts.Rating(**place, about=facts.About(details["about"]), score=int(details["score"]))
