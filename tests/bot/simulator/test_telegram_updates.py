"""Receiving from the fake Bot API: polling and webhooks, with their order, their retries and their ends."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from bot.simulator.app import Simulator
from bot.simulator.demo import DEMO_TELEGRAM_TOKEN
from bot.simulator.server import running_simulator

from .conftest import MovableClock
from .product import Product, until


async def call(http: httpx.AsyncClient, method: str, **arguments: Any) -> Any:
    answer = await http.post(f"/telegram/bot{DEMO_TELEGRAM_TOKEN}/{method}", json=arguments)
    return answer.json()


async def texts(http: httpx.AsyncClient, **arguments: Any) -> list[str]:
    result = (await call(http, "getUpdates", **arguments))["result"]
    return [update.get("message", {}).get("text", "") for update in result]


async def test_only_an_offset_acknowledges(simulator: Simulator, http: httpx.AsyncClient) -> None:
    anna = simulator.telegram.customer("Anna")
    first, _second = anna.write("one"), anna.write("two")
    updates = (await call(http, "getUpdates"))["result"]
    assert anna.screen.messages[first].state == "sent"
    simulator.pace.advance(10)
    assert len((await call(http, "getUpdates"))["result"]) == 2
    assert await texts(http, offset=updates[0]["update_id"] + 1) == ["two"]
    assert anna.screen.messages[first].state == "delivered"
    assert simulator.record.counters["telegram.acknowledged"] == 1


async def test_asking_the_same_offset_in_haste_gets_one_update(simulator: Simulator, http: httpx.AsyncClient) -> None:
    simulator.pace.speed = 1
    anna = simulator.telegram.customer("Anna")
    anna.write("one")
    anna.write("two")
    assert await texts(http) == ["one", "two"]
    assert await texts(http) == ["one"]


async def test_limit_and_negative_offset(simulator: Simulator, http: httpx.AsyncClient) -> None:
    anna = simulator.telegram.customer("Anna")
    for text in ("one", "two", "three"):
        anna.write(text)
    assert await texts(http, limit=2) == ["one", "two"]
    assert await texts(http, offset=-1) == ["three"]
    simulator.pace.advance(10)
    assert await texts(http) == ["three"]


async def test_updates_die_after_a_day_and_presses_after_150_seconds(
    simulator: Simulator, http: httpx.AsyncClient, clock: MovableClock
) -> None:
    anna = simulator.telegram.customer("Anna")
    anna.write("old")
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await call(http, "sendMessage", chat_id=anna.id, text="Helpful?", reply_markup=keyboard)
    anna.press("Yes")
    clock.move(seconds=149)
    assert [next(iter(set(update) - {"update_id"})) for update in (await call(http, "getUpdates"))["result"]] == [
        "message",
        "callback_query",
    ]
    clock.move(seconds=2)
    simulator.pace.advance(10)
    assert await texts(http) == ["old"]
    clock.move(hours=24)
    simulator.pace.advance(10)
    assert await texts(http) == []


async def test_a_long_poll_ends_with_the_message(simulator: Simulator, http: httpx.AsyncClient) -> None:
    poll = asyncio.create_task(texts(http, timeout=30))
    await until(lambda: simulator.telegram.polling.running)
    simulator.telegram.customer("Anna").write("hi")
    assert await poll == ["hi"]


async def test_a_second_poll_ends_the_first_with_409(simulator: Simulator, http: httpx.AsyncClient) -> None:
    first = asyncio.create_task(call(http, "getUpdates", timeout=30))
    await until(lambda: simulator.telegram.polling.running)
    second = asyncio.create_task(texts(http, timeout=30))
    ended = await first
    assert (ended["error_code"], ended["ok"]) == (409, False)
    assert "terminated by other getUpdates request" in ended["description"]
    await until(lambda: simulator.telegram.polling.running)
    simulator.telegram.customer("Anna").write("hi")
    assert await second == ["hi"]


async def test_polling_is_refused_while_a_webhook_is_set(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    running = asyncio.create_task(call(http, "getUpdates", timeout=30))
    await until(lambda: simulator.telegram.polling.running)
    assert (await call(http, "setWebhook", url=f"{product.url}/hook"))["ok"]
    assert "terminated by setWebhook" in (await running)["description"]
    refused = await call(http, "getUpdates")
    assert refused["error_code"] == 409
    assert "webhook is active" in refused["description"]
    await call(http, "deleteWebhook")
    assert (await call(http, "getUpdates"))["ok"]


async def test_kinds_not_asked_for_are_dropped_when_created(simulator: Simulator, http: httpx.AsyncClient) -> None:
    anna = simulator.telegram.customer("Anna")
    own = anna.write("hi")
    assert anna.react(own, "👍") is None
    await call(http, "getUpdates", allowed_updates=["message_reaction"])
    assert anna.react(own, "❤️") is not None
    anna.write("not wanted")
    simulator.pace.advance(10)
    kinds = [set(update) - {"update_id"} for update in (await call(http, "getUpdates"))["result"]]
    assert kinds == [{"message"}, {"message_reaction"}]


async def test_every_action_of_a_customer_has_the_shape_of_the_payloads(
    simulator: Simulator, http: httpx.AsyncClient
) -> None:
    anna = simulator.telegram.customer("Оля", language="ru")
    anna.start("b3JkZXItMTIz")
    anna.photo(caption="look")
    anna.album(["one", ""])
    anna.voice()
    anna.sticker("😡")
    anna.location()
    anna.contact(own=True)
    edited = anna.write("helo")
    anna.edit(edited, "hello")
    anna.block()
    updates = (await call(http, "getUpdates"))["result"]
    messages = [update["message"] for update in updates if "message" in update]
    assert messages[0]["text"] == "/start b3JkZXItMTIz"
    assert messages[0]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert messages[1]["caption"] == "look"
    assert "text" not in messages[1]
    assert messages[1]["photo"][-1]["file_id"]
    assert messages[2]["media_group_id"] == messages[3]["media_group_id"]
    assert messages[4]["voice"]["mime_type"] == "audio/wav"
    assert messages[5]["sticker"]["emoji"] == "😡"
    assert set(messages[6]["location"]) == {"latitude", "longitude"}
    assert messages[7]["contact"]["user_id"] == messages[7]["from"]["id"]
    assert updates[-2]["edited_message"]["text"] == "hello"
    assert updates[-2]["edited_message"]["edit_date"] >= updates[-2]["edited_message"]["date"]
    assert updates[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_raw_updates_of_the_payload_pack_go_through_and_can_be_answered(
    simulator: Simulator, http: httpx.AsyncClient, shared_dir: Path
) -> None:
    files = sorted((shared_dir / "data/payloads/telegram").glob("*.json"))
    await call(http, "getUpdates", allowed_updates=["message", "new_update_kind"])
    for file in files:
        simulator.telegram.inject(json.loads(file.read_text()))
    simulator.pace.advance(10)
    updates = (await call(http, "getUpdates"))["result"]
    assert len({update["update_id"] for update in updates}) == len(updates) > 20
    assert any("new_update_kind" in update for update in updates)
    assert (await call(http, "sendMessage", chat_id=100000001, text="ok"))["ok"]


# Webhooks


async def set_webhook(http: httpx.AsyncClient, product: Product, **more: Any) -> None:
    assert (await call(http, "setWebhook", url=f"{product.url}/hook", secret_token="s3cret", **more))["ok"]


def received(product: Product) -> list[str]:
    return [json.loads(body).get("message", {}).get("text", "") for body in product.bodies]


async def test_a_webhook_gets_the_secret_and_acknowledges_with_200(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    await set_webhook(http, product)
    own = simulator.telegram.customer("Anna").write("hi")
    await until(lambda: len(simulator.telegram.updates) == 0)
    assert product.headers[0]["x-telegram-bot-api-secret-token"] == "s3cret"
    assert simulator.telegram.customer("Anna").screen.messages[own].state == "delivered"


async def test_a_failing_update_blocks_its_chat_only_and_is_repeated_in_growing_steps(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    await set_webhook(http, product)
    anna, boris = simulator.telegram.customer("Anna"), simulator.telegram.customer("Boris")
    product.refused = {b"one": 4}
    anna.write("one")
    await until(lambda: product.bodies)
    anna.write("two")
    boris.write("meanwhile")
    await until(lambda: len(simulator.telegram.updates) == 0)
    order = received(product)
    assert order.index("two") > max(place for place, text in enumerate(order) if text == "one")
    assert "meanwhile" in order
    attempts = [entry["attempt"] for entry in simulator.record.entries(kind="webhook") if "one" in str(entry["body"])]
    assert attempts == [1, 2, 3, 4, 5]


async def test_the_health_signal_shows_the_last_error(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    simulator.pace.speed = 1
    await set_webhook(http, product)
    product.answers = [500, 503, 503]
    simulator.telegram.customer("Anna").write("hi")
    await until(lambda: len(product.bodies) == 2)
    await until(lambda: "503" in simulator.telegram.webhook.last_error_message)
    info = (await call(http, "getWebhookInfo"))["result"]
    assert info["pending_update_count"] == 1
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
    simulator.pace.advance(2)
    await until(lambda: len(product.bodies) == 3)
    simulator.pace.advance(4)
    await until(lambda: len(simulator.telegram.updates) == 0)


async def test_retry_after_is_honoured(simulator: Simulator, http: httpx.AsyncClient, product: Product) -> None:
    simulator.pace.speed = 1
    await set_webhook(http, product)
    product.answers = [Response(status_code=503, headers={"Retry-After": "600"})]
    simulator.telegram.customer("Anna").write("hi")
    await until(lambda: simulator.telegram.webhook.last_error_date)
    simulator.pace.advance(599)
    await asyncio.sleep(0.05)
    assert len(product.bodies) == 1
    simulator.pace.advance(2)
    await until(lambda: len(product.bodies) == 2)


async def test_an_update_a_day_old_is_dropped(
    simulator: Simulator, http: httpx.AsyncClient, product: Product, clock: MovableClock
) -> None:
    await set_webhook(http, product)
    product.answers = [500] * 500
    simulator.telegram.customer("Anna").write("poison")
    await until(lambda: len(product.bodies) > 2)
    clock.move(hours=24)
    simulator.telegram.customer("Anna").write("alive")
    product.answers = []
    await until(lambda: received(product)[-1] == "alive")
    assert len(simulator.telegram.updates) == 0


async def test_410_for_23_hours_removes_the_webhook(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    await set_webhook(http, product)
    product.answers = [410] * 10_000
    simulator.telegram.customer("Anna").write("hi")
    await until(lambda: len(product.bodies) > 2)
    assert simulator.telegram.webhook.settings is not None
    simulator.pace.advance(23 * 3600)
    await until(lambda: simulator.telegram.webhook.settings is None)
    assert simulator.record.entries(kind="notice", name="webhook_removed")


async def test_chats_arrive_in_parallel_up_to_max_connections(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    await set_webhook(http, product, max_connections=2)
    product.pause_seconds = 0.2
    for name in ("Anna", "Boris"):
        simulator.telegram.customer(name).write(name)
    await until(lambda: len(product.bodies) == 2)
    assert len(simulator.telegram.updates) >= 1


async def test_the_answer_of_a_webhook_may_carry_one_call(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    await set_webhook(http, product)
    anna = simulator.telegram.customer("Anna")
    product.answers = [JSONResponse({"method": "sendMessage", "chat_id": anna.chat_id, "text": "at once"})]
    anna.write("hi")
    await until(lambda: anna.screen.texts() == ["at once"])


async def test_a_delivery_can_be_doubled(simulator: Simulator, http: httpx.AsyncClient, product: Product) -> None:
    await set_webhook(http, product)
    simulator.telegram.faults.add(kind="duplicate", method="webhook")
    simulator.telegram.customer("Anna").write("hi")
    await until(lambda: len(product.bodies) == 2)
    assert product.bodies[0] == product.bodies[1]


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://example.org/hook", "HTTPS URL"), ("https://example.org:9000/hook", "only on ports")],
)
async def test_an_address_that_telegram_would_not_take_is_refused(
    http: httpx.AsyncClient, url: str, words: str
) -> None:
    answer = await call(http, "setWebhook", url=url)
    assert answer["error_code"] == 400
    assert words in answer["description"]


async def test_set_webhook_twice_in_a_second_is_flood(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    simulator.pace.speed = 1
    await set_webhook(http, product)
    answer = await call(http, "setWebhook", url=product.url)
    assert (answer["error_code"], answer["parameters"]["retry_after"]) == (429, 1)


async def test_a_wrong_secret_can_be_sent_once(simulator: Simulator, http: httpx.AsyncClient, product: Product) -> None:
    await set_webhook(http, product)
    simulator.telegram.faults.add(kind="wrong_signature", method="webhook")
    product.answers = [403]
    simulator.telegram.customer("Anna").write("hi")
    await until(lambda: len(simulator.telegram.updates) == 0)
    secrets = [headers["x-telegram-bot-api-secret-token"] for headers in product.headers]
    assert secrets == ["s3cret-not", "s3cret"]


async def test_a_poll_that_waits_does_not_hold_up_the_end() -> None:
    async with running_simulator() as simulator:
        client = httpx.AsyncClient(base_url=simulator.base_url, trust_env=False)
        poll = asyncio.create_task(call(client, "getUpdates", timeout=50))
        await until(lambda: simulator.telegram.polling.running)
    assert (await poll)["result"] == []
    await client.aclose()
