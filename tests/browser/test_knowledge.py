"""The knowledge screens as editors see them: the real server, the simulator, and Chromium."""

import pytest
from playwright.async_api import Locator, Page, expect

from core.clock import utc_now
from core.roles import Role
from knowledge_base.content import EntryContent, Translation
from knowledge_base.entries import create_entry, read_entry, replace_entry
from tests.browser.conftest import Place
from tests.browser.test_every_screen import CLIPPED, violations

SCREENS = ("/knowledge", "/knowledge/opening", "/knowledge/+", "/knowledge/+/unanswered", "/knowledge/+/check",
           "/knowledge/+/files", "/settings/phrases", "/settings/thresholds")  # fmt: skip
TABLE = "id,language,question,phrasings,answer,tags\nopening,en,ask opening,open today|hours,From 9 to 7.,hours\n"


async def open_entry(place: Place, page: Page, entry: str = "opening") -> None:
    await page.goto(f"{place.house.url}/knowledge/{entry}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"ask {entry}")


def english(page: Page) -> Locator:
    return page.get_by_role("region", name="English")


async def stored_answer(place: Place, entry: str = "opening") -> str:
    async with place.house.product.database.read() as session:
        return (await read_entry(session, entry)).content.translations["en"].answer


async def somebody_saves(place: Place, answer: str, *phrasings: str) -> None:
    async with place.house.product.database.write() as session:
        text = Translation(question="ask opening", phrasings=phrasings, answer=answer)
        await replace_entry(session, EntryContent(id="opening", translations={"en": text}), now=utc_now())


async def until_stored(place: Place, answer: str) -> None:
    async def stored() -> bool:
        return await stored_answer(place) == answer

    await place.house.until(stored)


async def test_an_entry_gets_a_language_phrasings_and_a_button_and_its_history_tells_who(place: Place) -> None:
    page = await place.page(role=Role.EDITOR)
    await open_entry(place, page)
    russian = page.get_by_role("region", name="Русский")
    await russian.get_by_label("Question").fill("Когда вы открыты?")
    await russian.get_by_label("Other ways to ask").fill("часы работы\nграфик")
    await russian.get_by_label("Answer").fill("С 9 до 6.")
    await russian.get_by_role("button", name="Add a button").click()
    await russian.get_by_label("Words on the button").fill("Карта")
    await russian.get_by_label("Web page").fill("https://shop.example/map")
    await russian.get_by_text("How it will look").click()
    await expect(russian.get_by_role("region", name="Telegram")).to_contain_text("Карта")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    history = page.locator(".versions li").first
    await expect(history).to_contain_text("Edited")
    await expect(history).to_contain_text("Anna Kovalenko")
    await history.locator("summary").click()
    await expect(history.locator("ins").first).to_be_visible()
    async with place.house.product.database.read() as session:
        text = (await read_entry(session, "opening")).content.translations["ru"]
    assert (text.phrasings, text.buttons[0].url) == (("часы работы", "график"), "https://shop.example/map")


async def test_the_second_of_two_editors_sees_the_difference_and_merges(place: Place) -> None:
    page = await place.page()
    await open_entry(place, page)
    await page.route("**/api/v1/events", lambda route: route.abort())
    await english(page).get_by_label("Answer").fill("My own hours.")
    await english(page).get_by_label("Other ways to ask").fill("mine")
    await somebody_saves(place, "Their hours.", "theirs")
    await page.get_by_role("button", name="Save", exact=True).click()
    merging = page.get_by_role("alert", name="Two people changed this entry")
    await expect(merging).to_contain_text("Their hours.")
    assert await stored_answer(place) == "Their hours."
    await merging.get_by_role("button", name="Merge and save").click()
    await until_stored(place, "My own hours.")
    async with place.house.product.database.read() as session:
        text = (await read_entry(session, "opening")).content.translations["en"]
    assert set(text.phrasings) == {"theirs", "mine"}


async def test_an_editor_hears_at_once_that_somebody_saved_his_entry_and_may_take_that(place: Place) -> None:
    page = await place.page()
    await open_entry(place, page)
    await english(page).get_by_label("Answer").fill("My own hours.")
    await somebody_saves(place, "Their hours.")
    merging = page.get_by_role("alert", name="Two people changed this entry")
    await merging.get_by_role("button", name="Take theirs").click()
    await expect(english(page).get_by_label("Answer")).to_have_value("Their hours.")


async def test_an_earlier_version_is_restored(place: Place) -> None:
    page = await place.page()
    await open_entry(place, page)
    await english(page).get_by_label("Answer").fill("Never.")
    await page.get_by_role("button", name="Save", exact=True).click()
    oldest = page.locator(".versions li").last
    await oldest.locator("summary").click()
    await oldest.get_by_role("button", name="Back to this version").click()
    await expect(english(page).get_by_label("Answer")).to_have_value("We are open from 9 to 6.")
    await until_stored(place, "We are open from 9 to 6.")


async def test_a_file_shows_what_it_would_change_before_it_is_taken_and_its_faults_by_line(place: Place) -> None:
    page = await place.page()
    await page.goto(f"{place.house.url}/knowledge/+/files")
    chosen = page.locator("input[type=file]")
    bad = TABLE.replace(",en,", ",de,")
    await chosen.set_input_files({"name": "kb.csv", "mimeType": "text/csv", "buffer": bad.encode()})
    await expect(page.get_by_role("alert")).to_contain_text("'de' is not one of the languages")
    await chosen.set_input_files({"name": "kb.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    await expect(page.get_by_text("It would add 0, change 1 and leave 0")).to_be_visible()
    assert await stored_answer(place) == "We are open from 9 to 6."
    await somebody_saves(place, "Meanwhile.")
    await page.get_by_role("button", name="Import it").click()
    await expect(page.get_by_text("Somebody changed the knowledge meanwhile")).to_be_visible()
    await page.get_by_role("button", name="Import it").click()
    await until_stored(place, "From 9 to 7.")


async def test_entries_are_found_by_words_and_by_the_language_they_lack(place: Place) -> None:
    async with place.house.product.database.write() as session:
        texts = {
            code: Translation(question=f"sizes {code}", answer="M") for code in ("en", "ru", "uk", "ms", "zh-Hant")
        }
        await create_entry(session, EntryContent(id="sizes", tags=("clothes",), translations=texts), now=utc_now())
    page = await place.page(role=Role.AGENT)
    await page.goto(f"{place.house.url}/knowledge")
    rows = page.locator("table.entries tbody tr")
    await expect(rows).to_have_count(3)
    await page.get_by_role("searchbox").fill("#clothes")
    await expect(rows).to_have_count(1)
    await page.get_by_role("searchbox").fill("")
    await page.get_by_role("button", name="Русский").click()
    await expect(rows).to_have_count(2)
    await page.get_by_label("Try a question").fill("ask parcel")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.get_by_text("Your parcel is on its way.").first).to_be_visible()
    await expect(page.get_by_role("button", name="New entry")).to_have_count(0)


async def test_a_question_nobody_answered_becomes_an_entry_in_a_few_clicks(place: Place) -> None:
    _, conversation = await place.waiting("Olha", "do you wrap gifts")
    await place.waiting("Ben", "do you wrap gifts please")
    page = await place.page()
    await page.goto(f"{place.house.url}/conversations/{conversation}")
    await page.get_by_role("button", name="Claim").click()
    field = page.get_by_role("textbox", name="Reply to")
    await field.fill("Yes, wrapping is free.")
    await field.press("Enter")
    await expect(page.locator(".by-agent", has_text="Yes, wrapping is free.")).to_be_visible()
    await page.goto(f"{place.house.url}/knowledge/+/unanswered")
    await expect(page.locator(".group")).to_contain_text("Customers: 2")
    await page.get_by_role("button", name="Make a draft entry").click()
    await expect(english(page).get_by_label("Answer")).to_have_value("Yes, wrapping is free.")
    await page.get_by_role("button", name="Save and publish").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await page.goto(f"{place.house.url}/knowledge/+/unanswered")
    await expect(page.locator("table.made tbody tr")).to_contain_text("published")


async def test_an_agent_marks_an_answer_as_wrong_in_the_thread(place: Place) -> None:
    customer = place.house.simulator.telegram.customer("Olha")
    customer.write("ask opening")
    await place.house.until(lambda: len(customer.screen.texts()) == 1)
    conversation = await place.conversation(customer.id)
    assert conversation is not None
    page = await place.page(role=Role.AGENT)
    await page.goto(f"{place.house.url}/conversations/{conversation.id}")
    await page.get_by_role("button", name="Wrong answer").click()
    await expect(page.get_by_role("button", name="Marked as wrong")).to_be_visible()
    await page.goto(f"{place.house.url}/knowledge/+/unanswered")
    await page.get_by_text("Asked once: 1").click()
    await expect(page.get_by_role("link", name="ask opening")).to_be_visible()


async def test_the_bots_own_words_are_changed_and_restored_and_a_lost_placeholder_is_told(place: Place) -> None:
    page = await place.page(role=Role.MANAGER)
    await page.goto(f"{place.house.url}/settings/phrases")
    promise = page.get_by_label("promise_today")
    await promise.fill("Soon.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("{time} is missing")
    await promise.fill("By {time}.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("your own words")).to_be_visible()
    await page.reload()
    await expect(promise).to_have_value("By {time}.")
    await page.get_by_role("button", name="Restore the default").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("your own words")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_on_the_knowledge_screens(place: Place, theme: str) -> None:
    await place.waiting("Olha", "do you wrap gifts")
    await place.waiting("Ben", "do you wrap gifts please")
    page = await place.page(theme=theme)
    found: dict[str, list[str]] = {}
    for path in SCREENS:
        await page.goto(place.house.url + path)
        await expect(page.locator("main")).to_be_visible()
        await page.wait_for_timeout(900)
        found[path] = await violations(page)
    assert {path: list_ for path, list_ in found.items() if list_} == {}


@pytest.mark.parametrize(("language", "width"), [("ru", 1440), ("ru", 390), ("zh-Hant", 390), ("uk", 390), ("ms", 390)])
async def test_nothing_is_clipped_or_wider_than_the_screen(place: Place, language: str, width: int) -> None:
    await place.waiting("Olha", "do you wrap gifts")
    page = await place.page(language=language, width=width)
    found: dict[str, list[str]] = {}
    for path in SCREENS:
        await page.goto(place.house.url + path)
        await expect(page.locator("main")).to_be_visible()
        await page.wait_for_timeout(500)
        found[path] = await page.evaluate(CLIPPED)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert {path: list_ for path, list_ in found.items() if list_} == {}
