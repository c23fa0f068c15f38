"""The desk as agents see it: the real server, the simulator, and Chromium."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from bot.simulator.telegram.customer import TelegramCustomer
from core.roles import Role
from tests.browser.conftest import Place

SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'


async def status(place: Place, customer: TelegramCustomer) -> str | None:
    conversation = await place.conversation(customer.id)
    return None if conversation is None else conversation.status.value


async def open_thread(place: Place, page: Page, conversation_id: int) -> None:
    await page.goto(f"{place.house.url}/conversations/{conversation_id}")
    await expect(page.get_by_role("log")).to_be_visible()


async def reply(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Reply to")
    await field.fill(text)
    await field.press("Enter")


async def test_a_customer_is_claimed_answered_and_resolved(place: Place) -> None:
    customer, _ = await place.waiting()
    page = await place.page()
    await page.goto(place.house.url)
    await page.get_by_role("link", name="Olha Petrenko").click()
    await expect(page.get_by_text("Handed to a person: not understood")).to_be_visible()
    await page.get_by_role("button", name="Claim").click()
    await expect(page.locator(".thread-actions > button", has_text="Resolve")).to_be_visible()
    await reply(page, "It leaves today!")
    await expect(page.locator(".by-agent", has_text="It leaves today!")).to_be_visible()
    await place.house.until(lambda: "It leaves today!" in customer.screen.texts())
    await expect(page.locator(".by-agent .state-sent, .by-agent .state-delivered")).to_be_visible()
    await page.locator(".thread-actions > button", has_text="Resolve").click()
    await expect(page.get_by_text("Nobody waits")).to_be_visible()
    assert await status(place, customer) == "resolved"


async def test_two_agents_claim_at_once_and_the_second_is_told_who_was_quicker(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    anna = await place.page(role=Role.AGENT)
    ben = await place.page("ben@example.com", name="Ben Lim", role=Role.AGENT)
    for page in (anna, ben):
        await open_thread(place, page, conversation_id)
    await ben.route("**/api/v1/events", lambda route: route.abort())
    await asyncio.gather(*(page.get_by_role("button", name="Claim").click() for page in (anna, ben)))
    owner = None

    async def owned() -> bool:
        nonlocal owner
        conversation = await place.conversation(customer.id)
        owner = None if conversation is None else conversation.assignee_id
        return owner is not None

    await place.house.until(owned)
    await asyncio.sleep(1)
    texts = [await page.locator("body").inner_text() for page in (anna, ben)]
    assert sum("has this conversation" in text for text in texts) == 1
    assert sum("Resolve" in text and "has this conversation" not in text for text in texts) == 1


async def test_the_bot_is_silent_from_the_take_over_on(place: Place) -> None:
    customer = place.house.simulator.telegram.customer("Olha Petrenko")
    customer.write("ask opening")
    await place.house.until(lambda: len(customer.screen.texts()) == 1)
    conversation = await place.conversation(customer.id)
    assert conversation is not None
    page = await place.page()
    await open_thread(place, page, conversation.id)
    await page.keyboard.press("KeyA")
    await expect(page.locator(".thread-head")).to_contain_text("open · Anna Kovalenko")
    customer.write("ask parcel")
    await expect(page.locator(".by-customer", has_text="ask parcel")).to_be_visible()
    await asyncio.sleep(1)
    assert customer.screen.texts() == ["We are open from 9 to 6."]


async def test_words_typed_and_sent_without_a_connection_arrive_once_when_it_is_back(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await page.context.set_offline(True)
    await reply(page, "Sent into the dark")
    await expect(page.locator(".by-agent", has_text="Sent into the dark")).to_be_visible()
    await expect(page.locator(".trouble")).to_contain_text("cannot be reached")
    await page.get_by_role("textbox", name="Reply to").fill("half a sentence")
    await page.context.set_offline(False)
    await place.house.until(lambda: customer.screen.texts().count("Sent into the dark") == 1, seconds=40)
    await expect(page.get_by_role("textbox", name="Reply to")).to_have_value("half a sentence")
    await asyncio.sleep(1)
    await page.reload()
    await expect(page.get_by_role("textbox", name="Reply to")).to_have_value("half a sentence")
    assert customer.screen.texts().count("Sent into the dark") == 1


async def test_pressing_twice_sends_once_and_undo_sends_nothing(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await page.get_by_role("textbox", name="Reply to").fill("Only once")
    await page.get_by_role("button", name="Send").dblclick()
    await place.house.until(lambda: "Only once" in customer.screen.texts())
    await reply(page, "Better not")
    await page.locator(".toast button", has_text="Undo").last.click()
    await expect(page.locator(".by-agent", has_text="Better not")).to_have_count(0)
    await expect(page.get_by_role("textbox", name="Reply to")).to_have_value("Better not")
    await asyncio.sleep(6)
    assert [text for text in customer.screen.texts() if text in {"Only once", "Better not"}] == ["Only once"]


async def test_scripts_are_text_wherever_a_customer_or_an_agent_writes_them(place: Place) -> None:
    _, conversation_id = await place.waiting(f"Eve {SCRIPT}"[:60], f"Hello {SCRIPT}")
    page = await place.page(name=f"Agent {SCRIPT}")
    await open_thread(place, page, conversation_id)
    await page.keyboard.press("KeyN")
    await page.get_by_role("textbox", name="Note").fill(f"note {SCRIPT}")
    await page.keyboard.press("Enter")
    await expect(page.locator(".by-note .words")).to_have_text(f"note {SCRIPT}")
    await expect(page.locator(".by-customer .words").first).to_have_text(f"Hello {SCRIPT}")
    assert await page.evaluate("window.pwned") is None
    assert await page.locator(".messages img, .messages script").count() == 0


async def test_keys_work_by_their_place_under_a_cyrillic_layout(place: Place) -> None:
    await place.waiting()
    page = await place.page(language="ru")
    await page.goto(place.house.url)
    await expect(page.locator(".row")).to_have_count(1)
    press = "([code, key]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {code, key, bubbles: true, cancelable: true}))"
    await page.evaluate(press, ["KeyJ", "о"])
    await expect(page.locator(".thread-head")).to_be_visible()
    await page.evaluate(press, ["KeyN", "т"])
    await expect(page.locator(".composer.is-note textarea")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.evaluate(press, ["KeyG", "п"])
    await page.evaluate(press, ["KeyR", "к"])
    await expect(page.get_by_role("heading", name="Отчёты")).to_be_visible()


async def test_on_a_phone_one_column_is_shown_and_nothing_is_wider_than_the_screen(place: Place) -> None:
    _, conversation_id = await place.waiting()
    page = await place.page(width=390, height=844)
    await page.goto(place.house.url)
    await expect(page.locator(".inbox")).to_be_visible()
    await page.get_by_role("link", name="Olha Petrenko").click()
    await expect(page.locator(".inbox")).to_be_hidden()
    await reply(page, "From the bus")
    await expect(page.locator(".by-agent", has_text="From the bus")).to_be_visible()
    for path in (f"/conversations/{conversation_id}", "/knowledge", "/reports", "/settings/people"):
        await page.goto(place.house.url + path)
        await expect(page.locator("main")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("path", ["/", "/knowledge", "/settings/brand"])
async def test_an_agent_sees_only_what_his_role_reaches(place: Place, path: str) -> None:
    page = await place.page(role=Role.AGENT)
    await page.goto(place.house.url + path)
    await expect(page.get_by_role("link", name="Desk")).to_be_visible()
    await expect(page.get_by_role("link", name="Reports")).to_have_count(0)
    await expect(page.get_by_role("link", name="People")).to_have_count(0)
