"""The words of the screens: complete in every language, none missing, none left over."""

import json
import re
from pathlib import Path

import pytest

from core.languages import LANGUAGES
from tests.house.commands import ROOT

FOLDERS = [ROOT / package / "web" for package in ("core", "knowledge_base", "nlu", "handoff", "metrics", "bot")]
SOURCES = [
    path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in {".js", ".html"} and "vendor" not in path.parts
]  # fmt: skip
KEY = re.compile(r"""["`']([a-z_]+\.[a-z0-9_]+|logout)["`']""")
PREFIX = re.compile(r"""["`]([a-z_]+\.)(?:\$\{|" ~)""")
CALLED = re.compile(r"""\bt\(\s*["']([a-z_.0-9]+)["']""")
PLACE = re.compile(r"\{(\w+)\}")


def read(folder: Path) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = json.loads((folder / "words.json").read_text("utf-8"))
    return words


WORDS = {key: texts for folder in FOLDERS for key, texts in read(folder).items()}


def test_no_key_stands_in_two_files() -> None:
    assert len(WORDS) == sum(len(read(folder)) for folder in FOLDERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_has_every_language(language: str) -> None:
    assert [key for key, texts in WORDS.items() if not texts.get(language, "").strip()] == []


def test_every_language_fills_in_the_same_things() -> None:
    odd = [key for key, texts in WORDS.items() if len({frozenset(PLACE.findall(text)) for text in texts.values()}) > 1]
    assert odd == []


def test_every_key_that_a_screen_asks_for_is_there() -> None:
    asked = {key for path in SOURCES for key in CALLED.findall(path.read_text("utf-8"))}
    assert len(asked) > 100
    assert sorted(asked - set(WORDS)) == []


def test_no_key_is_left_over() -> None:
    texts = [path.read_text("utf-8") for path in SOURCES]
    texts += [path.read_text("utf-8") for folder in FOLDERS for path in folder.rglob("*.py")]
    named = {key for text in texts for key in KEY.findall(text)}
    prefixes = {prefix for text in texts for prefix in PREFIX.findall(text)}
    assert sorted(key for key in WORDS if key not in named and not any(key.startswith(one) for one in prefixes)) == []
