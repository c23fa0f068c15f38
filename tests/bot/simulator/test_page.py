"""The page in a real browser: a visitor chats as a customer on either channel."""

import hmac
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.simulator.app import Simulator
from bot.simulator.demo import DEMO_APP_SECRET, DEMO_PAGE_TOKEN, DEMO_TELEGRAM_TOKEN
from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.server import running_simulator
from bot.simulator.telegram.customer import TelegramCustomer

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
async def live() -> AsyncIterator[Simulator]:
    async with running_simulator(brand="Lumen Lamps") as simulator:
        yield simulator


async def open_page(
    browser: Browser, simulator: Simulator, *, language: str = "en-US", narrow: bool = False, scheme: str = "light"
) -> tuple[Page, list[str]]:
    """The page, and everything the browser complains about (a broken policy too)."""
    viewport = NARROW if narrow else WIDE
    context = await browser.new_context(viewport=viewport, locale=language, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(simulator.base_url)
    await expect(page.locator(".phone").first).to_be_visible()
    return page, complaints


async def telegram_says(simulator: Simulator, text: str, **more: object) -> None:
    customer = next(iter(simulator.telegram.customers))
    async with httpx.AsyncClient(base_url=simulator.base_url, trust_env=False) as client:
        body = {"chat_id": customer, "text": text, **more}
        answer = await client.post(f"/telegram/bot{DEMO_TELEGRAM_TOKEN}/sendMessage", json=body)
    assert answer.json()["ok"], answer.text


async def messenger_says(simulator: Simulator, message: dict[str, object]) -> None:
    customer = next(iter(simulator.messenger.customers))
    proof = hmac.new(DEMO_APP_SECRET.encode(), DEMO_PAGE_TOKEN.encode(), "sha256").hexdigest()
    async with httpx.AsyncClient(base_url=simulator.base_url, trust_env=False) as client:
        answer = await client.post(
            "/graph/v25.0/me/messages",
            params={"appsecret_proof": proof},
            headers={"Authorization": f"Bearer {DEMO_PAGE_TOKEN}"},
            json={"recipient": {"id": customer}, "message": message},
        )
    assert answer.status_code == 200, answer.text


async def test_a_visitor_chats_at_once_on_both_channels(browser: Browser, live: Simulator) -> None:
    page, complaints = await open_page(browser, live)
    telegram, messenger = page.locator(".phone.telegram"), page.locator(".phone.messenger")
    await telegram.get_by_text("What are your opening hours?").click()
    await expect(telegram.locator(".mine .words")).to_have_text("What are your opening hours?")
    await telegram_says(
        live,
        "Nine to six. <b>not bold</b>",
        entities=[{"type": "bold", "offset": 0, "length": 4}],
        reply_markup={"inline_keyboard": [[{"text": "Helpful", "callback_data": "yes"}]]},
    )
    await expect(telegram.locator(".theirs .words")).to_have_text("Nine to six. <b>not bold</b>")
    await expect(telegram.locator(".theirs strong")).to_have_text("Nine")
    await telegram.get_by_role("button", name="Helpful").click()
    await messenger.get_by_label("Message", exact=True).fill("Hello")
    await page.keyboard.press("Enter")
    await expect(messenger.locator(".mine .words")).to_have_text("Hello")
    replies = [{"content_type": "text", "title": title, "payload": title} for title in ("Yes", "No")]
    await messenger_says(live, {"text": "Helpful?", "quick_replies": replies})
    await messenger.get_by_role("button", name="Yes").click()
    await expect(messenger.locator(".chip")).to_have_count(0)
    kinds = [entry["name"] for entry in live.record.entries(kind="customer")]
    assert "callback_query" in kinds
    assert "Yes" in json.dumps(live.record.entries(kind="customer", name="message")[-1]["body"])
    assert complaints == []


async def test_edit_reply_reaction_and_the_small_menu(browser: Browser, live: Simulator) -> None:
    page, complaints = await open_page(browser, live)
    phone = page.locator(".phone.telegram")
    box = phone.get_by_label("Message", exact=True)
    await box.fill("helo")
    await box.press("Enter")
    await phone.locator(".mine").hover()
    await phone.locator(".mine .bubble-more").click()
    await page.get_by_role("menuitem", name="Edit").click()
    await expect(box).to_have_value("helo")
    await box.fill("hello")
    await box.press("Enter")
    await expect(phone.locator(".mine .words")).to_have_text("hello")
    await expect(phone.locator(".mine .foot")).to_contain_text("edited")
    await phone.locator(".mine .bubble-more").click()
    await page.get_by_role("menuitem", name="❤️").click()
    await expect(phone.locator(".reactions")).to_have_text("❤️")
    for name, shown in (
        ("Voice message", ".voice"),
        ("Location", ".place"),
        ("Phone number", ".card"),
        ("😍", ".sticker"),
    ):
        await phone.get_by_label("Add something").click()
        await page.get_by_role("menuitem", name=name).click()
        await expect(phone.locator(shown)).to_have_count(1)
    await phone.locator("input[type=file]").set_input_files(
        {"name": "lamp.png", "mimeType": "image/png", "buffer": live_picture()}
    )
    await expect(phone.locator("img.picture")).to_be_visible()
    assert complaints == []


def live_picture() -> bytes:
    from bot.simulator.media import sample_picture

    return sample_picture()


async def test_customers_come_block_and_go(browser: Browser, live: Simulator) -> None:
    page, complaints = await open_page(browser, live)
    await page.get_by_role("button", name="Add a customer").last.click()
    await page.get_by_label("Name").fill("<i>Оля</i>")
    await page.get_by_text("Messenger", exact=True).click()
    await page.get_by_role("button", name="Add", exact=True).click()
    phone = page.locator(".phone", has_text="<i>Оля</i>")
    await expect(phone).to_be_visible()
    await phone.locator(".nameplate .plain").click()
    await page.get_by_role("menuitem", name="Block the brand").click()
    await expect(phone.get_by_text("You blocked this chat")).to_be_visible()
    assert [person.blocked for person in live.messenger.customers.values()] == [False, True]
    await phone.locator(".nameplate .plain").click()
    await page.get_by_role("menuitem", name="Remove").click()
    await expect(phone).to_have_count(0)
    assert complaints == []


async def test_typing_and_ticks_are_shown_live(browser: Browser, live: Simulator) -> None:
    page, _ = await open_page(browser, live)
    phone = page.locator(".phone.telegram")
    customer = next(iter(live.telegram.customers.values()))
    customer.write("hi")
    await expect(phone.locator(".ticks-sent")).to_have_count(1)
    customer.screen.show_typing(5)
    await expect(phone.locator(".dots")).to_be_visible()
    await telegram_says(live, "hello")
    await expect(phone.locator(".dots")).to_have_count(0)
    await expect(phone.locator(".ticks-read")).to_have_count(1)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-US", "Play a customer"),
        ("ru-RU", "Побудьте клиентом"),
        ("uk-UA", "Побудьте клієнтом"),
        ("ms-MY", "Jadi pelanggan"),
        ("zh-TW", "扮演顧客"),
    ],
)
async def test_the_browsers_language_is_spoken(browser: Browser, live: Simulator, language: str, words: str) -> None:
    page, _ = await open_page(browser, live, language=language)
    await expect(page.locator("h1")).to_have_text(words)
    await page.locator("select.language").select_option("ms")
    await expect(page.locator("h1")).to_have_text("Jadi pelanggan")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
async def test_everybody_can_use_it(browser: Browser, live: Simulator, scheme: str, *, narrow: bool) -> None:
    page, _ = await open_page(browser, live, language="ru-RU", narrow=narrow, scheme=scheme)
    anna: TelegramCustomer | MessengerCustomer = next(iter(live.telegram.customers.values()))
    for customer in (anna, next(iter(live.messenger.customers.values()))):
        customer.write("Здравствуйте")
        customer.photo()
        customer.location()
        customer.document()
    keyboard = {"inline_keyboard": [[{"text": "Да", "callback_data": "y"}]]}
    await telegram_says(live, "Добрый день https://example.org", reply_markup=keyboard)
    await messenger_says(live, {"text": "Добрый день"})
    await expect(page.locator(".phone.messenger .theirs")).to_have_count(1)
    await page.wait_for_timeout(300)
    results = await Axe().run(page)
    found = [
        (violation["id"], node["target"], node.get("failureSummary"))
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    assert found == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
