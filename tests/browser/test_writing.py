"""Writing: files, second thoughts, what came meanwhile, the platform's window, colleagues who type."""

from datetime import timedelta

from playwright.async_api import Page, expect
from sqlalchemy import update

from core.clock import utc_now
from core.database import announce
from core.models import Conversation
from core.roles import Role
from tests.browser.conftest import Place, open_thread, reply, reply_field

PASTE = """([name, type, text, kind]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, {type}));
  const field = document.querySelector('.composer textarea');
  field.dispatchEvent(kind === 'paste' ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
    : new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


async def give(page: Page, name: str, media_type: str, text: str, *, by: str) -> None:
    await page.evaluate(PASTE, [name, media_type, text, by])


async def test_files_are_taken_by_paste_and_drop_and_what_cannot_be_sent_is_explained(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await give(page, "bill.pdf", "application/pdf", "%PDF-1.7 one", by="paste")
    await give(page, "cat.gif", "image/gif", "GIF89a cat", by="drop")
    await give(page, "page.html", "text/html", "<script>alert(1)</script>", by="drop")
    await expect(page.locator(".toast.bad")).to_contain_text("'page.html' cannot be sent")
    await expect(page.locator(".composer-files li")).to_have_text(["bill.pdf×", "cat.gif×"])
    await reply(page, "Both papers")
    await expect(page.locator(".by-agent .file-card")).to_contain_text("bill.pdf")
    await expect(page.locator(".by-agent .picture img")).to_have_count(1)

    def shown() -> list[str]:
        return [picture.name for message in customer.screen.messages.values() for picture in message.pictures]

    await place.house.until(lambda: sorted(shown()) == ["bill.pdf", "cat.gif"], seconds=60)
    await place.house.until(lambda: "Both papers" in customer.screen.texts(), seconds=60)


async def test_one_changes_what_one_sent_and_the_customer_sees_it(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await reply(page, "It leaves on Munday")
    await place.house.until(lambda: "It leaves on Munday" in customer.screen.texts(), seconds=60)
    bubble = page.locator(".by-agent").last
    await expect(bubble.get_by_role("button", name="Edit")).to_have_count(1)
    await reply_field(page).press("ArrowUp")
    field = page.get_by_role("textbox", name="New text")
    await expect(field).to_have_value("It leaves on Munday")
    await field.fill("It leaves on Monday")
    await field.press("Enter")
    await expect(bubble.locator(".words").first).to_have_text("It leaves on Monday")
    await place.house.until(lambda: customer.screen.texts()[-1] == "It leaves on Monday", seconds=60)
    await bubble.get_by_role("button", name="edited").click()
    await expect(bubble.locator(".edits")).to_contain_text("It leaves on Munday")


async def test_where_the_platform_cannot_change_a_message_the_agent_is_told(place: Place) -> None:
    customer, conversation_id = await place.waiting_on_messenger()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await reply(page, "It leaves today")
    await place.house.until(lambda: "It leaves today" in customer.screen.texts(), seconds=60)
    await expect(page.locator(".by-agent").get_by_role("button", name="Edit")).to_have_count(1)
    await reply_field(page).press("ArrowUp")
    await expect(page.locator(".toast")).to_contain_text("Messenger cannot change a message that was sent")
    await expect(page.get_by_role("textbox", name="New text")).to_have_count(0)


async def test_a_message_that_comes_while_one_writes_is_pointed_out(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await expect(page.locator(".by-customer")).to_have_count(1)
    await reply_field(page).fill("It leaves")
    customer.write("Sorry, cancel it")
    await expect(page.locator(".meanwhile")).to_be_visible()
    await page.locator(".meanwhile button").click()
    await expect(page.locator(".meanwhile")).to_have_count(0)
    await expect(reply_field(page)).to_have_value("It leaves")


async def test_outside_the_platforms_window_sending_is_blocked_and_explained(place: Place) -> None:
    _, conversation_id = await place.waiting_on_messenger()
    page = await place.page()
    for days, says, disabled in (
        (0.9, "Window closes in", False),
        (2, "Only a person's own answer", False),
        (8, "window has closed", True),
    ):
        async with place.house.product.database.write() as session:
            at = utc_now() - timedelta(days=days)
            await session.execute(update(Conversation).values(last_customer_at=at))
            announce(session, "conversation", conversation_id)
        await open_thread(place, page, conversation_id)
        await expect(page.locator(".composer .reach")).to_contain_text(says)
        field = reply_field(page)
        await (expect(field).to_be_disabled() if disabled else expect(field).to_be_enabled())


async def test_colleagues_see_who_looks_and_who_types(place: Place) -> None:
    _, conversation_id = await place.waiting()
    anna = await place.page(role=Role.AGENT)
    ben = await place.page("ben@example.com", name="Ben Lim", role=Role.AGENT)
    await open_thread(place, anna, conversation_id)
    await open_thread(place, ben, conversation_id)
    await expect(anna.locator(".thread-head .looking")).to_contain_text("Ben Lim")
    await reply_field(ben).press_sequentially("Dear")
    await expect(anna.locator(".composer .reach-person")).to_contain_text("Ben Lim")
    await ben.goto(place.house.url)
    await expect(anna.locator(".thread-head .looking")).to_have_count(0)


async def test_a_note_never_goes_to_the_customer(place: Place) -> None:
    customer, conversation_id = await place.waiting()
    page = await place.page()
    await open_thread(place, page, conversation_id)
    await page.keyboard.press("KeyN")
    await page.get_by_role("textbox", name="Note").fill("He is angry")
    await page.keyboard.press("Enter")
    await expect(page.locator(".by-note", has_text="He is angry")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("KeyR")
    await reply(page, "The last words")
    await place.house.until(lambda: "The last words" in customer.screen.texts(), seconds=60)
    assert "He is angry" not in customer.screen.texts()
