"""The brand's own words in the place of ours, by language and phrase. A phrase keeps its holes, or it is not taken."""

import time
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.phrases import NOTHING_OWN, OwnPhrases, phrases
from core.database import Change, Database, announce
from core.errors import UserMistake
from core.languages import DEFAULT_LANGUAGE, LANGUAGES
from core.models import Preference
from core.text import storable

BUTTONS: Final = frozenset({"person_button", "helpful_yes", "helpful_no", "rating_stop"})
"""Phrases that stand on buttons."""
BUTTON_LENGTH: Final = 20
LONGEST: Final = 1_000
_KEY: Final = "phrases"
_MAY_MISS: Final = frozenset({"brand"})
_OTHERS_CHANGES_SECONDS: Final = 5.0
"""A change made by this process is heard at once, one made by another after so long."""


def holes_of(text: str) -> frozenset[str]:
    """The names in braces. Raises `ValueError` for braces that do not match and for anything but plain names."""
    found = set()
    for _, name, layout, conversion in Formatter().parse(text):
        if name is None:
            continue
        if layout or conversion or not name.isidentifier():
            raise ValueError(f"{{{name}}}")
        found.add(name)
    return frozenset(found)


def mistakes_of(key: str, text: str) -> Iterator[str]:
    """One sentence for each reason why the text cannot stand for the phrase."""
    default = phrases(DEFAULT_LANGUAGE).get(key)
    if default is None:
        yield "there is no such phrase."
        return
    if not text.strip() or storable(text) != text:
        yield "the text is empty or cannot be stored."
    if len(text) > LONGEST:
        yield f"at most {LONGEST} characters."
    if key in BUTTONS and len(text) > BUTTON_LENGTH:
        yield f"a button shows at most {BUTTON_LENGTH} characters."
    try:
        given = holes_of(text)
    except ValueError:
        yield "braces hold a placeholder's plain name and nothing else, such as {brand}."
        return
    wanted = holes_of(default)
    for name in sorted(given - wanted):
        yield f"{{{name}}} is not known here{_instead(wanted)}."
    for name in sorted(wanted - given - _MAY_MISS):
        yield f"{{{name}}} is missing."


async def load_own(session: AsyncSession) -> OwnPhrases:
    """What the brand set. What does not fit any more (a phrase that changed its holes) is left out."""
    stored = await session.get(Preference, _KEY)
    if stored is None:
        return NOTHING_OWN
    found: Mapping[str, Mapping[str, Any]] = stored.value
    return {
        language: {key: text for key, text in texts.items() if not list(mistakes_of(key, str(text)))}
        for language, texts in found.items()
        if language in LANGUAGES
    }


async def save_own(session: AsyncSession, changes: Mapping[str, Mapping[str, str | None]]) -> OwnPhrases:
    """Set some phrases; None, and the words we have ourselves, restore ours. Announced as `brand`.

    Raises `UserMistake` naming the language and the phrase of every fault.
    """
    merged = {language: dict(texts) for language, texts in (await load_own(session)).items()}
    faults = []
    for language, texts in changes.items():
        if language not in LANGUAGES:
            faults.append(f"'{storable(language)[:20]}' is not a language of replydesk.")
            continue
        for key, text in texts.items():
            plain = None if text is None else text.strip()
            if plain is None or plain == phrases(language).get(key):
                merged.get(language, {}).pop(key, None)
                continue
            faults.extend(f"{language}, {storable(key)[:64]}: {mistake}" for mistake in mistakes_of(key, plain))
            merged.setdefault(language, {})[key] = plain
    if faults:
        raise UserMistake(" ".join(faults))
    kept = {language: texts for language, texts in merged.items() if texts}
    await session.merge(Preference(key=_KEY, value=kept))
    announce(session, "brand")
    return kept


class PhrasesInUse:
    """The brand's own words as turns need them: read once, and again when they change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._own: OwnPhrases = NOTHING_OWN
        self._read_at = -_OTHERS_CHANGES_SECONDS - 1.0
        database.listeners.append(self._hear)

    async def current(self) -> OwnPhrases:
        if time.monotonic() - self._read_at > _OTHERS_CHANGES_SECONDS:
            self._read_at = time.monotonic()  # before the read: what changes meanwhile is read again
            async with self._database.read() as session:
                self._own = await load_own(session)
        return self._own

    def _hear(self, change: Change) -> None:
        if change.kind == "brand":
            self._read_at = -_OTHERS_CHANGES_SECONDS - 1.0


def _instead(wanted: frozenset[str]) -> str:
    return f"; {', '.join(f'{{{name}}}' for name in sorted(wanted))} is" if wanted else ""
