"""Every screen in both themes through axe, and in Russian without clipped words."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Place

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
SCREENS = ("/", "/knowledge", "/knowledge/opening", "/reports", "/settings", "/settings/people", "/settings/brand",
           "/settings/canned", "/settings/teams", "/settings/desk_rules", "/settings/automations", "/settings/webhooks", "/settings/tokens")  # fmt: skip
CLIPPED = """() => [...document.querySelectorAll('button, .sign span, .page-tabs a, label, th, h1, h2, h3, .chip')]
  .filter((one) => !one.closest('.clip, .row, .unseen, .virtual, .suggestions') && one.offsetParent && !one.matches('.unseen, .clip'))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow !== 'visible')
  .map((one) => one.textContent.trim())"""


async def violations(page: Page) -> list[str]:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_screen(place: Place, theme: str) -> None:
    _, conversation_id = await place.waiting()
    page = await place.page(theme=theme)
    found: dict[str, list[str]] = {}
    for path in (*SCREENS, f"/conversations/{conversation_id}"):
        await page.goto(place.house.url + path)
        await expect(page.locator("main")).to_be_visible()
        await page.wait_for_timeout(700)
        found[path] = await violations(page)
    await page.keyboard.press("KeyN")
    found["note"] = await violations(page)
    await page.keyboard.press("Control+KeyK")
    found["palette"] = await violations(page)
    assert {path: list_ for path, list_ in found.items() if list_} == {}


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
async def test_no_russian_word_is_clipped(place: Place, width: int, height: int) -> None:
    _, conversation_id = await place.waiting()
    page = await place.page(language="ru", width=width, height=height)
    found: dict[str, list[str]] = {}
    for path in (*SCREENS, f"/conversations/{conversation_id}"):
        await page.goto(place.house.url + path)
        await expect(page.locator("main")).to_be_visible()
        await page.wait_for_timeout(400)
        found[path] = await page.evaluate(CLIPPED)
    assert {path: list_ for path, list_ in found.items() if list_} == {}
