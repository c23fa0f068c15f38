"""Read and change entries. Every change runs in the caller's transaction and is announced as `knowledge`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Base
from core.errors import Conflict, NotFound, UserMistake
from core.messages import Button
from core.models import StoredFile
from knowledge_base.content import EntryContent, StoredEntry, Translation, cleaned, place_of_language
from knowledge_base.history import Change, content_of_version, keep_deletion, keep_versions
from knowledge_base.models import Entry, EntryChange, EntryStatus, EntryText, Phrasing
from knowledge_base.revision import advance_revision, queue_writers

_IDS_AT_ONCE: Final = 500
"""Databases limit the values of one statement."""
_EntryRow = Row[str, EntryStatus, list[str], int, datetime, datetime]
_UNTRACKED: Final = {"synchronize_session": False}
# Columns, not objects: thousands are read at once, and a session must not keep what a later statement changes.
_ENTRY_COLUMNS: Final = (Entry.id, Entry.status, Entry.tags, Entry.version, Entry.created_at, Entry.updated_at)
_TEXT_COLUMNS: Final = (
    EntryText.entry_id,
    EntryText.language,
    EntryText.question,
    EntryText.answer,
    EntryText.buttons,
    EntryText.picture,
)


async def list_entries(
    session: AsyncSession, *, status: EntryStatus | None = None, after: str = "", limit: int | None = None
) -> list[StoredEntry]:
    """Entries by id, those behind `after`, at most `limit`."""
    query = select(*_ENTRY_COLUMNS).where(Entry.id > after).order_by(Entry.id).limit(limit)
    if status is not None:
        query = query.where(Entry.status == status)
    return await _with_texts(session, (await session.execute(query)).all(), whole_table=limit is None)


async def find_entries(session: AsyncSession, ids: Sequence[str]) -> dict[str, StoredEntry]:
    """Those of the ids that exist."""
    found: list[_EntryRow] = []
    for some in _chunks(ids):
        found.extend((await session.execute(select(*_ENTRY_COLUMNS).where(Entry.id.in_(some)))).all())
    return {entry.content.id: entry for entry in await _with_texts(session, found)}


async def read_entry(session: AsyncSession, entry_id: str) -> StoredEntry:
    """Raises `NotFound`."""
    found = await find_entries(session, [entry_id])
    if entry_id not in found:
        raise NotFound(f"There is no entry '{entry_id}'.")
    return found[entry_id]


async def create_entry(
    session: AsyncSession,
    content: EntryContent,
    *,
    now: datetime,
    by: int | None = None,
    kind: EntryChange = EntryChange.CREATED,
) -> StoredEntry:
    """Raises `UserMistake` for bad content and `Conflict` where the id is taken. `by` is the user who does it."""
    content = cleaned(content)
    await advance_revision(session)
    if await session.scalar(select(Entry.id).where(Entry.id == content.id)) is not None:
        raise Conflict(f"The entry '{content.id}' exists already.")
    await _check_pictures(session, [content])
    await write_entries(session, {content.id: None}, [content], change=Change(at=now, by=by, kind=kind))
    return StoredEntry(content=content, version=1, created_at=now, updated_at=now)


async def replace_entry(
    session: AsyncSession,
    content: EntryContent,
    *,
    now: datetime,
    version: int | None = None,
    by: int | None = None,
    kind: EntryChange = EntryChange.EDITED,
) -> StoredEntry:
    """Put `content` in the place of what the entry held. Nothing changes, not even the version, where it is the same.

    Raises `UserMistake` for bad content, `NotFound`, and `Conflict` where `version` is given and not the present one.
    """
    content = cleaned(content)
    present = await _present_for_change(session, content.id, version)
    if present.content == content:
        return present
    await _check_pictures(session, [content])
    await advance_revision(session)
    await write_entries(session, {content.id: present}, [content], change=Change(at=now, by=by, kind=kind))
    return replace(present, content=content, version=present.version + 1, updated_at=now)


async def publish_entry(
    session: AsyncSession, entry_id: str, *, now: datetime, version: int | None = None, by: int | None = None
) -> StoredEntry:
    """Let the bot answer with it. Raises as `replace_entry`; an empty answer is a `UserMistake`."""
    present = await _present_for_change(session, entry_id, version)
    content = replace(present.content, status=EntryStatus.PUBLISHED)
    return await replace_entry(session, content, now=now, version=version, by=by)


async def restore_entry(
    session: AsyncSession,
    entry_id: str,
    version_id: int,
    *,
    now: datetime,
    version: int | None = None,
    by: int | None = None,
) -> StoredEntry:
    """Make the entry what it was in a kept version; a deleted one comes back. Raises as `replace_entry`."""
    await queue_writers(session)
    content = await content_of_version(session, entry_id, version_id)
    if entry_id not in await find_entries(session, [entry_id]):
        return await create_entry(session, content, now=now, by=by, kind=EntryChange.RESTORED)
    return await replace_entry(session, content, now=now, version=version, by=by, kind=EntryChange.RESTORED)


async def delete_entry(
    session: AsyncSession, entry_id: str, *, now: datetime, version: int | None = None, by: int | None = None
) -> None:
    """Raises `NotFound`, and `Conflict` where `version` is given and not the present one."""
    present = await _present_for_change(session, entry_id, version)
    await advance_revision(session)
    await keep_deletion(session, present, change=Change(at=now, by=by, kind=EntryChange.DELETED))
    await _delete_texts(session, [entry_id])
    await session.execute(delete(Entry).where(Entry.id == entry_id), execution_options=_UNTRACKED)


async def write_entries(
    session: AsyncSession,
    present: Mapping[str, StoredEntry | None],
    contents: Sequence[EntryContent],
    *,
    change: Change,
) -> None:
    """Store cleaned contents over what is present (None: nothing is). The caller has advanced the revision."""
    await _delete_texts(session, [content.id for content in contents if present.get(content.id) is not None])
    changed = [_entry_row(content, present.get(content.id), change.at) for content in contents]
    await _insert(session, Entry, [row for row in changed if present.get(row["id"]) is None])
    known = [row for row in changed if present.get(row["id"]) is not None]
    if known:
        await session.execute(update(Entry), known)
    await _insert(session, EntryText, list(_text_rows(contents)))
    await _insert(session, Phrasing, list(_phrasing_rows(contents)))
    await keep_versions(session, contents, present=present, change=change)


async def _insert(session: AsyncSession, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """All rows in one statement: objects one by one would hold the writer's lock for seconds."""
    if rows:
        await session.execute(insert(table), rows)


def _entry_row(content: EntryContent, before: StoredEntry | None, now: datetime) -> dict[str, Any]:
    return {
        "id": content.id,
        "status": content.status,
        "tags": list(content.tags),
        "version": before.version + 1 if before else 1,
        "created_at": before.created_at if before else now,
        "updated_at": now,
    }


async def _present_for_change(session: AsyncSession, entry_id: str, version: int | None) -> StoredEntry:
    await queue_writers(session)
    present = await read_entry(session, entry_id)
    if version is not None and version != present.version:
        raise Conflict(f"The entry '{entry_id}' was changed meanwhile: version {present.version}, not {version}.")
    return present


async def _check_pictures(session: AsyncSession, contents: Iterable[EntryContent]) -> None:
    for content in contents:
        for translation in content.translations.values():
            if translation.picture is not None:
                await check_picture(session, translation.picture)


async def check_picture(session: AsyncSession, digest: str) -> None:
    """Raises `UserMistake` where no stored picture has the digest."""
    media_type = await session.scalar(select(StoredFile.media_type).where(StoredFile.digest == digest))
    if media_type not in {"image/png", "image/jpeg"}:
        raise UserMistake(f"There is no stored picture '{digest[:80]}'.")


async def _with_texts(
    session: AsyncSession, entries: Sequence[_EntryRow], *, whole_table: bool = False
) -> list[StoredEntry]:
    ids = [entry.id for entry in entries]
    selections: Iterable[Sequence[str] | None] = [None] if whole_table else _chunks(ids)
    phrasings: dict[tuple[str, str], list[str]] = {}
    texts: dict[str, dict[str, Row[Any]]] = {}
    for some in selections:
        for entry_id, language, text in await session.execute(_phrasings_of(some)):
            phrasings.setdefault((entry_id, language), []).append(text)
        for row in await session.execute(_texts_of(some)):
            texts.setdefault(row.entry_id, {})[row.language] = row
    return [_stored(entry, texts.get(entry.id, {}), phrasings) for entry in entries]


def _texts_of(ids: Sequence[str] | None) -> Any:
    query = select(*_TEXT_COLUMNS)
    return query if ids is None else query.where(EntryText.entry_id.in_(ids))


def _phrasings_of(ids: Sequence[str] | None) -> Any:
    query = select(Phrasing.entry_id, Phrasing.language, Phrasing.text).order_by(Phrasing.position, Phrasing.id)
    return query if ids is None else query.where(Phrasing.entry_id.in_(ids))


def _stored(
    entry: _EntryRow, texts: Mapping[str, Row[Any]], phrasings: Mapping[tuple[str, str], Sequence[str]]
) -> StoredEntry:
    content = EntryContent(
        id=entry.id,
        status=entry.status,
        tags=tuple(entry.tags),
        translations={
            language: Translation(
                question=row.question,
                answer=row.answer,
                phrasings=tuple(phrasings.get((entry.id, language), ())),
                buttons=tuple(Button.from_json(button) for button in row.buttons),
                picture=row.picture,
            )
            for language, row in sorted(texts.items(), key=lambda item: place_of_language(item[0]))
        },
    )
    return StoredEntry(content=content, version=entry.version, created_at=entry.created_at, updated_at=entry.updated_at)


def _text_rows(contents: Iterable[EntryContent]) -> Iterator[dict[str, Any]]:
    for content in contents:
        for language, translation in content.translations.items():
            yield {
                "entry_id": content.id,
                "language": language,
                "question": translation.question,
                "answer": translation.answer,
                "buttons": [button.to_json() for button in translation.buttons],
                "picture": translation.picture,
            }


def _phrasing_rows(contents: Iterable[EntryContent]) -> Iterator[dict[str, Any]]:
    for content in contents:
        for language, translation in content.translations.items():
            for position, text in enumerate(translation.phrasings):
                yield {"entry_id": content.id, "language": language, "position": position, "text": text}


async def _delete_texts(session: AsyncSession, ids: Sequence[str]) -> None:
    for some in _chunks(ids):
        for table in (Phrasing, EntryText):
            await session.execute(delete(table).where(table.entry_id.in_(some)), execution_options=_UNTRACKED)


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]
