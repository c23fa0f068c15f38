"""What an entry holds, as plain values, and the rules that any way in (file, API, demo) obeys."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from core.errors import UserMistake
from core.languages import LANGUAGES
from core.messages import Button
from core.text import storable
from knowledge_base.models import EntryStatus

ID_LENGTH: Final = 255
QUESTION_LENGTH: Final = 1_000
"""Characters of a question or a phrasing."""
ANSWER_LENGTH: Final = 20_000
BUTTONS: Final = 10
BUTTON_TITLE_LENGTH: Final = 64
PAYLOAD_BYTES: Final = 64
"""The smallest payload that a platform carries back (CHANNELS.md 1.6)."""
URL_LENGTH: Final = 2_000
TAG_LENGTH: Final = 64
ENTRY_PAYLOAD: Final = "entry:"
"""A button with the payload `entry:ID` asks for the entry ID."""

_WEB_ADDRESS: Final = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_TAG_SEPARATORS: Final = "|,;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """An entry in one language. `picture` is the digest of a stored file."""

    question: str
    answer: str
    phrasings: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryContent:
    """All that an editor writes of an entry; `translations` by language, in the house's order of languages."""

    id: str
    status: EntryStatus = EntryStatus.PUBLISHED
    tags: tuple[str, ...] = ()
    translations: Mapping[str, Translation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry as the database holds it."""

    content: EntryContent
    version: int
    created_at: datetime
    updated_at: datetime


def one_line(text: str) -> str:
    """Storable text without line breaks and doubled spaces: ids, questions, phrasings, titles, tags."""
    return " ".join(storable(text).split())


def several_lines(text: str) -> str:
    """Storable text with plain line feeds and nothing around it: answers."""
    return storable(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def without_repeats(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(text for text in texts if text))


def cleaned_translation(translation: Translation) -> Translation:
    return Translation(
        question=one_line(translation.question),
        answer=several_lines(translation.answer),
        phrasings=without_repeats([one_line(phrasing) for phrasing in translation.phrasings]),
        buttons=tuple(
            Button(title=one_line(button.title), payload=button.payload, url=button.url)
            for button in translation.buttons
        ),
        picture=translation.picture,
    )


def cleaned(content: EntryContent) -> EntryContent:
    """The same entry as it may be stored. Raises `UserMistake` naming every rule that it breaks."""
    result = EntryContent(
        id=one_line(content.id),
        status=content.status,
        tags=without_repeats([one_line(tag) for tag in content.tags]),
        translations={
            language: cleaned_translation(content.translations[language])
            for language in sorted(content.translations, key=place_of_language)
        },
    )
    mistakes = list(mistakes_of(result))
    if mistakes:
        raise UserMistake(" ".join(mistakes))
    return result


def mistakes_of(content: EntryContent) -> Iterator[str]:
    """One sentence for every rule that an entry breaks."""
    yield from mistakes_of_id(content.id)
    yield from mistakes_of_tags(content.tags)
    if not content.translations:
        yield "The entry has no text in any language."
    for language, translation in content.translations.items():
        if language not in LANGUAGES:
            yield f"'{language}' is not a language of replydesk ({', '.join(LANGUAGES)})."
        for mistake in mistakes_of_translation(translation, status=content.status):
            yield f"{language}: {mistake}"


def mistakes_of_id(entry: str) -> Iterator[str]:
    if not entry:
        yield "The id is empty."
    if len(entry) > ID_LENGTH:
        yield f"The id has {len(entry)} characters; {ID_LENGTH} are the most."


def mistakes_of_tags(tags: Sequence[str]) -> Iterator[str]:
    for tag in tags:
        if len(tag) > TAG_LENGTH:
            yield f"The tag '{tag[:20]}…' has {len(tag)} characters; {TAG_LENGTH} are the most."
        if any(mark in tag for mark in _TAG_SEPARATORS):
            yield f"The tag '{tag[:20]}' holds one of the marks that divide tags ( | , ; )."


def mistakes_of_translation(translation: Translation, *, status: EntryStatus) -> Iterator[str]:
    if not translation.question:
        yield "The question is empty."
    if not translation.answer and status is EntryStatus.PUBLISHED:
        yield "The answer is empty."
    if len(translation.answer) > ANSWER_LENGTH:
        yield f"The answer has {len(translation.answer)} characters; {ANSWER_LENGTH} are the most."
    for text in (translation.question, *translation.phrasings):
        if len(text) > QUESTION_LENGTH:
            yield f"'{text[:30]}…' has {len(text)} characters; {QUESTION_LENGTH} are the most."
    if len(translation.buttons) > BUTTONS:
        yield f"There are {len(translation.buttons)} buttons; {BUTTONS} are the most."
    for button in translation.buttons:
        yield from mistakes_of_button(button)


def mistakes_of_button(button: Button) -> Iterator[str]:
    if not button.title:
        yield "A button has no title."
    if len(button.title) > BUTTON_TITLE_LENGTH:
        yield f"The button '{button.title[:20]}…' has a title of more than {BUTTON_TITLE_LENGTH} characters."
    if "=" in button.title:
        yield f"The button '{button.title[:20]}' has a title with '=', which divides title and target in files."
    if (button.payload is None) == (button.url is None):
        yield f"The button '{button.title}' needs either a url or a payload."
    if button.url is not None and not (_WEB_ADDRESS.fullmatch(button.url) and len(button.url) <= URL_LENGTH):
        yield f"The button '{button.title}' has an address that is not one of the web (https://…)."
    if button.payload is not None:
        yield from _mistakes_of_payload(button.title, button.payload)


def _mistakes_of_payload(title: str, payload: str) -> Iterator[str]:
    if not payload or payload != one_line(payload):
        yield f"The button '{title}' has an empty or broken payload."
    if len(payload.encode("utf-8", "replace")) > PAYLOAD_BYTES:
        yield f"The button '{title}' has a payload of more than {PAYLOAD_BYTES} bytes."
    if "://" in payload:
        yield f"The button '{title}' leads to '{payload[:30]}', which is not a web address (https://…)."


def place_of_language(language: str) -> tuple[int, str]:
    """Sorts languages in the house's order."""
    return (LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES), language)
