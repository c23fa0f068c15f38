"""`kb check`: what an editor should mend, as errors (customers get a wrong or no answer) and warnings."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


class Kind(StrEnum):
    """What is to be mended."""

    NO_TRANSLATION = "no_translation"
    EMPTY_ANSWER = "empty_answer"
    LOST_BUTTON = "lost_button"
    FEW_PHRASINGS = "few_phrasings"
    LONG_ANSWER = "long_answer"
    MANY_BUTTONS = "many_buttons"
    LONG_BUTTON = "long_button"
    REPEATED = "repeated"
    NEARLY_REPEATED = "nearly_repeated"


_SENTENCES: Final[Mapping[Kind, str]] = {
    Kind.NO_TRANSLATION: "There is no translation into {languages}.",
    Kind.EMPTY_ANSWER: "The answer is empty.",
    Kind.LOST_BUTTON: "A button leads to the entry '{target}', which does not exist or is not published.",
    Kind.FEW_PHRASINGS: "There is {count}; the bot needs several ways in which customers ask.",
    Kind.LONG_ANSWER: "The answer has {count} characters; over {most} it goes out in several messages.",
    Kind.MANY_BUTTONS: "There are {count} buttons; not every platform shows more than {most}.",
    Kind.LONG_BUTTON: "The button '{title}' is longer than the {most} characters every platform shows.",
    Kind.REPEATED: "'{text}' stands under '{other}' too.",
    Kind.NEARLY_REPEATED: "'{text}' is nearly '{other_text}' of '{other}' ({percent} %).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend; `language` is None where the whole entry is meant. `sentence` is `kind` with its `values`, in
    English.
    """

    level: Level
    entry: str
    language: str | None
    kind: Kind
    values: Mapping[str, str]
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
        yield _finding(Level.WARNING, entry.id, None, Kind.NO_TRANSLATION, languages=", ".join(missing))
    for language, text in entry.translations.items():
        if not text.answer.strip():
            yield _finding(level, entry.id, language, Kind.EMPTY_ANSWER)
        for target in _targets(text):
            if target not in published:
                yield _finding(level, entry.id, language, Kind.LOST_BUTTON, target=target)
        for kind, values in _weaknesses(text):
            yield _finding(Level.WARNING, entry.id, language, kind, **values)


def _weaknesses(text: Translation) -> Iterator[tuple[Kind, dict[str, str]]]:
    if len(text.phrasings) < 2:
        yield Kind.FEW_PHRASINGS, {"count": "one phrasing" if text.phrasings else "no phrasing"}
    if len(text.answer) > MESSAGE_LENGTH:
        yield Kind.LONG_ANSWER, {"count": str(len(text.answer)), "most": str(MESSAGE_LENGTH)}
    if len(text.buttons) > MESSAGE_BUTTONS:
        yield Kind.MANY_BUTTONS, {"count": str(len(text.buttons)), "most": str(MESSAGE_BUTTONS)}
    for button in text.buttons:
        if len(button.title) > MESSAGE_BUTTON_TITLE:
            yield Kind.LONG_BUTTON, {"title": button.title, "most": str(MESSAGE_BUTTON_TITLE)}


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
            if first.folded == second.folded:
                yield _finding(Level.ERROR, first.entry, language, Kind.REPEATED, text=second.text, other=second.entry)
            else:
                yield _finding(
                    Level.WARNING,
                    first.entry,
                    language,
                    Kind.NEARLY_REPEATED,
                    text=first.text,
                    other_text=second.text,
                    other=second.entry,
                    percent=f"{similarity:.0f}",
                )


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


def _finding(level: Level, entry: str, language: str | None, kind: Kind, **values: str) -> Finding:
    sentence = _SENTENCES[kind].format(**values)
    return Finding(level=level, entry=entry, language=language, kind=kind, values=values, sentence=sentence)
