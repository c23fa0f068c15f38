"""A knowledge base as Rasa's training data: entries become intents, phrasings become examples."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from knowledge_base.search import Knowledge
from knowledge_base.wording import MOST_CHARACTERS
from nlu.phrase_book import read_lists

OUT_OF_SCOPE_INTENT: Final = "out_of_scope"
CONFIGURATIONS: Final = {"logistic": "config.yml", "diet": "config-diet.yml"}
_FOLDER: Final = Path(__file__).parent
_FORMAT: Final = "3.1"
_NOT_SAFE: Final = re.compile(r"[^a-z0-9]+")
_MARKUP: Final = re.compile(r"\](?=[({\[])")
_VARIABLE: Final = re.compile(r"\$(?=\{)")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\s]+")
_LONGEST_SLUG: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One text to learn from. `entry` is None for a text that no entry answers."""

    entry: str | None
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """Examples and the map from intents back to entries. `revision` is that of the knowledge they were taken from."""

    examples: tuple[Example, ...]
    revision: str

    @classmethod
    def of(cls, knowledge: Knowledge) -> Self:
        """Questions and phrasings, each once, and the bundled out-of-scope texts of the languages they are in."""
        asked = [text for text in knowledge.texts if text.kind != "answer"]
        examples = [Example(entry=text.entry, language=text.language, text=plain(text.text)) for text in asked]
        spoken = {text.language for text in asked}
        strange: Mapping[str, Sequence[str]] = read_lists("out_of_scope.yaml")
        examples += [
            Example(entry=None, language=language, text=plain(text))
            for language, texts in strange.items()
            if language in spoken
            for text in texts
        ]
        kept = dict.fromkeys(example for example in examples if example.text)
        return cls(examples=tuple(kept), revision=knowledge.revision)

    @property
    def intents(self) -> dict[str, str]:
        """Intent → entry, for every entry that has an example."""
        entries = dict.fromkeys(example.entry for example in self.examples if example.entry is not None)
        return {intent_of(entry): entry for entry in entries}


def intent_of(entry: str | None) -> str:
    """A name that Rasa takes for any entry id ("/" and "+" mean something there). Always the same for the same id."""
    if entry is None:
        return OUT_OF_SCOPE_INTENT
    slug = _NOT_SAFE.sub("_", entry.casefold()).strip("_")[:_LONGEST_SLUG].strip("_")
    digest = hashlib.sha256(entry.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{slug}_{digest}" if slug else f"entry_{digest}"


def plain(text: str) -> str:
    """One line that Rasa reads as nothing but text: no entity markup, no variables, no control characters."""
    whole = text[:MOST_CHARACTERS].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    line = _UNPRINTABLE.sub(" ", whole).strip()
    return _VARIABLE.sub("$ ", _MARKUP.sub("] ", line))


def write_training_data(data: TrainingData, folder: Path, *, configuration: str = "logistic") -> None:
    """`nlu.yml`, `domain.yml`, `config.yml` and `entries.json` (intent → entry, revision) into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    by_intent: dict[str, list[str]] = {}
    for example in data.examples:
        by_intent.setdefault(intent_of(example.entry), []).append(example.text)
    nlu = [line for intent, texts in by_intent.items() for line in _intent_lines(intent, texts)]
    _write_yaml(folder / "nlu.yml", ["nlu:", *nlu])
    _write_yaml(folder / "domain.yml", ["intents:", *(f"- {intent}" for intent in sorted(by_intent))])
    (folder / "config.yml").write_text(read_configuration(configuration), encoding="utf-8")
    described = {"revision": data.revision, "intents": data.intents}
    (folder / "entries.json").write_text(json.dumps(described, ensure_ascii=False, indent=1), encoding="utf-8")


def read_configuration(name: str) -> str:
    """The bundled pipeline: `logistic` or `diet`."""
    return (_FOLDER / CONFIGURATIONS[name]).read_text(encoding="utf-8")


def _intent_lines(intent: str, texts: Sequence[str]) -> list[str]:
    """Every text double-quoted, so that nothing in it is YAML; a JSON string is one in YAML too."""
    quoted = (json.dumps(text, ensure_ascii=False) for text in texts)
    return [f"- intent: {intent}", "  examples:", *(f"  - text: {text}" for text in quoted)]


def _write_yaml(path: Path, lines: Sequence[str]) -> None:
    """Not ASCII on purpose: Rasa decodes backslashes of a pure ASCII file once more before it reads the YAML.

    Written by hand because Rasa knows its files by keys at the start of a line, unquoted.
    """
    head = ["# replydesk · made from the knowledge base", f'version: "{_FORMAT}"']
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


def digest_of(parts: Iterable[str]) -> str:
    """A short digest of several texts, the same in every process."""
    joined = "\x1e".join(parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:12]
