"""The webhook's door: the secret, the key, the queue."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.channel import Item, WebhookRequest
from bot.channels.telegram.tests.contract import SECRET_HEADER, WEBHOOK_SECRET
from bot.channels.telegram.tests.opened import opened
from core.errors import Refused
from tests.contract.case import DERIVED_SECRET

NOWHERE = "http://127.0.0.1:9"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent.parent / "fixtures"


def request(body: bytes, secret: str | None = WEBHOOK_SECRET) -> WebhookRequest:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    return WebhookRequest(method="POST", body=body, headers=headers, query={})


async def received(body: bytes) -> Item:
    async with opened(NOWHERE, clock=lambda: NOW) as channel:
        [item] = (await channel.receive(request(body))).items
    return item


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", WEBHOOK_SECRET[:-1], "caf\u00e9", "\u00ff\u00fe", "\ud800", "ключ"]
)
async def test_any_other_secret_is_answered_401(secret: str | None) -> None:
    async with opened(NOWHERE) as channel:
        with pytest.raises(Refused) as refusal:
            await channel.receive(request(b'{"update_id": 1}', secret))
    assert refusal.value.status == HTTPStatus.UNAUTHORIZED


async def test_without_a_secret_of_his_own_the_operator_gets_a_derived_one() -> None:
    async with opened(NOWHERE, webhook_secret=None) as channel:
        received = await channel.receive(request(b'{"update_id": 1}', DERIVED_SECRET))
        assert len(received.items) == 1
        with pytest.raises(Refused):
            await channel.receive(request(b'{"update_id": 1}', ""))


async def test_the_update_id_is_the_key() -> None:
    assert (await received(b'{"update_id": 17, "message": {}}')).dedup_key == "update:17"
    assert (await received(b'{"update_id": "17"}')).dedup_key == "update:17"
    assert (await received(b'{"update_id": 0}')).dedup_key == "update:0"


async def test_a_body_that_is_not_json_is_kept_as_text_under_a_digest() -> None:
    item = await received(b"not \xff JSON \x00")
    assert item.dedup_key.startswith("sha256:")
    assert item.body == "not \ufffd JSON \ufffd"
    assert item.thread is None
    assert item == await received(b"not \xff JSON \x00")


async def test_items_queue_with_their_chat_at_the_platforms_time() -> None:
    item = await received((FIXTURES / "edited_text.json").read_bytes())
    assert (item.thread, item.at) == ("5200000011", datetime.fromtimestamp(1790004000, UTC))


async def test_a_press_queues_with_its_chat_at_the_time_of_arrival() -> None:
    item = await received((FIXTURES / "press.json").read_bytes())
    assert (item.thread, item.at) == ("5200000011", NOW)


async def test_the_stored_body_is_what_came_and_our_note() -> None:
    raw = (FIXTURES / "text.json").read_bytes()
    item = await received(raw)
    assert {key: value for key, value in item.body.items() if key != "replydesk"} == json.loads(raw)
    assert item.body["replydesk"]["at"] == NOW.timestamp()
