"""One row of a knowledge file, whatever its format, and the entries that the rows make."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from rapidfuzz import process

from core.errors import UserMistake
from core.languages import LANGUAGES, known_language
from core.messages import Button
from knowledge_base.content import (
    EntryContent,
    StoredEntry,
    Translation,
    cleaned_translation,
    mistakes_of_id,
    mistakes_of_tags,
    mistakes_of_translation,
    one_line,
    place_of_language,
    without_repeats,
)
from knowledge_base.interchange.faults import FaultList
from knowledge_base.models import EntryStatus
from knowledge_base.pictures import Picture

REQUIRED: Final = ("id", "language", "question", "phrasings", "answer", "tags")
OPTIONAL: Final = ("status", "buttons", "picture")
COLUMNS: Final = REQUIRED + OPTIONAL
STORED_PICTURE: Final = "sha256:"
"""A picture that is in the database already, by its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry in one language as a file gives it. None: the file does not say, what is there stays.

    `picture` is a file's name, `sha256:` and a digest, or empty for no picture.
    """

    line: int
    id: str
    language: str
    question: str
    answer: str
    phrasings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: str | None = None
    buttons: tuple[Button, ...] | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowText:
    """A row's text in its language, checked; which of its optional parts the file left open."""

    line: int
    translation: Translation
    keeps_buttons: bool
    keeps_picture: bool


@dataclass(slots=True, kw_only=True)
class FileEntry:
    """All rows of one id."""

    id: str
    line: int
    status: EntryStatus | None = None
    tags: tuple[str, ...] = ()
    texts: dict[str, RowText] = field(default_factory=dict)

    def over(self, present: StoredEntry | None) -> EntryContent:
        """The entry after the import: languages that the file does not name stay as they are."""
        before: Mapping[str, Translation] = present.content.translations if present else {}
        translations = dict(before)
        for language, text in self.texts.items():
            translations[language] = _merged(text, before.get(language))
        default = present.content.status if present else EntryStatus.PUBLISHED
        return EntryContent(
            id=self.id,
            status=self.status or default,
            tags=self.tags,
            translations={language: translations[language] for language in sorted(translations, key=place_of_language)},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeFile:
    """A readable file: its entries by id, the pictures beside it by digest, and where digests of stored ones are named."""

    name: str
    entries: Mapping[str, FileEntry]
    pictures: Mapping[str, Picture]
    stored_pictures: Mapping[str, int]


OpenPicture = Callable[[str], Picture]
"""A picture by the name that a row gives; raises `UserMistake`."""


def gather(rows: Iterable[Row], *, faults: FaultList, open_picture: OpenPicture) -> KnowledgeFile:
    """Make entries of the rows. Raises `FileRefused` with every fault of every row, those found earlier included."""
    gathering = _Gathering(faults=faults, open_picture=open_picture)
    for row in rows:
        gathering.take(row)
    if not gathering.entries and not faults.faults:
        faults.add(1, "There is no entry in the file.")
    faults.refuse_if_any()
    return KnowledgeFile(
        name=faults.name,
        entries=gathering.entries,
        pictures=gathering.pictures,
        stored_pictures=gathering.stored_pictures,
    )


def suggestion(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?` for the nearest known word, or nothing."""
    nearest = process.extractOne(word.lower(), list(known), score_cutoff=60)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""


@dataclass(slots=True, kw_only=True)
class _Gathering:
    faults: FaultList
    open_picture: OpenPicture
    entries: dict[str, FileEntry] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    stored_pictures: dict[str, int] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        entry_id = one_line(row.id)
        language = self._language(row)
        status = self._status(row)
        tags = without_repeats([one_line(tag) for tag in row.tags])
        text = RowText(
            line=row.line,
            translation=cleaned_translation(
                Translation(
                    question=row.question,
                    answer=row.answer,
                    phrasings=row.phrasings,
                    buttons=row.buttons or (),
                    picture=self._picture(row),
                )
            ),
            keeps_buttons=row.buttons is None,
            keeps_picture=row.picture is None,
        )
        self.faults.add_all(row.line, mistakes_of_id(entry_id))
        self.faults.add_all(row.line, mistakes_of_tags(tags))
        self.faults.add_all(row.line, mistakes_of_translation(text.translation, status=status or EntryStatus.PUBLISHED))
        if entry_id and language:
            self._add(FileEntry(id=entry_id, line=row.line, status=status, tags=tags, texts={language: text}))

    def _add(self, part: FileEntry) -> None:
        """Put one row's part to the rows of the same id before it."""
        entry = self.entries.setdefault(part.id, part)
        if entry is part:
            return
        for language, text in part.texts.items():
            if language in entry.texts:
                earlier = entry.texts[language].line
                self.faults.add(part.line, f"The entry '{part.id}' stands in {language} on line {earlier} already.")
            else:
                entry.texts[language] = text
        if part.status and entry.status and part.status is not entry.status:
            self.faults.add(part.line, f"The entry '{part.id}' is {entry.status} above and {part.status} here.")
        entry.status = entry.status or part.status
        entry.tags = without_repeats([*entry.tags, *part.tags])

    def _language(self, row: Row) -> str | None:
        written = row.language.strip()
        if not written:
            self.faults.add(row.line, "The language is empty.")
            return None
        by_folded = {language.lower(): language for language in LANGUAGES}
        found = by_folded.get(written.lower().replace("_", "-"))
        if found is None:
            nearest = known_language(written)
            hint = f" Did you mean '{nearest}'?" if nearest else suggestion(written, LANGUAGES)
            self.faults.add(row.line, f"'{written[:40]}' is not one of the languages {', '.join(LANGUAGES)}.{hint}")
        return found

    def _status(self, row: Row) -> EntryStatus | None:
        written = (row.status or "").strip().lower()
        if not written:
            return None
        if written not in set(EntryStatus):
            self.faults.add(row.line, f"'{written[:40]}' is not a status; draft and published are.")
            return None
        return EntryStatus(written)

    def _picture(self, row: Row) -> str | None:
        reference = (row.picture or "").strip()
        if not reference:
            return None
        if reference.startswith(STORED_PICTURE):
            digest = reference.removeprefix(STORED_PICTURE)
            self.stored_pictures.setdefault(digest, row.line)
            return digest
        if reference not in self.opened:
            try:
                picture = self.open_picture(reference)
            except UserMistake as mistake:
                self.faults.add(row.line, str(mistake))
                return None
            self.opened[reference] = picture.digest
            self.pictures[picture.digest] = picture
        return self.opened[reference]


def _merged(text: RowText, before: Translation | None) -> Translation:
    translation = text.translation
    if before and text.keeps_buttons:
        translation = replace(translation, buttons=before.buttons)
    if before and text.keeps_picture:
        translation = replace(translation, picture=before.picture)
    return translation
