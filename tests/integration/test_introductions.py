"""Customers of platforms whose messages do not name them get their names, and never wait for that."""

from pathlib import Path

from sqlalchemy import select

from bot.phrases import handoff_notice
from core.models import Contact
from nlu.decisions import Reason
from tests.running_house import House, running_house


async def _contact(house: House) -> Contact | None:
    async with house.product.database.read() as session:
        found: Contact | None = (await session.scalars(select(Contact))).one_or_none()
        return found


async def test_a_messenger_customer_is_introduced_by_his_profile(tmp_path: Path) -> None:
    async with running_house(tmp_path) as house:
        await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
        boris = house.simulator.messenger.customer("Boris Petrov", language="ru")
        boris.write("ask opening")

        async def is_introduced() -> bool:
            contact = await _contact(house)
            return contact is not None and contact.name == "Boris Petrov" and contact.language == "ru"

        await house.until(is_introduced)


async def test_who_begins_with_a_picture_is_told_in_the_language_of_his_profile(tmp_path: Path) -> None:
    async with running_house(tmp_path, turn_wait_ms=0) as house:
        await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
        house.simulator.messenger.faults.add(kind="slow", method="node", times=None, seconds=0.5)
        boris = house.simulator.messenger.customer("Boris Petrov", language="ru")
        boris.photo()
        await house.until(lambda: boris.screen.texts() == [handoff_notice(Reason.MEDIA_ONLY, "ru")])


async def test_a_forbidden_profile_leaves_the_customer_nameless_and_answered(tmp_path: Path) -> None:
    async with running_house(tmp_path) as house:
        house.simulator.messenger.profiles_allowed = False
        await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
        boris = house.simulator.messenger.customer("Boris Petrov")
        boris.write("ask opening")
        await house.until(lambda: boris.screen.texts() == ["We are open from 9 to 6."])

        async def is_settled() -> bool:
            contact = await _contact(house)
            return contact is not None and contact.introduction_due_at is None

        await house.until(is_settled)
        contact = await _contact(house)
        assert contact is not None
        assert contact.name == ""
