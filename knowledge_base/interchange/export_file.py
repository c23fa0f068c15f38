"""`kb export`: all entries as a table, YAML or JSON; a second import of the result changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.database import Database
from core.errors import UserMistake
from core.models import StoredFile
from knowledge_base.content import StoredEntry
from knowledge_base.entries import list_entries
from knowledge_base.interchange.csv_format import write_csv
from knowledge_base.interchange.rows import STORED_PICTURE
from knowledge_base.interchange.structured import write_json, write_yaml

PICTURE_FOLDER: Final = "pictures"
_ENDINGS: Final = {"image/png": ".png", "image/jpeg": ".jpg"}


class Format(StrEnum):
    CSV = "csv"
    YAML = "yaml"
    JSON = "json"


_WRITERS: Final[Mapping[Format, Callable[..., str]]] = {
    Format.CSV: write_csv,
    Format.YAML: write_yaml,
    Format.JSON: write_json,
}


def format_of(path: Path) -> Format:
    """By the file's ending. Raises `UserMistake`."""
    ending = path.suffix.lower().removeprefix(".").replace("yml", "yaml")
    if ending not in set(Format):
        raise UserMistake(f"'{path.name}' is neither .csv nor .yaml nor .json.")
    return Format(ending)


async def export_text(database: Database, chosen: Format) -> str:
    """Everything as one text; pictures are named by digest, which only the same database understands."""
    async with database.read() as session:
        entries = await list_entries(session)
    names = {digest: f"{STORED_PICTURE}{digest}" for digest in _digests(entries)}
    return _WRITERS[chosen](entries, pictures=names)


async def export_file(database: Database, path: Path) -> int:
    """Write all entries to `path` and their pictures into `pictures/` beside it; how many entries. Raises `UserMistake`."""
    chosen = format_of(path)
    async with database.read() as session:
        entries = await list_entries(session)
        files = [await session.get_one(StoredFile, digest) for digest in _digests(entries)]
    _write(path, chosen, entries, files)
    return len(entries)


def _write(path: Path, chosen: Format, entries: Sequence[StoredEntry], files: Sequence[StoredFile]) -> None:
    names = {file.digest: f"{PICTURE_FOLDER}/{file.digest[:16]}{_ENDINGS.get(file.media_type, '')}" for file in files}
    text = _WRITERS[chosen](entries, pictures=names)
    try:
        if files:
            (path.parent / PICTURE_FOLDER).mkdir(exist_ok=True)
        for file in files:
            (path.parent / names[file.digest]).write_bytes(file.content)
        # Spreadsheets take a table for UTF-8 only when it begins with a byte order mark.
        path.write_bytes(text.encode("utf-8-sig" if chosen is Format.CSV else "utf-8"))
    except OSError as error:
        raise UserMistake(f"'{path}' cannot be written: {error.strerror or error}.") from error


def _digests(entries: Sequence[StoredEntry]) -> list[str]:
    found = {text.picture for entry in entries for text in entry.content.translations.values() if text.picture}
    return sorted(found)
