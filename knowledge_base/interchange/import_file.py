"""`kb import`: read a whole file, refuse it or take it, in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import UserMistake
from knowledge_base.content import EntryContent, StoredEntry
from knowledge_base.entries import check_picture, find_entries, write_entries
from knowledge_base.interchange.csv_format import read_csv
from knowledge_base.interchange.faults import FaultList
from knowledge_base.interchange.rows import KnowledgeFile, OpenPicture, Row, gather
from knowledge_base.interchange.structured import read_json, read_yaml
from knowledge_base.pictures import PICTURE_BYTES, Picture, read_picture, store_picture
from knowledge_base.revision import advance_revision, queue_writers

FILE_BYTES: Final = 50_000_000
_ENTRIES_AT_ONCE: Final = 200

Progress = Callable[[int, int], None]
"""Told how many entries of how many are done."""

_READERS: Final[Mapping[str, Callable[[str, FaultList], list[Row]]]] = {
    ".csv": read_csv,
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".json": read_json,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """What an import did, in entries."""

    added: int
    changed: int
    unchanged: int


def read_file(path: Path) -> KnowledgeFile:
    """Read and check a file and the pictures beside it. Raises `FileRefused` with all faults, or `UserMistake`."""
    if path.suffix.lower() not in _READERS:
        raise UserMistake(f"'{path.name}' is neither .csv nor .yaml nor .json.")
    try:
        if path.stat().st_size > FILE_BYTES:
            raise UserMistake(f"'{path.name}' has more than {FILE_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
    except OSError as error:
        raise UserMistake(f"'{path}' cannot be read: {error.strerror or error}.") from error
    return read_content(content, name=path.name, open_picture=lambda name: _picture_beside(path.parent, name))


def read_content(content: bytes, *, name: str, open_picture: OpenPicture) -> KnowledgeFile:
    """The same for bytes; the name's ending tells the format."""
    faults = FaultList(name=name)
    text = _decoded(content, faults)
    rows = _READERS[Path(name).suffix.lower()](text, faults) if not faults.faults else []
    return gather(rows, faults=faults, open_picture=open_picture)


async def import_file(
    database: Database, file: KnowledgeFile, *, clock: Clock, on_progress: Progress | None = None
) -> ImportCounts:
    """Take every entry of the file, or none. What is the same already stays untouched."""
    async with database.write() as session:
        now = clock()
        await queue_writers(session)
        await _take_pictures(session, file, now)
        present = await find_entries(session, list(file.entries))
        contents = [entry.over(present.get(entry.id)) for entry in file.entries.values()]
        changes = [content for content in contents if not _same(present.get(content.id), content)]
        if changes:
            await advance_revision(session)
        for start in range(0, len(changes), _ENTRIES_AT_ONCE):
            await write_entries(session, present, changes[start : start + _ENTRIES_AT_ONCE], now=now)
            if on_progress:
                on_progress(min(start + _ENTRIES_AT_ONCE, len(changes)), len(changes))
    added = sum(1 for content in changes if content.id not in present)
    return ImportCounts(added=added, changed=len(changes) - added, unchanged=len(contents) - len(changes))


def _same(present: StoredEntry | None, content: EntryContent) -> bool:
    return present is not None and present.content == content


async def _take_pictures(session: AsyncSession, file: KnowledgeFile, now: datetime) -> None:
    faults = FaultList(name=file.name)
    for picture in file.pictures.values():
        await store_picture(session, picture, now=now)
    for digest, line in file.stored_pictures.items():
        try:
            await check_picture(session, digest)
        except UserMistake as mistake:
            faults.add(line, str(mistake))
    faults.refuse_if_any()


def _decoded(content: bytes, faults: FaultList) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(line, "This is not UTF-8 text; save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').")
        return ""


def _picture_beside(folder: Path, name: str) -> Picture:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UserMistake(f"The picture '{name[:80]}' lies outside the file's folder.")
    try:
        if path.stat().st_size > PICTURE_BYTES:
            raise UserMistake(f"The picture '{name[:80]}' has more than {PICTURE_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UserMistake(f"The picture '{name[:80]}' is not there.") from error
    return read_picture(content, name=path.name)
