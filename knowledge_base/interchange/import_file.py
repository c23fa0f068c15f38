"""`kb import`: read a whole file, refuse it or take it, in one transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import Conflict, UserMistake
from core.text import storable
from knowledge_base.content import EntryContent, StoredEntry
from knowledge_base.entries import check_picture, find_entries, write_entries
from knowledge_base.history import Change
from knowledge_base.interchange.csv_format import read_csv
from knowledge_base.interchange.faults import FaultList
from knowledge_base.interchange.rows import KnowledgeFile, OpenPicture, Row, gather
from knowledge_base.interchange.structured import read_json, read_yaml
from knowledge_base.models import EntryChange
from knowledge_base.pictures import PICTURE_BYTES, Picture, read_picture, store_picture
from knowledge_base.revision import advance_revision, queue_writers, read_revision

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
    _check_ending(path.name)
    try:
        if path.stat().st_size > FILE_BYTES:
            raise UserMistake(f"'{path.name}' has more than {FILE_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
    except OSError as error:
        raise UserMistake(f"'{path}' cannot be read: {error.strerror or error}.") from error
    return read_content(content, name=path.name, open_picture=lambda name: _picture_beside(path.parent, name))


def read_content(content: bytes, *, name: str, open_picture: OpenPicture) -> KnowledgeFile:
    """The same for bytes; the name's ending tells the format."""
    _check_ending(name)
    faults = FaultList(name=name)
    text = _decoded(content, faults)
    rows = _READERS[Path(name).suffix.lower()](text, faults) if not faults.faults else []
    return gather(rows, faults=faults, open_picture=open_picture)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What a file would do to the knowledge of one revision. `changes` are the entries as they would become."""

    revision: int
    present: Mapping[str, StoredEntry]
    changes: tuple[EntryContent, ...]
    unchanged: int

    @property
    def counts(self) -> ImportCounts:
        added = sum(1 for content in self.changes if content.id not in self.present)
        return ImportCounts(added=added, changed=len(self.changes) - added, unchanged=self.unchanged)


async def plan_import(session: AsyncSession, file: KnowledgeFile) -> ImportPlan:
    """Nothing is written. Raises `FileRefused` where the file names a stored picture that is not there."""
    await _check_stored_pictures(session, file)
    present = await find_entries(session, list(file.entries))
    contents = [entry.over(present.get(entry.id)) for entry in file.entries.values()]
    changes = tuple(content for content in contents if not _same(present.get(content.id), content))
    return ImportPlan(
        revision=await read_revision(session),
        present=present,
        changes=changes,
        unchanged=len(contents) - len(changes),
    )


async def import_file(
    database: Database,
    file: KnowledgeFile,
    *,
    clock: Clock,
    by: int | None = None,
    revision: int | None = None,
    on_progress: Progress | None = None,
) -> ImportCounts:
    """Take every entry of the file, or none. What is the same already stays untouched.

    Raises `Conflict` where `revision` is given and the knowledge has changed since.
    """
    async with database.write() as session:
        change = Change(at=clock(), by=by, kind=EntryChange.IMPORTED)
        await queue_writers(session)
        for picture in file.pictures.values():
            await store_picture(session, picture, now=change.at)
        plan = await plan_import(session, file)
        if revision is not None and revision != plan.revision:
            raise Conflict("The knowledge base was changed meanwhile: look again at what the import would change.")
        changes = plan.changes
        if changes:
            await advance_revision(session)
        for start in range(0, len(changes), _ENTRIES_AT_ONCE):
            await write_entries(session, plan.present, changes[start : start + _ENTRIES_AT_ONCE], change=change)
            if on_progress:
                on_progress(min(start + _ENTRIES_AT_ONCE, len(changes)), len(changes))
    return plan.counts


def _same(present: StoredEntry | None, content: EntryContent) -> bool:
    return present is not None and present.content == content


async def _check_stored_pictures(session: AsyncSession, file: KnowledgeFile) -> None:
    faults = FaultList(name=file.name)
    for digest, line in file.stored_pictures.items():
        try:
            await check_picture(session, digest)
        except UserMistake as mistake:
            faults.add(line, str(mistake))
    faults.refuse_if_any()


def _check_ending(name: str) -> None:
    if Path(name).suffix.lower() not in _READERS:
        raise UserMistake(f"'{storable(name)[:80]}' is neither .csv nor .yaml nor .json.")


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
