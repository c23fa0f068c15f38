"""A refused account, a restart, and two workers on one PostgreSQL."""

import asyncio
from pathlib import Path

from sqlalchemy import func, select

from bot.demo import use_simulator
from bot.product import open_product
from bot.registry import discover
from core.logs import Scrubber
from core.messages import Author, MessageState
from core.models import Account, Lease, Message
from tests.literal_understanding import LiteralBuild
from tests.running_house import House, running_house

OPENING = "We are open from 9 to 6."


async def _account(house: House, channel: str) -> Account:
    async with house.product.database.read() as session:
        return (await session.scalars(select(Account).where(Account.channel == channel))).one()


async def test_a_dead_token_stops_the_account_keeps_its_queue_and_a_restart_sends_it(tmp_path: Path) -> None:
    async with running_house(tmp_path) as house:
        telegram = house.simulator.telegram
        telegram.faults.add(kind="unauthorized", method="sendMessage", times=None)
        anna, boris = telegram.customer("Anna"), house.simulator.messenger.customer("Boris")
        await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
        anna.write("ask opening")

        async def is_stopped() -> bool:
            return (await _account(house, "telegram")).problem is not None

        await house.until(is_stopped, seconds=30)
        boris.write("ask opening")
        await house.until(lambda: boris.screen.texts() == [OPENING], seconds=30)
        assert len(telegram.record.entries(platform="telegram", kind="call", name="sendMessage")) == 1
        async with house.product.database.read() as session:
            waiting = (await session.scalars(select(Message).where(Message.state == MessageState.PENDING))).all()
        assert [message.text for message in waiting] == [OPENING]
    async with running_house(tmp_path, answers={}) as house:
        again = house.simulator.telegram.customer("Anna", customer_id=anna.chat_id)
        again.started = True
        await house.until(lambda: again.screen.texts() == [OPENING], seconds=30)
        assert (await _account(house, "telegram")).problem is None


async def test_two_workers_on_one_database_answer_everything_once(tmp_path: Path, postgres_url: str) -> None:
    async with (
        running_house(tmp_path, database_url=postgres_url, speed=20.0) as house,
        open_product(
            house.product.settings,
            database=house.product.database,
            kinds=discover(),
            build_understanding=LiteralBuild(),
            scrubber=Scrubber(),
            environment={},
        ) as second,
    ):
        use_simulator(second, house.simulator.base_url)
        await second.accounts.refresh()
        working = [asyncio.create_task(second.keep_receiving()), asyncio.create_task(second.work())]
        try:
            await house.until(lambda: house.simulator.messenger.webhook.subscription.verified)
            customers = [
                platform.customer(f"Customer {number}")
                for number in range(12)
                for platform in (house.simulator.telegram, house.simulator.messenger)
            ]
            for _ in range(2):
                for customer in customers:
                    customer.write("ask opening")
                await asyncio.sleep(0.3)
            await house.until(lambda: all(len(one.screen.texts()) == 2 for one in customers), seconds=60)
            async with house.product.database.read() as session:
                answers = await session.scalar(select(func.count()).where(Message.author == Author.BOT))
                owners = set(await session.scalars(select(Lease.owner)))
            assert answers == 2 * len(customers)
            assert owners, "the jobs that only one may do are leased"
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
