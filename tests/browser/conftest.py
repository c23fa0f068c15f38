"""Chromium against the whole product and the simulator, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from sqlalchemy import select

from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.telegram.customer import TelegramCustomer
from core.clock import utc_now
from core.models import Conversation
from core.roles import Role
from core.users import add_user, start_session
from tests.running_house import House, running_house

expect.set_options(timeout=30_000)  # a loaded machine is slow, not wrong

CHROMIUM = "/usr/bin/chromium"
PERSON = "I want to talk to a person"


@dataclass
class Place:
    """The house, a browser, and the people in it. `troubles`: what pages complained of."""

    house: House
    browser: Browser
    troubles: list[str] = field(default_factory=list)

    async def page(
        self,
        email: str = "anna@example.com",
        *,
        name: str = "Anna Kovalenko",
        role: Role = Role.ADMIN,
        width: int = 1440,
        height: int = 900,
        language: str = "en",
        theme: str = "light",
    ) -> Page:
        """A new browser with somebody signed in."""
        database = self.house.product.database
        async with database.write() as session:
            user = await add_user(session, email=email, name=name, role=role, at=utc_now())
            cookie = await start_session(session, user.id, at=utc_now())
        context = await self.browser.new_context(viewport={"width": width, "height": height}, locale=language)
        values = {"replydesk_session": cookie, "replydesk_language": language, "replydesk_theme": theme}
        await context.add_cookies(
            [{"name": name, "value": value, "url": self.house.url} for name, value in values.items()]
        )
        page = await context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on(
            "console", lambda message: self.troubles.append(message.text) if _bad(message.type, message.text) else None
        )
        return page

    async def waiting(self, name: str = "Olha Petrenko", text: str = PERSON) -> tuple[TelegramCustomer, int]:
        """A customer whom the bot handed to people, and his conversation's id."""
        customer = self.house.simulator.telegram.customer(name)
        customer.write(text)
        return customer, await self._handed_off(customer)

    async def waiting_on_messenger(self) -> tuple[MessengerCustomer, int]:
        await self.house.until(lambda: self.house.simulator.messenger.webhook.subscription.verified, seconds=60)
        customer = self.house.simulator.messenger.customer("Olha Petrenko")
        customer.write(PERSON)
        return customer, await self._handed_off(customer)

    async def _handed_off(self, customer: TelegramCustomer | MessengerCustomer) -> int:
        found: list[int] = []

        async def handed_off() -> bool:
            conversation = await self.conversation(customer.id)
            if conversation is not None and conversation.status == "waiting":
                found.append(conversation.id)
            return bool(found)

        await self.house.until(handed_off, seconds=60)
        return found[0]

    async def conversation(self, thread: str) -> Conversation | None:
        async with self.house.product.database.read() as session:
            found: Conversation | None = await session.scalar(
                select(Conversation).where(Conversation.thread == str(thread))
            )
            return found


async def open_thread(place: Place, page: Page, conversation_id: int) -> None:
    await page.goto(f"{place.house.url}/conversations/{conversation_id}")
    await expect(page.get_by_role("log")).to_be_visible()


def reply_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Reply to")


async def reply(page: Page, text: str) -> None:
    await reply_field(page).fill(text)
    await reply_field(page).press("Enter")


def _bad(kind: str, text: str) -> bool:
    return kind == "error" and "Failed to load resource" not in text


@asynccontextmanager
async def opened_place(folder: Path, **house_options: Any) -> AsyncIterator[Place]:
    """A house, by `running_house`, and a browser; no page of it may complain."""
    answers = {"opening": "We are open from 9 to 6.", "parcel": "Your parcel is on its way."}
    async with (
        running_house(folder, answers=answers, **house_options) as house,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        place = Place(house=house, browser=browser)
        yield place
        await browser.close()
        assert place.troubles == []


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened_place(tmp_path / "data") as place:
        yield place
