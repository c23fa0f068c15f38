"""What sets an automation off, found in what is stored: the same for what happens now and for the past it is tried on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import ACCEPTED_STATES, Author, EventKind, Purpose
from core.models import Account, Conversation, Event, Message
from handoff.automations.rules import ClosingWindow, Keyword, NewCase, Rating, SilentAssignee, Trigger
from handoff.models import Case

_TAKEN: Final = frozenset({EventKind.CLAIM, EventKind.ASSIGN})
_LEFT: Final = frozenset({EventKind.RELEASE, EventKind.RESOLVE, EventKind.HAND_BACK, EventKind.TRANSFER})
_MOST: Final = 5000

Windows = Mapping[str, timedelta | None]
"""By channel, how long after the customer's last message a person may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """`key` is unique among the occurrences of its trigger."""

    key: str
    conversation_id: int
    at: datetime


async def occurrences(
    session: AsyncSession, trigger: Trigger, *, since: datetime, until: datetime, windows: Windows
) -> list[Occurrence]:
    """Those in [since, until), oldest first, in conversations that the trigger's conditions mean."""
    found = {one.key: one for one in await _found(session, trigger, since=since, until=until, windows=windows)}.values()
    meant = await _meant(session, trigger, {one.conversation_id for one in found})
    return sorted((one for one in found if one.conversation_id in meant), key=lambda one: (one.at, one.key))


async def _found(
    session: AsyncSession, trigger: Trigger, *, since: datetime, until: datetime, windows: Windows
) -> list[Occurrence]:
    match trigger:
        case NewCase():
            return await _new_cases(session, since=since, until=until)
        case Rating():
            return await _ratings(session, trigger.at_most, since=since, until=until)
        case Keyword():
            return await _keywords(session, trigger.words, since=since, until=until)
        case SilentAssignee():
            span = timedelta(minutes=trigger.minutes)
            lines = await _timelines(session, since=since - span, until=until)
            return [one for line in lines.values() for one in _silences(line, span, since=since, until=until)]
        case ClosingWindow():
            return await _closing(session, trigger, since=since, until=until, windows=windows)


async def _meant(session: AsyncSession, trigger: Trigger, ids: set[int]) -> set[int]:
    rows = await session.execute(
        select(Conversation.id, Account.channel, Conversation.language)
        .join(Account, Account.id == Conversation.account_id)
        .where(Conversation.id.in_(ids))
    )
    meant = {
        conversation_id
        for conversation_id, channel, language in rows
        if (not trigger.channels or channel in trigger.channels)
        and (not trigger.languages or language in trigger.languages)
    }
    if trigger.least_priority:
        urgent = select(Case.conversation_id).where(
            Case.conversation_id.in_(meant), Case.priority >= trigger.least_priority
        )
        meant &= set(await session.scalars(urgent))
    return meant


async def _new_cases(session: AsyncSession, *, since: datetime, until: datetime) -> list[Occurrence]:
    query = select(Case).where(Case.opened_at >= since, Case.opened_at < until).order_by(Case.opened_at).limit(_MOST)
    return [
        Occurrence(key=f"case:{one.id}", conversation_id=one.conversation_id, at=one.opened_at)
        for one in await session.scalars(query)
    ]


async def _ratings(session: AsyncSession, at_most: int, *, since: datetime, until: datetime) -> list[Occurrence]:
    query = select(Event).where(Event.kind == EventKind.RATING, Event.at >= since, Event.at < until)
    return [
        Occurrence(key=f"rating:{one.id}", conversation_id=one.conversation_id, at=one.at)
        for one in await session.scalars(query.order_by(Event.at).limit(_MOST))
        if int(one.details["score"]) <= at_most
    ]


async def _keywords(
    session: AsyncSession, words: Sequence[str], *, since: datetime, until: datetime
) -> list[Occurrence]:
    pattern = _any_of(words)
    query = (
        select(Message.id, Message.conversation_id, Message.created_at, Message.text)
        .where(
            Message.author == Author.CUSTOMER,
            Message.purpose.is_(None),
            Message.created_at >= since,
            Message.created_at < until,
        )
        .order_by(Message.created_at)
        .limit(_MOST)
    )
    return [
        Occurrence(key=f"message:{identity}", conversation_id=conversation_id, at=at)
        for identity, conversation_id, at, text in await session.execute(query)
        if pattern.search(text)
    ]


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Whole words; a word of Han characters has no borders, so there a part is enough."""
    parts = [re.escape(word.strip()) for word in words if word.strip()]
    whole = [rf"\b{part}\b" if re.fullmatch(r"\w.*\w|\w", part) and part.isascii() else part for part in parts]
    return re.compile("|".join(whole) or r"(?!)", re.IGNORECASE)


async def _closing(
    session: AsyncSession, trigger: ClosingWindow, *, since: datetime, until: datetime, windows: Windows
) -> list[Occurrence]:
    found: list[Occurrence] = []
    for channel, window in windows.items():
        if window is None:
            continue
        left = window - timedelta(minutes=trigger.minutes)
        lines = await _timelines(session, since=since - left, until=until, channel=channel)
        found += [one for line in lines.values() for one in _unanswered(line, left, since=since, until=until)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """A customer's message, a person's reply, or an event, in the course of a conversation."""

    at: datetime
    conversation_id: int
    key: str
    customer: bool = False
    replied: bool = False
    event: EventKind | None = None


async def _timelines(
    session: AsyncSession, *, since: datetime, until: datetime, channel: str | None = None
) -> dict[int, list[_Moment]]:
    """By conversation, what happened in [since, until)."""
    said: Any = (
        select(Message.id, Message.conversation_id, Message.at, Message.author)
        .where(Message.at >= since, Message.at < until)
        .where(
            (Message.author == Author.CUSTOMER)
            | (
                (Message.author == Author.AGENT)
                & (Message.purpose == Purpose.REPLY)
                & Message.state.in_(ACCEPTED_STATES)
            )
        )
    )
    if channel is not None:
        said = said.join(Account, Account.id == Message.account_id).where(Account.channel == channel)
    moments = [
        _Moment(
            at=at,
            conversation_id=conversation_id,
            key=f"message:{identity}",
            customer=author == Author.CUSTOMER,
            replied=author == Author.AGENT,
        )
        for identity, conversation_id, at, author in await session.execute(said)
    ]
    happened = select(Event).where(Event.at >= since, Event.at < until, Event.kind.in_(_TAKEN | _LEFT))
    moments += [
        _Moment(at=one.at, conversation_id=one.conversation_id, key=f"event:{one.id}", event=one.kind)
        for one in await session.scalars(happened)
    ]
    lines: dict[int, list[_Moment]] = {}
    for moment in sorted(moments, key=lambda one: (one.at, one.key)):
        lines.setdefault(moment.conversation_id, []).append(moment)
    return lines


def _silences(line: Sequence[_Moment], span: timedelta, *, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """Each time the customer waited for `span` while somebody owned the conversation: the instant at which he had."""
    owned, waits = False, True  # who wrote before the line begins may wait still
    began: _Moment | None = None
    for position, moment in enumerate(line):
        waits = moment.customer or (waits and not moment.replied)
        if moment.event in _TAKEN:
            owned, began = True, moment if waits else None
        elif moment.event in _LEFT:
            owned, began = False, None
        elif moment.replied:
            began = None
        elif moment.customer and owned and began is None:
            began = moment
        if began is not None:
            at = began.at + span
            following = line[position + 1].at if position + 1 < len(line) else until
            if moment.at <= at < until and at >= since and at <= following:
                yield Occurrence(key=f"silent:{began.key}", conversation_id=began.conversation_id, at=at)


def _unanswered(line: Sequence[_Moment], left: timedelta, *, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """Each last message of a customer that nobody answered for `left`."""
    last: _Moment | None = None
    for position, moment in enumerate(line):
        if moment.customer:
            last = moment
        elif moment.replied or moment.event in {EventKind.RESOLVE, EventKind.HAND_BACK}:
            last = None
        if last is not None:
            at = last.at + left
            following = line[position + 1].at if position + 1 < len(line) else until
            if since <= at < until and moment.at <= at <= following:
                yield Occurrence(key=f"window:{last.key}", conversation_id=last.conversation_id, at=at)
