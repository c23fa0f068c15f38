"""A blocked customer writes to the running product: his words are kept, and nobody hears of them."""

from pathlib import Path

from sqlalchemy import select

from core.clock import utc_now
from core.messages import ConversationStatus, Purpose
from core.models import Contact, Conversation, Message
from core.roles import Actor, Role
from core.users import add_user
from handoff.contacts.blocking import block, unblock
from metrics.recorded import load_facts
from tests.running_house import House, running_house


async def blocked(house: House, *, yes: bool) -> None:
    async with house.product.database.write() as session:
        contact = await session.scalar(select(Contact))
        assert contact is not None
        if yes:
            user = await add_user(session, email="anna@example.com", role=Role.AGENT, at=utc_now())
            actor = Actor(id=user.id, email=user.email, name="", role=Role.AGENT)
            await block(session, contact, actor, at=utc_now())
        else:
            await unblock(session, contact)


async def conversation(house: House) -> Conversation:
    async with house.product.database.read() as session:
        found = await session.scalar(select(Conversation))
    assert found is not None
    return found


async def test_a_blocked_customer_is_kept_and_disturbs_nobody_until_he_is_unblocked(tmp_path: Path) -> None:
    async with running_house(tmp_path) as house:
        customer = house.simulator.telegram.customer("Olha")
        customer.write("ask opening")
        await house.until(lambda: len(customer.screen.texts()) == 1)
        await blocked(house, yes=True)
        before = await conversation(house)
        customer.write("I want to talk to a person")

        async def kept() -> bool:
            async with house.product.database.read() as session:
                return await session.scalar(select(Message.id).where(Message.purpose == Purpose.BLOCKED)) is not None

        await house.until(kept)
        after = await conversation(house)
        assert (after.status, after.waiting_since, after.turn_due_at) == (ConversationStatus.BOT, None, None)
        assert after.last_customer_at == before.last_customer_at
        async with house.product.database.read() as session:
            unheard = await session.scalar(select(Message).where(Message.purpose == Purpose.BLOCKED))
            assert unheard is not None
            assert after.last_message_at < unheard.created_at
            assert len([fact for fact in await load_facts(session) if getattr(fact, "author", "") == "customer"]) == 1
        await blocked(house, yes=False)
        customer.write("ask opening")
        await house.until(lambda: len(customer.screen.texts()) == 2)
        assert customer.screen.texts() == ["We are open from 9 to 6."] * 2
