"""The examples of docs/knowledge.md are files that import takes."""

import re
from pathlib import Path

import pytest

from knowledge_base.interchange.import_file import read_content
from knowledge_base.pictures import Picture, read_picture
from tests.knowledge_base.pictures_made import png

PAGE = Path(__file__).parents[2] / "docs" / "knowledge.md"


def open_picture(name: str) -> Picture:
    return read_picture(png(), name=name)


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("csv", {"returns": ["en"], "sizes": ["ms"]}),
        ("yaml", {"returns": ["en", "ms"]}),
        ("json", {"sizes": ["en"]}),
    ],
)
def test_the_example_of_each_format_is_read(form: str, texts: dict[str, list[str]]) -> None:
    [example] = re.findall(rf"```{form}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    file = read_content(example.encode(), name=f"kb.{form}", open_picture=open_picture)
    found = {entry.id: entry.over(None).translations for entry in file.entries.values()}
    assert {identity: list(languages) for identity, languages in found.items()} == texts
    assert all(len(text.phrasings) == 2 for languages in found.values() for text in languages.values())
