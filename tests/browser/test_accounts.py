"""One's account, the administrator's screens, and what can be done about a customer, as people click through them."""

import pyotp
from playwright.async_api import Page, expect
from sqlalchemy import select

from core.models import Contact, User
from core.passwords import Passwords
from core.roles import Role
from tests.browser.conftest import Place
from tests.browser.test_every_screen import CLIPPED, violations

PASSWORD = "correct horse battery"
SCREENS = ("account", "audit", "roles", "customers", "people")


async def with_password(place: Place) -> None:
    async with place.house.product.database.write() as session:
        user = (await session.scalars(select(User))).one()
        user.password_hash = await Passwords().hash(PASSWORD)


async def sign_in(page: Page, place: Place) -> None:
    await page.goto(f"{place.house.url}/login")
    await page.locator("#email").fill("anna@example.com")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("button.primary").click()


async def test_a_second_factor_is_switched_on_and_asked_for_at_the_next_log_in(place: Place) -> None:
    page = await place.page(role=Role.AGENT)
    await with_password(place)
    await page.goto(f"{place.house.url}/settings/account")
    factor = page.locator("section.panel", has=page.get_by_role("heading", name="Second factor"))
    await factor.get_by_label("Your present password").fill(PASSWORD)
    await factor.get_by_role("button", name="Begin").click()
    await expect(factor.get_by_role("img", name="QR code")).to_be_visible()
    secret = (await factor.locator(".secret code").inner_text()).replace(" ", "")
    await factor.get_by_label("The six digits").fill("000000")
    await factor.get_by_role("button", name="Switch on").click()
    await expect(factor.get_by_role("alert")).to_contain_text("not right")
    await factor.get_by_label("The six digits").fill(pyotp.TOTP(secret).now())
    await factor.get_by_role("button", name="Switch on").click()
    await expect(factor.locator(".recovery li")).to_have_count(10)
    recovery = await factor.locator(".recovery li").first.inner_text()
    await page.get_by_role("button", name="Log out everywhere", exact=True).click()
    await page.wait_for_url("**/login**")
    await sign_in(page, place)
    await page.get_by_label("Code").fill("wrong")
    await page.locator("button.primary").click()
    await expect(page.get_by_role("alert")).to_contain_text("not right")
    await page.get_by_label("Code").fill(recovery)
    await page.locator("button.primary").click()
    await expect(page.locator(".inbox")).to_be_visible()


async def test_an_administrators_link_lets_somebody_set_his_password_and_the_log_tells_of_it(place: Place) -> None:
    admin = await place.page()
    await admin.goto(f"{place.house.url}/settings/people")
    form = admin.locator("form.panel")
    await form.get_by_label("Name", exact=True).fill("Ben Lim")
    await form.get_by_label("E-mail").fill("ben@example.com")
    await form.get_by_role("button", name="Add a person").click()
    await admin.get_by_role("button", name="Password link: ben@example.com").click()
    link = await admin.locator(".secret code").inner_text()
    visitor = await (await place.browser.new_context()).new_page()
    await visitor.goto(link)
    await visitor.locator("#password").fill(PASSWORD)
    await visitor.locator("button.primary").click()
    await visitor.locator("#email").fill("ben@example.com")
    await visitor.locator("#password").fill(PASSWORD)
    await visitor.locator("button.primary").click()
    await expect(visitor.locator(".inbox")).to_be_visible()
    await admin.goto(f"{place.house.url}/settings/audit")
    await expect(admin.locator(".audit tbody tr").first).to_contain_text("user.signed_in")
    await admin.get_by_label("Who or what").fill("ben@")
    await expect(admin.get_by_text("user.password_link_made")).to_be_visible()
    await admin.get_by_label("Topic").select_option("brand")
    await expect(admin.get_by_text("Nothing found.")).to_be_visible()


async def test_a_customer_is_known_blocked_and_erased_from_his_column(place: Place) -> None:
    _, conversation_id = await place.waiting("Olha Petrenko")
    page = await place.page()
    await page.goto(f"{place.house.url}/settings/customers")
    await page.get_by_label("What is to be known").fill("Order number\nCompany")
    await page.get_by_role("button", name="Save").click()
    await page.goto(f"{place.house.url}/conversations/{conversation_id}")
    column = page.locator("aside.customer")
    await column.get_by_label("Order number").fill("A-1001")
    await column.get_by_label("Time zone").fill("Europe/Kyiv")
    await column.get_by_label("Time zone").press("Tab")
    await expect(column.get_by_text("Local time")).to_be_visible()
    await column.get_by_label("Write down").fill("Likes <b>green</b> tea")
    await column.get_by_role("button", name="Keep the note").click()
    await expect(column.get_by_text("Likes <b>green</b> tea")).to_be_visible()
    await column.get_by_role("button", name="Block").click()
    await expect(page.get_by_role("dialog")).to_contain_text("On the platform nothing changes")
    assert await violations(page) == []
    await page.get_by_role("dialog").get_by_role("button", name="Block").click()
    await expect(column.get_by_text("Blocked since")).to_be_visible()
    await column.get_by_role("button", name="Unblock").click()
    await expect(column.get_by_text("Blocked since")).to_have_count(0)
    await column.get_by_role("button", name="Erase this customer").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Erase")).to_be_disabled()
    assert await violations(page) == []
    await dialog.get_by_role("textbox").fill("olha petrenko")
    await dialog.get_by_role("button", name="Erase").click()
    await expect(column.get_by_text("This customer was erased.")).to_be_visible()
    async with place.house.product.database.read() as session:
        assert [one.name for one in await session.scalars(select(Contact))] == [""]


async def test_an_agent_is_not_offered_what_his_role_does_not_reach(place: Place) -> None:
    _, conversation_id = await place.waiting()
    page = await place.page(role=Role.AGENT)
    await page.goto(f"{place.house.url}/conversations/{conversation_id}")
    column = page.locator("aside.customer")
    await expect(column.get_by_role("button", name="Block")).to_be_visible()
    await expect(column.get_by_role("button", name="Erase this customer")).to_have_count(0)
    await expect(column.get_by_role("link", name="ZIP")).to_have_count(0)
    await page.goto(f"{place.house.url}/settings/roles")
    await expect(page.get_by_role("row", name="Export and erase customers")).to_be_visible()
    await expect(page.get_by_role("link", name="Audit log")).to_have_count(0)


async def test_the_new_screens_have_no_fault_for_axe_no_clipped_word_and_fit_a_phone(place: Place) -> None:
    page = await place.page(language="ru", width=390, height=844)
    await with_password(place)
    found: dict[str, list[str]] = {}
    for theme, width in (("light", 1440), ("dark", 390)):
        await page.context.add_cookies([{"name": "replydesk_theme", "value": theme, "url": place.house.url}])
        await page.set_viewport_size({"width": width, "height": 900})
        for screen in SCREENS:
            await page.goto(f"{place.house.url}/settings/{screen}")
            await expect(page.locator(".settings-section .panel").first).to_be_visible()
            await page.wait_for_timeout(500)
            found[f"{screen} {theme} axe"] = await violations(page)
            found[f"{screen} {theme} clipped"] = await page.evaluate(CLIPPED)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, screen
    assert {name: faults for name, faults in found.items() if faults} == {}
