"""What a thread shows: everything a customer can send as itself, edits with their history, failures with their reason."""

from playwright.async_api import expect

from tests.browser.conftest import Place, open_thread, reply


async def test_everything_a_customer_sends_is_shown_as_itself(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    customer.album(("Two of them", ""))
    customer.sticker("👍")
    customer.location()
    customer.voice()
    customer.document(name="order.pdf")
    page = await place.page()
    await open_thread(place, page, conversation_id)
    thread = page.get_by_role("log")
    await expect(thread.locator(".album img")).to_have_count(2)
    await expect(thread.locator(".album")).to_have_count(1)
    await expect(thread.get_by_text("Two of them")).to_have_count(1)
    await expect(thread.locator(".sticker")).to_have_text("👍")
    await expect(thread.get_by_role("link", name="3.13900, 101.68690")).to_be_visible()
    await expect(thread.locator("audio")).to_have_count(1)
    await expect(thread.locator(".file-card", has_text="order.pdf").get_by_role("link")).to_have_attribute(
        "download", "order.pdf"
    )
    await expect(thread.locator(".day")).to_have_text("Today")


async def test_a_customers_edit_keeps_what_stood_there_before(place: Place) -> None:
    customer, conversation_id = await place.waiting(text="Order 4711, please")
    page = await place.page()
    await open_thread(place, page, conversation_id)
    message_id = next(message.id for message in customer.screen.messages.values() if message.author == "customer")
    customer.edit(message_id, "Order 4712, please")
    bubble = page.locator(".by-customer", has_text="Order 4712, please")
    await expect(bubble).to_be_visible()
    await bubble.get_by_role("button", name="edited").click()
    await expect(bubble.locator(".edits")).to_contain_text("Order 4711, please")


async def test_a_refused_message_shows_the_platforms_reason_and_can_be_sent_again(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    faults = place.house.simulator.telegram.faults
    faults.add(kind="error", method="sendMessage", times=1, status=400, description="Bad Request: TOPIC_CLOSED")
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await reply(page, "It leaves today!")
    trouble = page.locator(".trouble")
    await expect(trouble).to_contain_text("TOPIC_CLOSED")
    await trouble.get_by_role("button", name="Try again").click()
    await place.house.until(lambda: customer.screen.texts().count("It leaves today!") == 1, seconds=60)
    await expect(trouble).to_have_count(0)
