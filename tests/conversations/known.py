"""What the demo's files and knowledge.yaml say, read from the files: the words that an answer must have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import yaml

from core.languages import LANGUAGES
from knowledge_base.demo import FOLDER

MISSING_TRANSLATIONS: Final = Path(__file__).parent / "knowledge.yaml"
"""Entries that are not there in every language; the demo's all are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Translations by entry and language."""

    translations: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @classmethod
    def read(cls) -> Self:
        return cls(
            translations={
                entry["id"]: entry["translations"]
                for path in [*sorted(FOLDER.glob("*.yaml")), MISSING_TRANSLATIONS]
                for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
            }
        )

    def answer(self, entry: str, language: str) -> str:
        """Word for word. Raises LookupError when the entry has no such translation: a script must name one that is there."""
        try:
            return str(self.translations[entry][language]["answer"])
        except KeyError:
            raise LookupError(f"The knowledge base has no {entry} in {language}.") from None

    def question(self, entry: str, language: str) -> str:
        """As a button shows it: in the customer's language, else the brand's first that the entry has."""
        known = self.translations[entry]
        return str(known[self.best(known, language)]["question"])

    @staticmethod
    def best(known: Iterable[str], language: str) -> str:
        return next(one for one in (language, *LANGUAGES) if one in known)
