"""What the house's code looks like: small files, plain names, nothing left for later, nothing patched."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.commands import ROOT

PACKAGES = ("core", "knowledge_base", "handoff", "nlu", "metrics", "bot", "bench", "tests")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
SAID_NOTHING = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "base"})
LATER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
OUR_OWN = Path(__file__)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_the_search_finds_the_house() -> None:
    assert len(MODULES) > 150


def test_no_file_is_long() -> None:
    assert [name_of(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) >= LONGEST_FILE] == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{name_of(path)}:{node.name}"
        for path in MODULES
        if "tests" not in path.parts and "versions" not in path.parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
        and node.name not in {"__init__", "create_router", "create_pages", "create_simulator"}  # tables of parts
    ]
    assert long == []


def test_every_module_is_named_after_what_it_does() -> None:
    assert [name_of(path) for path in MODULES if path.stem in SAID_NOTHING] == []


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{name_of(path)}:{number}"
        for path in MODULES
        if path != OUR_OWN
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if LATER.search(line)
    ]
    assert left == []


def test_no_stub_pretends_to_be_done() -> None:
    stubs = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        if path != OUR_OWN
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.dump(node.exc)
    ]
    assert stubs == []


def _test_modules() -> Iterator[Path]:
    return (path for path in MODULES if "tests" in path.parts and path != OUR_OWN)


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    forbidden = re.compile(r"pytest\.skip|mark\.skip|mark\.xfail|pytest\.xfail|importorskip|unittest\.skip")
    assert [name_of(path) for path in _test_modules() if forbidden.search(path.read_text("utf-8"))] == []


def test_no_test_mocks_or_patches_by_dotted_name() -> None:
    forbidden = re.compile(r"unittest\.mock|import mock\b|MagicMock|AsyncMock|mocker\.|setattr\(\s*[\"']")
    assert [name_of(path) for path in _test_modules() if forbidden.search(path.read_text("utf-8"))] == []


def test_no_test_asserts_an_elapsed_time() -> None:
    timed = re.compile(r"assert .*(?:perf_counter|monotonic)\(\)")
    assert [name_of(path) for path in _test_modules() if timed.search(path.read_text("utf-8"))] == []


def test_every_test_has_a_sentence_for_a_name() -> None:
    short = [
        f"{name_of(path)}:{node.name}"
        for path in _test_modules()
        if path.stem.startswith("test_")
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and node.name.count("_") < 3
    ]
    assert short == []


@pytest.mark.parametrize("package", PACKAGES[:-2])
def test_every_package_has_tests_in_the_same_place(package: str) -> None:
    assert list((ROOT / "tests" / package).glob("test_*.py"))


def test_channels_are_named_in_their_own_folder_and_in_the_demo_only() -> None:
    """A third channel must not have to visit other files (STYLE.md, what to avoid)."""
    channels = [path.name for path in (ROOT / "bot" / "channels").iterdir() if (path / "adapter.py").exists()]
    assert len(channels) >= 2
    allowed = ("bot/channels/", "bot/simulator/", "bot/demo.py", "bench/", "tests/")
    named = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        if not name_of(path).startswith(allowed)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and node.value in channels
    ]
    assert named == []
