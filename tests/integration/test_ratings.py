"""Ratings with the channels' own buttons, on the fake platforms, from the answer to the report."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.telegram.customer import TelegramCustomer
from core.clock import utc_now
from core.messages import Author, EventKind
from core.models import Event, Message
from handoff.desk_rules import DeskRules, save_rules
from handoff.models import Case
from handoff.ratings.models import RatingAsk, RatingOptOut
from metrics.recorded import recorded_report
from tests.integration.desk import Customer, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")
THANKS = "Thank you, that helps us to answer better."
QUESTION = "How did we do? Please rate the help you got, from 1 (poor) to 5 (excellent)."


@pytest.fixture(params=["telegram", "messenger"])
def customer(request: pytest.FixtureRequest, desk: Desk) -> Customer:
    made: TelegramCustomer | MessengerCustomer
    if request.param == "telegram":
        made = desk.house.simulator.telegram.customer(f"Tess {request.node.name}")
    else:
        made = desk.house.simulator.messenger.customer(f"Mia {request.node.name}")
    return made


async def want_ratings(desk: Desk) -> None:
    async with desk.house.product.database.write() as session:
        await save_rules(session, DeskRules(ask_helpful=True, ask_rating=True))


async def ratings(desk: Desk, customer: Customer, kind: EventKind) -> list[Event]:
    conversation = await desk.the_conversation(customer)
    async with desk.house.product.database.read() as session:
        query = select(Event).where(Event.conversation_id == conversation.id, Event.kind == kind).order_by(Event.id)
        return list(await session.scalars(query))


def press(customer: Customer, title: str) -> None:
    customer.press(title)


async def until_pressed_is_known(desk: Desk, customer: Customer, kind: EventKind, count: int) -> None:
    async def known() -> bool:
        return len(await ratings(desk, customer, kind)) == count

    await desk.house.until(known, seconds=20)


async def test_an_answer_is_called_helpful_once_and_no_message_comes_of_it(desk: Desk, customer: Customer) -> None:
    await want_ratings(desk)
    customer.write("ask opening")
    await desk.until_shown(customer, "We are open from 9 to 6.")
    press(customer, "👍 This helped")
    await desk.until_shown(customer, "We are open from 9 to 6.", THANKS)
    assert len(await desk.messages(customer, author=Author.CUSTOMER)) == 1, "a press is no message"
    [said] = await ratings(desk, customer, EventKind.FEEDBACK)
    assert (said.details["helpful"], said.details["entries"]) == (True, ["opening"])
    customer.write("ask delivery")
    await desk.until_shown(customer, "We are open from 9 to 6.", THANKS, "Delivery takes two days.")
    assert (await desk.messages(customer))[-1].buttons == [], "nobody is asked twice a day"


async def test_a_resolved_case_is_rated_and_counted_for_people(desk: Desk, customer: Customer) -> None:
    await want_ratings(desk)
    await resolved_case(desk, customer)
    await until_asked(desk, customer)
    before = await csat(desk)
    scores = ("2", "4") if isinstance(customer, TelegramCustomer) else ("4",)  # quick replies go with the first press
    for count, score in enumerate(scores, start=1):
        press(customer, score)
        await until_pressed_is_known(desk, customer, EventKind.RATING, count)
    after = await csat(desk)
    assert (after["given"], after["positive"]) == (before["given"] + 1, before["positive"] + 1)
    await desk.house.until(lambda: "Thank you for your rating!" in customer.screen.texts(), seconds=20)
    assert customer.screen.texts().count("Thank you for your rating!") == 1
    assert (await desk.the_conversation(customer)).status == "resolved", "a rating reopens nothing"


async def test_who_does_not_want_to_be_asked_is_not_asked_again(desk: Desk, customer: Customer) -> None:
    await want_ratings(desk)
    await resolved_case(desk, customer)
    await until_asked(desk, customer)
    press(customer, "Do not ask again")

    async def opted_out() -> bool:
        conversation = await desk.the_conversation(customer)
        async with desk.house.product.database.read() as session:
            return await session.get(RatingOptOut, conversation.contact_id) is not None

    await desk.house.until(opted_out, seconds=20)
    customer.write("ask returns")
    await desk.house.until(lambda: "Send it back within 30 days." in customer.screen.texts(), seconds=20)
    assert (await desk.messages(customer))[-1].buttons == []
    assert await ratings(desk, customer, EventKind.RATING) == []


async def resolved_case(desk: Desk, customer: Customer) -> None:
    """A person answered and resolved it; a minute is taken off, which the product leaves for second thoughts."""
    customer.write("human please")
    await desk.until_status(customer, "waiting")
    await desk.do(customer, "messages", text="Here I am")
    await desk.house.until(lambda: "Here I am" in customer.screen.texts(), seconds=20)
    await desk.do(customer, "resolve")
    conversation = await desk.the_conversation(customer)
    async with desk.house.product.database.write() as session:
        case = (await session.scalars(select(Case).where(Case.conversation_id == conversation.id))).one()
        assert case.closed_at is not None
        case.closed_at, case.opened_at = utc_now() - timedelta(seconds=31), case.opened_at - timedelta(minutes=1)
        for happened in await session.scalars(select(Event).where(Event.conversation_id == conversation.id)):
            happened.at -= timedelta(minutes=1)
        for said in await session.scalars(select(Message).where(Message.conversation_id == conversation.id)):
            said.at, said.created_at = said.at - timedelta(minutes=1), said.created_at - timedelta(minutes=1)


async def until_asked(desk: Desk, customer: Customer) -> None:
    await desk.house.until(lambda: QUESTION in customer.screen.texts(), seconds=20)
    conversation = await desk.the_conversation(customer)
    async with desk.house.product.database.read() as session:
        asks = await session.scalars(select(RatingAsk).where(RatingAsk.conversation_id == conversation.id))
        assert len([one for one in asks if one.kind == "case"]) == 1


async def csat(desk: Desk) -> dict[str, int]:
    now = utc_now() + timedelta(seconds=1)
    report = await recorded_report(
        desk.house.product.database, since=now - timedelta(days=1), until=now, now=now, channel=None
    )
    found: dict[str, int] = report["csat"]["human"]
    return found
