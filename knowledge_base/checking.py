"""`kb check`: what an editor should mend, as errors (customers get a wrong or no answer) and warnings."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from core.languages import LANGUAGES
from knowledge_base.content import ENTRY_PAYLOAD, EntryContent, Translation
from knowledge_base.models import EntryStatus

NEAR: Final = 92.0
"""Similarity of two phrasings, 0 to 100, from which they are told as near-duplicates."""
MESSAGE_LENGTH: Final = 2_000
"""An answer up to here goes out as one message on every platform (CHANNELS.md 2.4)."""
MESSAGE_BUTTONS: Final = 3
MESSAGE_BUTTON_TITLE: Final = 20
_ROWS_AT_ONCE: Final = 256
_NO_WORD: Final = re.compile(r"[^\w]+")
_SAME_LETTERS: Final = str.maketrans({"ё": "е", "ґ": "г", "’": "'", "ʼ": "'"})

Progress = Callable[[int, int], None]


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend; `language` is None where the whole entry is meant."""

    level: Level
    entry: str
    language: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wording:
    entry: str
    text: str
    folded: str


@dataclass(slots=True, kw_only=True)
class _Counting:
    """How many phrasings have been compared."""

    total: int
    on_progress: Progress | None
    done: int = 0

    def add(self, count: int) -> None:
        self.done += count
        if self.on_progress:
            self.on_progress(self.done, self.total)


def check(
    entries: Sequence[EntryContent], *, languages: Sequence[str] = LANGUAGES, on_progress: Progress | None = None
) -> list[Finding]:
    """All findings, errors first. `languages` are those the brand answers in; drafts count as warnings only."""
    published = {entry.id for entry in entries if entry.status is EntryStatus.PUBLISHED}
    findings = [finding for entry in entries for finding in _of_entry(entry, languages, published)]
    live = [entry for entry in entries if entry.id in published]
    findings.extend(_repeated_wordings(live, on_progress))
    return sorted(findings, key=lambda finding: (finding.level, finding.entry, finding.language or ""))


def folded(text: str) -> str:
    """Letters and digits only, in one case and one form: texts that customers would call the same become equal."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SAME_LETTERS)
    return _NO_WORD.sub(" ", plain).strip()


def _of_entry(entry: EntryContent, languages: Sequence[str], published: set[str]) -> Iterator[Finding]:
    level = Level.ERROR if entry.id in published else Level.WARNING
    missing = [language for language in languages if language not in entry.translations]
    if missing:
        yield _finding(Level.WARNING, entry, None, f"There is no translation into {', '.join(missing)}.")
    for language, text in entry.translations.items():
        if not text.answer.strip():
            yield _finding(level, entry, language, "The answer is empty.")
        for target in _targets(text):
            if target not in published:
                sentence = f"A button leads to the entry '{target}', which does not exist or is not published."
                yield _finding(level, entry, language, sentence)
        for sentence in _weaknesses(text):
            yield _finding(Level.WARNING, entry, language, sentence)


def _weaknesses(text: Translation) -> Iterator[str]:
    if len(text.phrasings) < 2:
        count = "one phrasing" if text.phrasings else "no phrasing"
        yield f"There is {count}; the bot needs several ways in which customers ask."
    if len(text.answer) > MESSAGE_LENGTH:
        yield f"The answer has {len(text.answer)} characters; over {MESSAGE_LENGTH} it goes out in several messages."
    if len(text.buttons) > MESSAGE_BUTTONS:
        yield f"There are {len(text.buttons)} buttons; not every platform shows more than {MESSAGE_BUTTONS}."
    for button in text.buttons:
        if len(button.title) > MESSAGE_BUTTON_TITLE:
            yield f"The button '{button.title}' is longer than the {MESSAGE_BUTTON_TITLE} characters every platform shows."


def _targets(text: Translation) -> Iterator[str]:
    for button in text.buttons:
        if button.payload and button.payload.startswith(ENTRY_PAYLOAD):
            yield button.payload.removeprefix(ENTRY_PAYLOAD)


def _repeated_wordings(entries: Iterable[EntryContent], on_progress: Progress | None) -> Iterator[Finding]:
    by_language: dict[str, list[_Wording]] = {}
    for entry in entries:
        for language, text in entry.translations.items():
            for wording in dict.fromkeys((text.question, *text.phrasings)):
                known = _Wording(entry=entry.id, text=wording, folded=folded(wording))
                by_language.setdefault(language, []).append(known)
    tell = _Counting(total=sum(map(len, by_language.values())), on_progress=on_progress)
    for language, wordings in by_language.items():
        for first, second, similarity in _near_pairs(wordings, tell):
            same = first.folded == second.folded
            sentence = (
                f"'{second.text}' stands under '{second.entry}' too."
                if same
                else f"'{first.text}' is nearly '{second.text}' of '{second.entry}' ({similarity:.0f} %)."
            )
            level = Level.ERROR if same else Level.WARNING
            yield Finding(level=level, entry=first.entry, language=language, sentence=sentence)


def _near_pairs(wordings: Sequence[_Wording], tell: _Counting) -> Iterator[tuple[_Wording, _Wording, float]]:
    """Pairs under different entries that differ by little, word order aside; each pair once."""
    texts = [" ".join(sorted(wording.folded.split())) for wording in wordings]
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        rows = texts[start : start + _ROWS_AT_ONCE]
        scores = process.cdist(rows, texts[start:], scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.float32)
        for row, column in np.argwhere(scores > 0):
            first, second = wordings[start + row], wordings[start + column]
            if column > row and first.entry != second.entry:
                yield first, second, float(scores[row, column])
        tell.add(len(rows))


def _finding(level: Level, entry: EntryContent, language: str | None, sentence: str) -> Finding:
    return Finding(level=level, entry=entry.id, language=language, sentence=sentence)
