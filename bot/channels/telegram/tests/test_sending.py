"""What arrives on the customer's screen, against the simulator."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram.methods import SendMessage

from bot.channel import FileContent, Signal, SignalKind
from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.address import Address
from bot.channels.telegram.client import open_api
from bot.channels.telegram.errors import AnswerLost
from bot.channels.telegram.outgoing import call_of
from bot.channels.telegram.tests.contract import TOKEN, SimulatedTelegram, simulated_telegram
from bot.channels.telegram.tests.opened import opened
from bot.channels.telegram.tests.test_errors import outbound
from bot.simulator.media import sample_picture
from core.errors import NotSendable, TryLater
from core.messages import Attachment, AttachmentKind, Button


@pytest.fixture
async def fake() -> AsyncIterator[SimulatedTelegram]:
    async with simulated_telegram() as fake:
        yield fake


@pytest.fixture
async def channel(fake: SimulatedTelegram) -> AsyncIterator[TelegramChannel]:
    async with opened(fake.base_url) as channel:
        yield channel


def calls(fake: SimulatedTelegram) -> list[tuple[str, dict[str, Any]]]:
    found = fake.telegram.record.entries(platform="telegram", kind="call")
    return [(call["name"], call["parameters"]) for call in found]


async def test_text_goes_out_without_any_markup(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    await channel.send(outbound(thread=fake.thread, text="<b>*bold*</b> _[x](y)_ & https://example.org"))
    assert calls(fake) == [
        ("sendMessage", {"chat_id": fake.thread, "text": "<b>*bold*</b> _[x](y)_ & https://example.org"})
    ]


async def test_buttons_stand_one_in_a_row(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    buttons = (Button(title="Delivery", payload="entry:delivery"), Button(title="Site", url="https://example.org/"))
    await channel.send(outbound(thread=fake.thread, buttons=buttons))
    [(_, parameters)] = calls(fake)
    assert json.loads(parameters["reply_markup"])["inline_keyboard"] == [
        [{"text": "Delivery", "callback_data": "entry:delivery"}],
        [{"text": "Site", "url": "https://example.org/"}],
    ]


async def test_a_payload_over_64_bytes_is_never_sent(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    with pytest.raises(NotSendable, match="64 bytes"):
        await channel.send(outbound(thread=fake.thread, buttons=(Button(title="x", payload="ж" * 33),)))
    assert calls(fake) == []


async def test_a_reply_goes_out_even_when_its_message_is_gone(
    fake: SimulatedTelegram, channel: TelegramChannel
) -> None:
    accepted = await channel.send(outbound(thread=fake.thread, reply_to=f"{fake.thread}:99999"))
    assert accepted.external_id is not None
    [(_, parameters)] = calls(fake)
    assert json.loads(parameters["reply_parameters"]) == {"message_id": 99999, "allow_sending_without_reply": True}


async def test_a_picture_goes_up_as_bytes_with_its_caption(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    file = FileContent(content=sample_picture(), media_type="image/png", name="cup.png")
    await channel.send(outbound(thread=fake.thread, text="Our cup", file=file))
    [(method, parameters)] = calls(fake)
    assert (method, parameters["caption"]) == ("sendPhoto", "Our cup")
    assert any(str(value).startswith("cup.png (") for value in parameters.values())


async def test_any_other_file_goes_up_as_a_document(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    file = FileContent(content=b"%PDF-1.4", media_type="application/pdf", name="menu.pdf")
    await channel.send(outbound(thread=fake.thread, text="", file=file))
    assert [method for method, _ in calls(fake)] == ["sendDocument"]


async def test_a_picture_that_telegram_cannot_show_goes_as_a_document(
    fake: SimulatedTelegram, channel: TelegramChannel
) -> None:
    fake.telegram.faults.add(
        kind="error", method="sendPhoto", status=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS"
    )
    file = FileContent(content=sample_picture(), media_type="image/png", name="long.png")
    accepted = await channel.send(outbound(thread=fake.thread, text="A long one", file=file))
    assert accepted.external_id is not None
    assert [method for method, _ in calls(fake)] == ["sendPhoto", "sendDocument"]
    assert calls(fake)[1][1]["caption"] == "A long one"


async def test_a_complaint_about_entities_is_tried_once_more(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    fake.telegram.faults.add(kind="cannot_parse_entities", method="sendMessage")
    accepted = await channel.send(outbound(thread=fake.thread))
    assert [taken.external_id for taken in fake.taken()] == [accepted.external_id]


def test_an_answer_in_a_business_chat_or_topic_says_which() -> None:
    business = call_of(outbound(), Address.of_thread("7@bc1")).model_dump()
    assert (business["chat_id"], business["business_connection_id"]) == (7, "bc1")
    topic = call_of(outbound(), Address.of_thread("-100#4")).model_dump()
    assert (topic["chat_id"], topic["message_thread_id"]) == (-100, 4)


@pytest.mark.parametrize("thread", ["", "anna", "7@", "7#", "7:8", "7@a@b"])
async def test_a_thread_that_is_not_telegrams_is_never_called(
    fake: SimulatedTelegram, channel: TelegramChannel, thread: str
) -> None:
    with pytest.raises(NotSendable):
        await channel.send(outbound(thread=thread))
    assert calls(fake) == []


async def test_an_answer_that_comes_too_late_is_lost_not_refused(fake: SimulatedTelegram) -> None:
    fake.telegram.faults.add(kind="slow", method="sendMessage", seconds=5)
    async with open_api(token=TOKEN, api_url=fake.base_url) as api:
        with pytest.raises(AnswerLost):
            await api.call(SendMessage(chat_id=fake.thread, text="Hello"), answer_seconds=0.5)
    assert [taken.text for taken in fake.taken()] == ["Hello"]
    fake.telegram.pace.advance(5)


async def test_a_failed_handshake_is_tried_later(fake: SimulatedTelegram) -> None:
    async with opened(fake.base_url.replace("http://", "https://")) as channel:
        with pytest.raises(TryLater, match="cannot be reached"):
            await channel.send(outbound(thread=fake.thread))


async def test_typing_is_shown_and_seen_does_nothing(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    await channel.signal(Signal(kind=SignalKind.TYPING, thread=fake.thread))
    await channel.signal(Signal(kind=SignalKind.SEEN, thread=fake.thread))
    assert calls(fake) == [("sendChatAction", {"chat_id": fake.thread, "action": "typing"})]


async def test_a_customers_file_is_fetched_by_its_id(fake: SimulatedTelegram, channel: TelegramChannel) -> None:
    fake.anna.document(b"%PDF-1.4 order", name="order.pdf")
    update = fake.telegram.updates.first(10)[-1].body["message"]["document"]
    attachment = Attachment(kind=AttachmentKind.DOCUMENT, reference=update["file_id"], name="order.pdf")
    found = await channel.fetch(attachment, limit_bytes=1000)
    assert found is not None
    assert (found.content, found.name) == (b"%PDF-1.4 order", "order.pdf")
    assert await channel.fetch(attachment, limit_bytes=5) is None


async def test_a_file_that_telegram_does_not_serve_is_not_fetched(
    fake: SimulatedTelegram, channel: TelegramChannel
) -> None:
    attachment = Attachment(kind=AttachmentKind.VIDEO, reference="nobody-knows")
    assert await channel.fetch(attachment, limit_bytes=1000) is None
    fake.telegram.faults.add(kind="file_too_big", method="getFile")
    assert await channel.fetch(attachment, limit_bytes=1000) is None
    assert await channel.fetch(Attachment(kind=AttachmentKind.VIDEO), limit_bytes=1000) is None
