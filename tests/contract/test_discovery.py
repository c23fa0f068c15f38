"""A folder on the discovery path is all that a channel needs."""

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.registry import discover
from tests.contract.subjects import kind_of, subjects

TINY = Path(__file__).parent / "tiny" / "postcard"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package of channels outside the repository with nothing in it but a copy of the tiny channel's folder."""
    package = tmp_path / "channels_from_elsewhere"
    shutil.copytree(TINY, package / "postcard", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield package.name
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


async def test_a_copied_folder_is_discovered_and_reads_its_fixtures(elsewhere: str) -> None:
    [found] = subjects((importlib.import_module(elsewhere),))
    assert found.kind.name == "postcard"
    assert elsewhere in type(found.kind).__module__ or elsewhere in found.kind.parse.__module__
    fixtures = found.fixtures()
    for name, items in zip(fixtures, await found.split(*fixtures.values()), strict=True):
        kinds = [kind_of(inbound) for item in items for inbound in found.kind.parse(item.body)]
        assert kinds == list(found.case.expected[name])


def test_our_own_channels_are_discovered_under_the_names_of_their_folders() -> None:
    assert all(name == kind.name for name, kind in discover().items())


def test_no_product_file_names_the_tiny_channel() -> None:
    root = Path(__file__).parents[2]
    product = [
        path
        for package in ("bot", "core", "handoff", "knowledge_base", "metrics", "nlu")
        for path in (root / package).rglob("*.py")
    ]
    assert product
    assert [path for path in product if "postcard" in path.read_text(encoding="utf-8")] == []
