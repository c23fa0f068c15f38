"""A graceful stop with work under way: within ten seconds, and nothing of it is lost (issue 2, point 10)."""

import asyncio
from pathlib import Path

from sqlalchemy import select

from bot.simulator.app import create_simulator
from bot.simulator.server import serve_simulator
from core.database import Database
from core.messages import Author, ConversationStatus, MessageState
from core.models import Conversation, Message
from tests.integration.processes import KNOWN, answer_to, forking_server, prepare, until
from tests.running_house import free_port

LONGEST_STOP_SECONDS = 10


async def test_a_stop_ends_in_time_though_a_platform_hangs_and_what_hung_is_in_doubt(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'replydesk.sqlite3'}")
    await prepare(database)
    port = free_port()
    application = create_simulator(product_url=f"http://127.0.0.1:{port}")
    try:
        async with (
            serve_simulator(application) as simulator,
            forking_server(tmp_path, port=port, simulator=simulator) as product,
        ):
            telegram = simulator.telegram
            hanging, quick = telegram.customer("Hanging"), telegram.customer("Quick")
            telegram.faults.add(kind="slow", method="sendMessage", customer=hanging.id, seconds=50)
            await product.start()
            hanging.write(KNOWN["opening"])
            await until(lambda: hanging.screen.texts() == [answer_to("opening")])
            async with asyncio.timeout(LONGEST_STOP_SECONDS):
                await product.stop()
            quick.write(KNOWN["delivery"])
            await product.start()
            await until(lambda: quick.screen.texts() == [answer_to("delivery")])
            async with database.read() as session:
                answer = (await session.scalars(select(Message).where(Message.author == Author.BOT))).first()
                conversation = await session.scalar(select(Conversation).where(Conversation.thread == hanging.id))
            assert answer is not None
            assert answer.state == MessageState.IN_DOUBT
            assert conversation is not None
            assert conversation.status == ConversationStatus.WAITING
            assert hanging.screen.texts() == [answer_to("opening")]
            await product.stop()
    finally:
        await database.close()
