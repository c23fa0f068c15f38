"""The first run as somebody who just installed it lives it: from an empty data folder to an answered question."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.simulator.server import running_simulator
from tests.browser.conftest import CHROMIUM
from tests.browser.first_run import fresh_installation
from tests.browser.test_every_screen import CLIPPED, violations

PASSWORD = "correct horse battery"
TOKEN = "100000001:AAE-first-run-token-0123456789abcdef"
STEPS = ("brand", "hours", "channel", "knowledge", "trial")
GOOD_FILE = "id,language,question,phrasings,answer,tags\ndragon,en,Can I adopt a dragon?,adopting dragons,All dragons are taken.,\n"
BAD_FILE = "id,language,question,phrasings,answer,tags\ndragon,xx,Can I adopt a dragon?,,All dragons are taken.,\nparcel,en,,,,\n"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def signed_in(browser: Browser, link: str, *, width: int = 1440, height: int = 900, language: str = "en") -> Page:
    """The administrator's account is made; the page stands at the first step."""
    context = await browser.new_context(viewport={"width": width, "height": height}, locale=language)
    page = await context.new_page()
    page.set_default_timeout(20_000)
    await page.goto(link)
    await page.locator("#brand").fill("Nova Tea")
    await page.locator("#name").fill("Anna Kovalenko")
    await page.locator("#email").fill("anna@example.com")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("button.primary").click()
    await expect(page.locator(".first-run form")).to_be_visible()
    return page


async def test_from_an_empty_folder_to_an_answered_question(browser: Browser, tmp_path: Path) -> None:
    async with running_simulator(telegram_token=TOKEN, brand="Nova") as platform, fresh_installation(tmp_path) as link:
        page = await signed_in(browser, link)
        await expect(page.get_by_label("Name of the brand")).to_have_value("Nova Tea")
        await page.get_by_role("checkbox", name="Bahasa Melayu").uncheck()
        await page.get_by_role("button", name="Save and go on").click()

        await expect(page.get_by_role("heading", name="When are people there?")).to_be_focused()
        await page.get_by_label("Monday").fill("18:00–09:00")
        await page.get_by_role("button", name="Save and go on").click()
        await expect(page.get_by_role("alert")).to_contain_text("is not after")
        await page.get_by_label("Monday").fill("09:00–13:00, 14:00–18:00")
        await page.get_by_role("button", name="Save and go on").click()

        await connect(page, "999:wrong-token", platform.base_url)
        await expect(page.locator(".findings .bad")).to_have_count(1)
        await expect(page.get_by_role("button", name="Check and connect")).to_be_visible()
        await connect(page, "not a token", platform.base_url)
        await expect(page.get_by_role("alert")).to_contain_text("as @BotFather sends it")
        await connect(page, TOKEN, platform.base_url)
        await expect(page.locator(".findings .good").first).to_contain_text("demo_shop_bot")
        await page.get_by_role("button", name="Go on").click()

        await page.locator("input[type=file]").set_input_files(file_of(tmp_path, "bad.csv", BAD_FILE))
        await expect(page.locator(".faults li").first).to_contain_text("Line 2:")
        await page.locator("input[type=file]").set_input_files(file_of(tmp_path, "good.csv", GOOD_FILE))
        await expect(page.get_by_text("1 new, 0 changed")).to_be_visible()
        await page.get_by_role("button", name="Take the demo").click()
        await expect(page.get_by_text("new, 0 changed, 0 as before")).to_be_visible()
        await page.get_by_role("button", name="Go on").click()

        await ask(page, "Can I adopt a dragon?")
        await expect(page.locator(".said.by-brand", has_text="All dragons are taken.")).to_be_visible()
        await ask(page, "I want to talk to a person")
        await expect(page.get_by_text("It is a case now")).to_be_visible()
        await page.get_by_role("button", name="To the desk").click()
        await page.get_by_role("link", name="Test customer").click()
        await expect(page.locator(".by-bot .words", has_text="All dragons are taken.")).to_be_visible()
        await expect(page.locator(".strip.calm")).to_have_count(0)


async def connect(page: Page, token: str, platform: str) -> None:
    await page.locator("input[name=bot_token]").fill(token)
    await page.locator("details").evaluate("one => { one.open = true; }")
    await page.locator("input[name=api_url]").fill(f"{platform}/telegram")
    await page.get_by_role("button", name="Check and connect").click()
    await expect(page.get_by_text("…", exact=True)).to_have_count(0)


async def ask(page: Page, question: str) -> None:
    await page.get_by_label("Write a message").fill(question)
    await page.get_by_role("button", name="Send").click()


def file_of(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_text(content, "utf-8")
    return folder / name


async def test_every_step_can_be_skipped_and_the_run_goes_on_where_it_was_left(
    browser: Browser, tmp_path: Path
) -> None:
    async with fresh_installation(tmp_path) as link:
        page = await signed_in(browser, link, width=390, height=844, language="ru")
        for step in STEPS[:2]:
            assert page.url.endswith(f"/setup/{step}")
            await page.get_by_role("button", name="Пропустить шаг").click()
            await page.wait_for_url(lambda url, here=step: not url.endswith(here))
        await page.goto(link.partition("/setup")[0])
        await page.get_by_role("link", name="Продолжить").click()
        await expect(page.get_by_role("heading", name="Где пишут клиенты?")).to_be_visible()
        for _ in STEPS[2:4]:
            await page.get_by_role("button", name="Пропустить шаг").click()
        await page.get_by_role("button", name="К рабочему столу").click()
        await expect(page.locator(".inbox")).to_be_visible()
        await page.reload()
        await expect(page.locator(".inbox")).to_be_visible()
        await expect(page.locator(".strip.calm")).to_have_count(0)


async def test_no_step_has_a_fault_for_axe_a_clipped_word_or_a_wider_page(browser: Browser, tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}
    async with fresh_installation(tmp_path) as link:
        page = await signed_in(browser, link, width=390, height=844, language="ru")
        house = link.partition("/setup")[0]
        for step in STEPS:
            for width, theme in ((390, "light"), (1440, "dark")):
                await page.context.add_cookies([{"name": "replydesk_theme", "value": theme, "url": house}])
                await page.set_viewport_size({"width": width, "height": 900})
                await page.goto(f"{house}/setup/{step}")
                await expect(page.locator(".first-run .panel")).to_be_visible()
                found[f"{step} {theme} axe"] = await violations(page)
                found[f"{step} {theme} clipped"] = await page.evaluate(CLIPPED)
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, step
    assert {name: faults for name, faults in found.items() if faults} == {}
