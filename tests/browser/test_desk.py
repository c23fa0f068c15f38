"""The desk as agents see it: the real server, the simulator, and Chromium."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from bot.simulator.telegram.customer import TelegramCustomer
from core.roles import Role
from tests.browser.conftest import Place, open_thread, reply, reply_field

SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>'


async def status(place: Place, customer: TelegramCustomer) -> str | None:
    conversation = await place.conversation(customer.id)
    return None if conversation is None else conversation.status.value


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
    await place.house.until(lambda: _has(place, customer, "resolved"))


async def _has(place: Place, customer: TelegramCustomer, wanted: str) -> bool:
    return await status(place, customer) == wanted


async def test_two_agents_claim_at_once_and_the_second_is_told_who_was_quicker(place: Place) -> None:
    _, conversation_id = await place.waiting()
    anna = await place.page(role=Role.AGENT)
    ben = await place.page("ben@example.com", name="Ben Lim", role=Role.AGENT)
    for page in (anna, ben):
        await open_thread(place, page, conversation_id)
        await expect(page.get_by_role("button", name="Claim")).to_be_visible()
    await ben.route("**/api/v1/conversations/*", lambda route: route.abort())
    await ben.route("**/api/v1/conversations/*/thread", lambda route: route.abort())  # Ben's screen stays as it was
    await anna.get_by_role("button", name="Claim").click()
    await expect(anna.locator(".thread-actions > button", has_text="Resolve")).to_be_visible()
    await ben.unroute("**/api/v1/conversations/*")
    await ben.get_by_role("button", name="Claim").click()
    await expect(ben.locator(".toast")).to_contain_text("Anna Kovalenko has this conversation")
    await expect(ben.locator(".thread-head")).to_contain_text("Anna Kovalenko")
    await expect(anna.locator(".thread-head")).to_contain_text("open · Anna Kovalenko")


async def test_words_typed_and_sent_without_a_connection_arrive_once_when_it_is_back(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await page.context.set_offline(True)
    await reply(page, "Sent into the dark")
    await expect(page.locator(".by-agent", has_text="Sent into the dark")).to_be_visible()
    await expect(page.locator(".trouble")).to_contain_text("cannot be reached")
    await reply_field(page).fill("half a sentence")
    await page.context.set_offline(False)
    await place.house.until(lambda: "Sent into the dark" in customer.screen.texts(), seconds=60)
    await expect(page.locator(".trouble")).to_have_count(0)
    await expect(reply_field(page)).to_have_value("half a sentence")
    await page.reload()
    await expect(reply_field(page)).to_have_value("half a sentence")
    await reply(page, "The last words")
    await place.house.until(lambda: "The last words" in customer.screen.texts(), seconds=60)
    assert customer.screen.texts().count("Sent into the dark") == 1


async def test_what_is_sent_before_the_thread_was_read_is_sent(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await page.goto(place.house.url)
    await expect(page.locator(".row")).to_have_count(1)
    hold = asyncio.Event()

    async def later(route: Route) -> None:
        await hold.wait()
        await route.continue_()

    await page.route(f"**/conversations/{conversation_id}/thread", later)
    await page.reload()
    await page.get_by_role("link", name="Olha Petrenko").click()
    await reply(page, "At once")
    await place.house.until(lambda: "At once" in customer.screen.texts(), seconds=60)
    hold.set()
    await expect(page.locator(".by-agent", has_text="At once")).to_have_count(1)


async def test_pressing_twice_sends_once_and_undo_sends_nothing(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await reply_field(page).fill("Only once")
    await page.get_by_role("button", name="Send").dblclick()
    await place.house.until(lambda: "Only once" in customer.screen.texts(), seconds=60)
    await reply(page, "Better not")
    await page.locator(".toast button", has_text="Undo").last.click()
    await expect(page.locator(".by-agent", has_text="Better not")).to_have_count(0)
    await expect(reply_field(page)).to_have_value("Better not")
    await reply(page, "The last words")
    await place.house.until(lambda: "The last words" in customer.screen.texts(), seconds=60)
    assert customer.screen.texts()[-2:] == ["Only once", "The last words"]


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
        await expect(page.locator(".skeleton")).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("path", ["/", "/knowledge", "/settings/brand"])
async def test_an_agent_sees_only_what_his_role_reaches(place: Place, path: str) -> None:
    page = await place.page(role=Role.AGENT)
    await page.goto(place.house.url + path)
    await expect(page.get_by_role("link", name="Desk")).to_be_visible()
    await expect(page.get_by_role("link", name="Reports")).to_have_count(0)
    await expect(page.get_by_role("link", name="People")).to_have_count(0)


async def test_who_scrolled_up_stays_there_and_is_told_of_a_new_message(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page(height=500)
    await open_thread(place, page, conversation_id)
    await page.keyboard.press("KeyN")
    for number in range(12):
        await page.get_by_role("textbox", name="Note").fill(f"note {number}\nof several\nlines")
        await page.keyboard.press("Enter")
    await expect(page.locator(".by-note")).to_have_count(12)
    await page.keyboard.press("Escape")
    first = page.locator(".by-customer .words").first
    await first.scroll_into_view_if_needed()
    await expect(first).to_be_in_viewport()
    customer.write("And where is my parcel?")
    await expect(page.get_by_role("button", name="New message")).to_be_visible()
    await expect(first).to_be_in_viewport()
    await page.get_by_role("button", name="New message").click()
    await expect(page.locator(".by-customer", has_text="And where is my parcel?")).to_be_in_viewport()
