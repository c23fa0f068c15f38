"""The way of a message, end to end: both channels of the simulator, the whole product, real sockets."""

from pathlib import Path

from sqlalchemy import select

from core.messages import ConversationStatus, EventKind
from core.models import Conversation, Event
from tests.running_house import running_house


async def test_a_known_question_is_answered_word_for_word_on_both_channels(tmp_path: Path) -> None:
    async with running_house(tmp_path) as house:
        anna = house.simulator.telegram.customer("Anna")
        boris = house.simulator.messenger.customer("Boris")
        anna.write("ask opening")
        await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
        boris.write("ask opening")
        for customer in (anna, boris):
            await house.until(lambda customer=customer: customer.screen.texts() == ["We are open from 9 to 6."])


async def test_an_unknown_question_becomes_a_case_and_the_customer_is_told(tmp_path: Path) -> None:
    async with running_house(tmp_path) as house:
        anna = house.simulator.telegram.customer("Anna")
        anna.write("something nobody knows")
        await house.until(lambda: len(anna.screen.texts()) == 1)
        async with house.product.database.read() as session:
            conversation = (await session.scalars(select(Conversation))).one()
            handoff = (await session.scalars(select(Event).where(Event.kind == EventKind.HANDOFF))).one()
        assert conversation.status == ConversationStatus.WAITING
        assert handoff.details["reason"] == "not_understood"
