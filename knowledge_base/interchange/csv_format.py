"""Knowledge as a table: one row per entry and language, as spreadsheets write and read it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from core.errors import UserMistake
from core.messages import Button
from knowledge_base.content import StoredEntry
from knowledge_base.interchange.cells import button_cell, divided, guarded, joined, read_button, unguarded
from knowledge_base.interchange.faults import FaultList
from knowledge_base.interchange.rows import COLUMNS, REQUIRED, Row, suggestion

_DELIMITERS: Final = (",", ";", "\t")
_TAG_SEPARATORS: Final = "|,;"
_QUOTES_BROKEN: Final = "unexpected end of data"


def read_csv(text: str, faults: FaultList) -> list[Row]:
    """The rows of a table, with line numbers; what cannot be read becomes a fault."""
    records = _records(text, faults)
    header_line, header = next(records, (1, []))
    names = [name.strip().lower() for name in header]
    while names and not names[-1]:
        names.pop()
    if not _check_header(header_line, names, faults):
        list(records)  # quotation marks that do not match are told at once as well
        return []
    rows = []
    for line, record in records:
        if any(cell.strip() for cell in record):
            row = _row(line, record, names, faults, width=len(header))
            if row is not None:
                rows.append(row)
    return rows


def write_csv(entries: Iterable[StoredEntry], *, pictures: Mapping[str, str]) -> str:
    """The table of all entries; `pictures` names the file of each digest. No cell begins as a formula does."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        for language, text in entry.content.translations.items():
            cells = (
                entry.content.id,
                language,
                text.question,
                joined(text.phrasings),
                text.answer,
                joined(entry.content.tags),
                str(entry.content.status),
                joined([button_cell(button) for button in text.buttons]),
                pictures[text.picture] if text.picture else "",
            )
            writer.writerow([guarded(cell) for cell in cells])
    return written.getvalue()


def _records(text: str, faults: FaultList) -> Iterator[tuple[int, list[str]]]:
    """Records with the line each begins on. A spreadsheet's `sep=;` line is obeyed."""
    skipped = 0
    first, _, rest = text.partition("\n")
    if first.strip().strip('"').lower().startswith("sep=") and rest:
        delimiter, skipped, text = first.strip().strip('"')[4:5] or ",", 1, rest
    else:
        delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        begins = skipped + reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.add(begins, _reason(error))
            return
        yield begins, record


def _reason(error: csv.Error) -> str:
    if _QUOTES_BROKEN in str(error):
        return "A quotation mark opens in this row and is never closed; the rest of the file cannot be read."
    if "limit" in str(error):
        return "A cell of this row is longer than 131,072 characters; a quotation mark may be missing."
    return "The quotation marks of this row do not match; the rest of the file cannot be read."


def _check_header(line: int, names: list[str], faults: FaultList) -> bool:
    known = True
    if not names:
        faults.add(line, f"The file is empty; its first line must be {','.join(REQUIRED)}.")
        return False
    for name in names:
        if name not in COLUMNS:
            missing = [column for column in COLUMNS if column not in names]
            faults.add(line, f"'{name[:40]}' is not a column.{suggestion(name, missing)}")
            known = False
        elif names.count(name) > 1:
            faults.add(line, f"The column '{name}' stands there twice.")
            known = False
    missing = [column for column in REQUIRED if column not in names]
    if missing:
        word = "column is" if len(missing) == 1 else "columns are"
        faults.add(line, f"The {word} missing: {', '.join(missing)}.")
    return known and not missing


def _row(line: int, record: list[str], names: list[str], faults: FaultList, *, width: int) -> Row | None:
    extra = any(cell.strip() for cell in record[len(names) :])
    if extra or not len(names) <= len(record) <= width:
        faults.add(line, f"The row has {len(record)} cells, the first line {width}.")
        return None
    cells = dict(zip(names, (unguarded(cell) for cell in record), strict=False))
    return Row(
        line=line,
        id=cells["id"],
        language=cells["language"],
        question=cells["question"],
        answer=cells["answer"],
        phrasings=tuple(divided(cells["phrasings"])),
        tags=tuple(divided(cells["tags"], _TAG_SEPARATORS)),
        status=cells.get("status"),
        buttons=_buttons(line, cells["buttons"], faults) if "buttons" in cells else None,
        picture=cells.get("picture"),
    )


def _buttons(line: int, cell: str, faults: FaultList) -> tuple[Button, ...]:
    buttons = []
    for part in divided(cell):
        try:
            buttons.append(read_button(part))
        except UserMistake as mistake:
            faults.add(line, str(mistake))
    return tuple(buttons)
