"""The docs name every command, setting and route there is, and none that is not."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from bot.app import create_app
from bot.product import open_product
from bot.registry import discover
from core.database import Database
from core.logs import Scrubber
from core.settings import PREFIX, Settings
from handoff.live import Live
from tests.house.commands import ROOT, all_commands
from tests.literal_understanding import LiteralBuild

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "bot" / "channels").glob("*/README.md")])
ROUTE = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/\S*?)`")
OF_MACHINES = {("GET", "/docs")}


def section(title: str) -> str:
    return OPERATIONS.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title: str) -> list[str]:
    """What stands in backquotes in the first column of that section's table."""
    rows = [line.split("|")[1] for line in section(title).splitlines() if line.startswith("| `")]
    return [quoted for row in rows for quoted in re.findall(r"`([^`]+)`", row)]


def settings_in_code() -> set[str]:
    names = {PREFIX + field.upper() for field in Settings.model_fields}
    for kind in discover().values():
        names |= {kind.environment_prefix + field.upper() for field in kind.credentials.model_fields}
    return names


def test_every_setting_is_in_the_table_and_no_other() -> None:
    assert sorted(first_cells("Settings")) == sorted(settings_in_code())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_names_a_setting_that_is_not_there(path: Path) -> None:
    named = set(re.findall(r"\b(?:REPLYDESK|TELEGRAM|MESSENGER)_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
    assert named <= settings_in_code() | {"REPLYDESK_SHARED_DIR", "REPLYDESK_TEST_POSTGRES"}


def test_the_settings_table_tells_the_true_defaults() -> None:
    models: dict[str, type[BaseModel]] = {PREFIX: Settings}
    models |= {kind.environment_prefix: kind.credentials for kind in discover().values()}
    told = {
        cells[1].strip().strip("`"): cells[2].strip().strip("`")
        for cells in (line.split("|") for line in section("Settings").splitlines() if line.startswith("| `"))
    }
    for prefix, model in models.items():
        for field, info in model.model_fields.items():
            if not info.is_required() and info.default is not None:
                assert told[prefix + field.upper()] == str(info.default), field


def test_every_command_is_in_the_table_and_no_other() -> None:
    told = {_words_of(cell) for cell in first_cells("Commands")}
    assert told == set(all_commands())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_names_a_command_that_is_not_there(path: Path) -> None:
    known = set(all_commands())
    groups = {command.partition(" ")[0] for command in known}
    for line in re.findall(r"(?:`|^|bin/)replydesk ([a-z][^`\n]*)", path.read_text(encoding="utf-8"), re.MULTILINE):
        assert _words_of("replydesk " + line) in known | groups | {f"{group} …" for group in groups}, line


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_every_file_named_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = [path.parent / link for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)]
    named = [
        ROOT / name
        for name in re.findall(r"`((?:bot|core|nlu|handoff|metrics|knowledge_base|docs|tests|bench)/[\w./-]+)`", text)
    ]
    assert [str(one) for one in (*linked, *named) if not one.exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_make_recipe_named_is_in_the_makefile(path: Path) -> None:
    recipes = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= recipes


@pytest.fixture
async def web(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The product's own web application, in process."""
    async with open_product(
        Settings(data_dir=tmp_path),
        database=database,
        kinds=discover(),
        build_understanding=LiteralBuild(),
        scrubber=Scrubber(),
        environment={},
        clock=lambda: datetime(2026, 3, 1, tzinfo=UTC),
    ) as product:
        app = create_app(product, live=Live(database=database))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield client


async def test_every_route_is_in_the_table_and_no_other(web: httpx.AsyncClient) -> None:
    paths: dict[str, Any] = (await web.get("/openapi.json")).json()["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    told = {(method, path) for method, path in ROUTE.findall(section("HTTP")) if path != "/"} - OF_MACHINES
    assert told == there


async def test_every_page_named_answers(web: httpx.AsyncClient) -> None:
    for page in ("/", "/login", "/setup", "/docs"):
        assert f"`{page}`" in section("HTTP") or f"`GET {page}`" in section("HTTP")
        answer = await web.get(page, follow_redirects=True)
        assert answer.headers["content-type"].startswith("text/html"), page
        assert answer.status_code == (404 if page == "/setup" else 200), page  # set-up opens with its link only


async def test_the_platforms_door_is_where_the_docs_say(web: httpx.AsyncClient) -> None:
    assert "`/webhooks/{channel}/{account}`" in section("HTTP")
    assert (await web.post("/webhooks/telegram/main")).status_code == 404


async def test_every_number_named_is_at_metrics(web: httpx.AsyncClient) -> None:
    shown = (await web.get("/metrics")).text
    named = set(re.findall(r"`(replydesk_[a-z_]+)`", section("Watch")))
    assert named
    assert {name for name in named if f"# TYPE {name} " not in shown} == set()


def _words_of(line: str) -> str:
    """`replydesk user add EMAIL --role ROLE` → `user add`."""
    words = []
    for word in line.split()[1:]:
        if not re.fullmatch(r"[a-z…][a-z-]*|…", word):
            break
        words.append(word)
    known = all_commands()
    while len(words) > 1 and " ".join(words) not in known and words[-1] != "…":
        words.pop()
    return " ".join(words)
