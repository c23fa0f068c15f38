"""All published entries, read at once: what the understanding searches and what answers are taken from."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.database import Database
from core.languages import LANGUAGES
from core.messages import Button
from knowledge_base.content import EntryContent, Translation
from knowledge_base.entries import list_entries
from knowledge_base.models import EntryStatus
from knowledge_base.revision import read_revision
from knowledge_base.search import Knowledge, KnownText


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerText:
    """An answer word for word, in `language`. `picture` is the digest of a stored file."""

    text: str
    language: str
    buttons: tuple[Button, ...] = ()
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """`number` is the knowledge's counter when it was read: once `read_revision` says another, read again."""

    number: int = 0
    knowledge: Knowledge = field(default_factory=Knowledge)
    entries: Mapping[str, EntryContent] = field(default_factory=dict)

    def answer_of(self, entry: str, language: str, languages: Sequence[str] = LANGUAGES) -> AnswerText | None:
        """In the asked language, else the first of `languages` it has, else any; None where it is not published (any more)."""
        found = self._best_translation(entry, language, languages)
        if found is None:
            return None
        chosen, translation = found
        return AnswerText(
            text=translation.answer, language=chosen, buttons=translation.buttons, picture=translation.picture
        )

    def question_of(self, entry: str, language: str, languages: Sequence[str] = LANGUAGES) -> str | None:
        """The entry's question, chosen as `answer_of` chooses."""
        found = self._best_translation(entry, language, languages)
        return found[1].question if found else None

    def _best_translation(self, entry: str, language: str, languages: Sequence[str]) -> tuple[str, Translation] | None:
        content = self.entries.get(entry)
        if content is None:
            return None
        for wanted in (language, *languages, *content.translations):
            if wanted in content.translations:
                return wanted, content.translations[wanted]
        return None


async def load_snapshot(database: Database) -> Snapshot:
    """Read every published entry in one consistent view."""
    async with database.read() as session:
        number = await read_revision(session)
        stored = await list_entries(session, status=EntryStatus.PUBLISHED)
    entries = {entry.content.id: entry.content for entry in stored}
    return Snapshot(number=number, knowledge=knowledge_of(entries.values()), entries=entries)


def knowledge_of(entries: Iterable[EntryContent]) -> Knowledge:
    """The texts to search. Equal texts give an equal `revision` (a digest), in whichever process or database."""
    texts = tuple(text for entry in entries for text in _texts_of(entry))
    digest = hashlib.sha256()
    for known in texts:
        digest.update(f"{known.entry}\x1f{known.language}\x1f{known.kind}\x1f{known.text}\x1e".encode())
    return Knowledge(texts=texts, revision=digest.hexdigest())


def _texts_of(entry: EntryContent) -> Iterator[KnownText]:
    for language, translation in entry.translations.items():
        yield KnownText(entry=entry.id, language=language, text=translation.question, kind="question")
        for phrasing in translation.phrasings:
            yield KnownText(entry=entry.id, language=language, text=phrasing, kind="phrasing")
        yield KnownText(entry=entry.id, language=language, text=translation.answer, kind="answer")
