"""The audit log: who changed what, written in the same transaction as the change, so that neither is without the other."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.models import AuditEntry
from core.roles import Actor
from core.text import storable

_LONGEST_SUBJECT: Final = 255
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final = ("at", "who", "action", "subject", "details")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """`action`: a whole one, or a topic such as `user`; `words`: a part of who or of the subject. None: any."""

    action: str | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    """Only entries older than this id."""


def record(
    session: AsyncSession,
    actor: Actor | None,
    action: str,
    *,
    at: datetime,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note that `actor` (None: the product or the command line) did `action`, `topic.what`, to `subject`.

    `details` is small and JSON: never a secret, never a customer's words.
    """
    session.add(
        AuditEntry(
            at=at,
            user_id=None if actor is None else actor.id,
            who="" if actor is None else actor.email,
            action=action,
            subject=storable(subject)[:_LONGEST_SUBJECT],
            details=dict(details or {}),
        )
    )


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that differ, as `{field: [before, after]}`: what `details` holds of a changed setting."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


async def read_entries(session: AsyncSession, wanted: AuditFilter, *, limit: int) -> Sequence[AuditEntry]:
    """Latest first."""
    return (await session.scalars(_matching(wanted).limit(limit))).all()


def _matching(wanted: AuditFilter) -> Select[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if wanted.action:
        topic = f"{wanted.action}."
        query = query.where((AuditEntry.action == wanted.action) | AuditEntry.action.startswith(topic, autoescape=True))
    if wanted.words:
        part = storable(wanted.words)
        query = query.where(
            AuditEntry.who.icontains(part, autoescape=True) | AuditEntry.subject.icontains(part, autoescape=True)
        )
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    if wanted.before is not None:
        query = query.where(AuditEntry.id < wanted.before)
    return query


def as_csv(entries: Sequence[AuditEntry]) -> Iterator[str]:
    """Lines of a CSV file that no spreadsheet takes for formulas (OWASP CSV injection)."""
    yield ",".join(COLUMNS) + "\r\n"
    for entry in entries:
        line = io.StringIO()
        told = "; ".join(f"{name}: {value}" for name, value in entry.details.items())
        csv.writer(line).writerow([entry.at.isoformat(), *map(_plain, (entry.who, entry.action, entry.subject, told))])
        yield line.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
