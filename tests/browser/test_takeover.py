"""An agent takes over while the bot is at it: the bot stops, at once and visibly, and its late answer is a draft."""

import asyncio
from pathlib import Path

from playwright.async_api import expect

from knowledge_base.search import Knowledge
from nlu.decisions import Decision
from nlu.understanding import Context
from tests.browser.conftest import Place, open_thread, opened_place, reply_field
from tests.literal_understanding import LiteralBuild, LiteralUnderstanding


class Ponderer(LiteralUnderstanding):
    """Decides once it is let."""

    asked: asyncio.Event
    let: asyncio.Event

    async def decide(self, text: str, context: Context) -> Decision:
        self.asked.set()
        await self.let.wait()
        return await super().decide(text, context)


class PondererBuild(LiteralBuild):
    def __init__(self) -> None:
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def __call__(self, knowledge: Knowledge, *, max_wrong_answer_rate: float) -> LiteralUnderstanding:
        plain = await super().__call__(knowledge, max_wrong_answer_rate=max_wrong_answer_rate)
        ponderer = Ponderer(plain._known)
        ponderer.asked, ponderer.let = self.asked, self.let
        return ponderer


async def test_an_answer_in_flight_while_an_agent_claims_becomes_his_draft(tmp_path: Path) -> None:
    build = PondererBuild()
    async with opened_place(tmp_path / "data", build=build) as place:
        customer = place.house.simulator.telegram.customer("Olha Petrenko")
        customer.write("ask opening")
        await asyncio.wait_for(build.asked.wait(), 60)
        conversation = await place.conversation(customer.id)
        assert conversation is not None
        page = await place.page()
        await open_thread(place, page, conversation.id)
        await page.get_by_role("button", name="Claim").click()
        await expect(page.locator(".thread-head")).to_contain_text("open · Anna Kovalenko")
        build.let.set()
        draft = page.locator(".by-draft", has_text="We are open from 9 to 6.")
        await expect(draft).to_be_visible()
        await page.keyboard.press("KeyU")
        await expect(reply_field(page)).to_have_value("We are open from 9 to 6.")
        assert customer.screen.texts() == []


async def test_the_bot_is_silent_from_the_take_over_on(place: Place) -> None:
    customer = place.house.simulator.telegram.customer("Olha Petrenko")
    customer.write("ask opening")
    await place.house.until(lambda: len(customer.screen.texts()) == 1, seconds=60)
    conversation = await place.conversation(customer.id)
    assert conversation is not None
    page = await place.page()
    await open_thread(place, page, conversation.id)
    await page.keyboard.press("KeyA")
    await expect(page.locator(".thread-head")).to_contain_text("open · Anna Kovalenko")
    customer.write("ask parcel")
    await expect(page.locator(".by-customer", has_text="ask parcel")).to_be_visible()
    await reply_field(page).fill("It is me now")
    await reply_field(page).press("Enter")
    await place.house.until(lambda: "It is me now" in customer.screen.texts(), seconds=60)
    assert customer.screen.texts() == ["We are open from 9 to 6.", "It is me now"]
