"""What became of an entry: every version, who made it and when. Written in the transaction that changes the entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, UserMistake
from core.messages import Button
from core.models import User
from knowledge_base.content import EntryContent, StoredEntry, Translation
from knowledge_base.models import EntryChange, EntryStatus, EntryVersion

_IDS_AT_ONCE: Final = 500
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who changes entries, how and when. `by` is a user's id; None for a command."""

    at: datetime
    by: int | None = None
    kind: EntryChange = EntryChange.EDITED


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """One version of an entry. `content` is None where it was deleted; `name` is that of the user `by`."""

    id: int
    version: int
    change: EntryChange
    content: EntryContent | None
    at: datetime
    by: int | None
    name: str | None


async def keep_versions(
    session: AsyncSession,
    contents: Sequence[EntryContent],
    *,
    present: Mapping[str, StoredEntry | None],
    change: Change,
) -> None:
    """Keep what the entries become; for one that is older than its history, what it was until now as well."""
    known = await _with_history(session, [content.id for content in contents])
    rows: list[dict[str, Any]] = []
    for content in contents:
        before = present.get(content.id)
        if before is not None and content.id not in known:
            rows.append(_first_row(before))
        rows.append(
            {
                "entry_id": content.id,
                "version": before.version + 1 if before else 1,
                "change": change.kind,
                "content": content_to_json(content),
                "at": change.at,
                "user_id": change.by,
            }
        )
    if rows:
        await session.execute(insert(EntryVersion), rows)


async def keep_deletion(session: AsyncSession, present: StoredEntry, *, change: Change) -> None:
    """The entry is gone from here on; what it was can be restored."""
    rows = [] if await _with_history(session, [present.content.id]) else [_first_row(present)]
    rows.append(
        {
            "entry_id": present.content.id,
            "version": present.version,
            "change": EntryChange.DELETED,
            "content": None,
            "at": change.at,
            "user_id": change.by,
        }
    )
    await session.execute(insert(EntryVersion), rows)


async def list_versions(session: AsyncSession, entry_id: str) -> list[KeptVersion]:
    """The latest hundred, newest first; empty for an entry that was never changed since versions are kept."""
    query = select(EntryVersion, User).outerjoin(User, User.id == EntryVersion.user_id)
    query = query.where(EntryVersion.entry_id == entry_id).order_by(EntryVersion.id.desc()).limit(_SHOWN)
    return [_kept(row, user) for row, user in await session.execute(query)]


async def content_of_version(session: AsyncSession, entry_id: str, version_id: int) -> EntryContent:
    """What the entry was. Raises `NotFound`, and `UserMistake` for a deletion."""
    row = await session.get(EntryVersion, version_id)
    if row is None or row.entry_id != entry_id:
        raise NotFound("There is no such version of this entry.")
    if row.content is None:
        raise UserMistake("This version is the deletion; choose an earlier one.")
    return content_from_json(entry_id, row.content)


def content_to_json(content: EntryContent) -> dict[str, Any]:
    """`status`, `tags` and `translations` as the REST interface writes them."""
    return {
        "status": str(content.status),
        "tags": list(content.tags),
        "translations": {language: _text_to_json(text) for language, text in content.translations.items()},
    }


def content_from_json(entry_id: str, stored: Mapping[str, Any]) -> EntryContent:
    return EntryContent(
        id=entry_id,
        status=EntryStatus(stored["status"]),
        tags=tuple(stored["tags"]),
        translations={language: _text_from_json(text) for language, text in stored["translations"].items()},
    )


def _text_to_json(text: Translation) -> dict[str, Any]:
    return {
        "question": text.question,
        "answer": text.answer,
        "phrasings": list(text.phrasings),
        "buttons": [button.to_json() for button in text.buttons],
        "picture": text.picture,
    }


def _text_from_json(stored: Mapping[str, Any]) -> Translation:
    return Translation(
        question=stored["question"],
        answer=stored["answer"],
        phrasings=tuple(stored["phrasings"]),
        buttons=tuple(Button.from_json(button) for button in stored["buttons"]),
        picture=stored["picture"],
    )


def _first_row(present: StoredEntry) -> dict[str, Any]:
    return {
        "entry_id": present.content.id,
        "version": present.version,
        "change": EntryChange.CREATED if present.version == 1 else EntryChange.EDITED,
        "content": content_to_json(present.content),
        "at": present.updated_at,
        "user_id": None,
    }


def _kept(row: EntryVersion, user: User | None) -> KeptVersion:
    return KeptVersion(
        id=row.id,
        version=row.version,
        change=row.change,
        content=None if row.content is None else content_from_json(row.entry_id, row.content),
        at=row.at,
        by=row.user_id,
        name=None if user is None else user.name or user.email,
    )


async def _with_history(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    wanted, found = list(ids), set[str]()
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = wanted[start : start + _IDS_AT_ONCE]
        found.update(
            await session.scalars(select(EntryVersion.entry_id).where(EntryVersion.entry_id.in_(some)).distinct())
        )
    return found
