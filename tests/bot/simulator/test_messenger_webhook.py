"""What the fake Graph delivers to the product: signed, in batches, twice, too early, again, and finally not at all."""

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from bot.simulator.app import Simulator
from bot.simulator.demo import DEMO_APP_ID, DEMO_APP_SECRET, PAGE_INBOX_APP_ID
from bot.simulator.graph.webhook import VerificationFailedError

from .product import Product, until
from .test_messenger_sending import graph, send


@pytest.fixture
async def connected(simulator: Simulator, product: Product) -> Simulator:
    simulator.messenger.receipts = "none"
    await simulator.messenger.subscribe(f"{product.url}/webhooks/messenger/main")
    return simulator


def items(product: Product, drawer: str = "messaging") -> list[dict[str, Any]]:
    return [item for body in product.bodies for entry in json.loads(body)["entry"] for item in entry.get(drawer, [])]


def texts(product: Product) -> list[str]:
    return [item["message"]["text"] for item in items(product) if "text" in item.get("message", {})]


async def test_the_handshake_needs_the_right_token(simulator: Simulator, product: Product) -> None:
    with pytest.raises(VerificationFailedError):
        await simulator.messenger.subscribe(f"{product.url}/hook", verify_token="wrong")
    simulator.messenger.customer("Anna").write("unheard")
    await simulator.messenger.subscribe(f"{product.url}/hook")
    simulator.messenger.customer("Anna").write("heard")
    await until(lambda: texts(product) == ["heard"])


async def test_bodies_are_escaped_and_signed_twice(connected: Simulator, product: Product) -> None:
    connected.messenger.customer("Анна").write("Привет / café")
    await until(lambda: product.bodies)
    body, headers = product.bodies[0], product.headers[0]
    assert rb"\u041f\u0440\u0438\u0432\u0435\u0442 \/ caf\u00e9" in body
    key = DEMO_APP_SECRET.encode()
    assert headers["x-hub-signature-256"] == "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature"] == "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()


@pytest.mark.parametrize("trouble", ["wrong_signature", "no_signature", "non_ascii_signature", "old_signature_only"])
async def test_a_signature_can_be_spoilt_once(connected: Simulator, product: Product, trouble: str) -> None:
    connected.messenger.faults.add(kind=trouble, method="webhook")
    anna = connected.messenger.customer("Anna")
    anna.write("spoilt")
    anna.write("good")
    await until(lambda: len(product.bodies) == 2)
    right = [
        header.get("x-hub-signature-256") == "sha256=" + hmac.new(DEMO_APP_SECRET.encode(), body, "sha256").hexdigest()
        for header, body in zip(product.headers, product.bodies, strict=True)
    ]
    assert right == [False, True]


async def test_only_subscribed_fields_arrive(connected: Simulator, product: Product, http: httpx.AsyncClient) -> None:
    await graph(http, "me/subscribed_apps", subscribed_fields="messages")
    anna = connected.messenger.customer("Anna")
    own = anna.write("hi")
    anna.react(own)
    anna.write("bye")
    await until(lambda: texts(product) == ["hi", "bye"])
    assert all("message" in item for item in items(product))


async def test_the_echo_comes_before_the_answer_with_app_and_metadata(
    connected: Simulator, product: Product, http: httpx.AsyncClient
) -> None:
    anna = connected.messenger.customer("Anna")
    anna.write("hi")
    await until(lambda: product.bodies)
    answer = await send(http, anna.id, "Hello", message={"metadata": "row-7"})
    echo = items(product)[-1]
    assert echo["sender"]["id"] == connected.messenger.page_id
    assert echo["recipient"]["id"] == anna.id
    assert echo["message"] == {
        "mid": answer.json()["message_id"],
        "text": "Hello",
        "metadata": "row-7",
        "is_echo": True,
        "app_id": int(DEMO_APP_ID),
    }
    kinds = [(entry["kind"], entry["name"]) for entry in connected.record.entries()][-2:]
    assert kinds == [("webhook", "echo"), ("call", "messages")]


@pytest.mark.parametrize(("mode", "echoes"), [("after", 1), ("never", 0)])
async def test_the_echo_may_come_after_or_never(
    connected: Simulator, product: Product, http: httpx.AsyncClient, mode: str, echoes: int
) -> None:
    connected.messenger.echo_mode = mode
    anna = connected.messenger.customer("Anna")
    anna.write("hi")
    await send(http, anna.id, "Hello")
    anna.write("end")
    await until(lambda: "end" in texts(product) and texts(product).count("Hello") == echoes)


async def test_a_phone_reports_delivery_and_reading(
    connected: Simulator, product: Product, http: httpx.AsyncClient
) -> None:
    connected.messenger.receipts = "read"
    anna = connected.messenger.customer("Anna")
    anna.write("hi")
    mid = (await send(http, anna.id)).json()["message_id"]
    await until(lambda: any("read" in item for item in items(product)))
    delivery = next(item["delivery"] for item in items(product) if "delivery" in item)
    assert (delivery["mids"], isinstance(delivery["watermark"], int)) == ([mid], True)
    assert anna.screen.messages[mid].state == "read"


async def test_held_events_come_as_one_batch_reversed_and_twice(connected: Simulator, product: Product) -> None:
    connected.messenger.webhook.hold()
    for name in ("Anna", "Boris", "Chen"):
        connected.messenger.customer(name).write(name)
    connected.messenger.webhook.release(shape="entries", order="reversed", copies=2)
    await until(lambda: len(product.bodies) == 2)
    assert len(json.loads(product.bodies[0])["entry"]) == 3
    assert texts(product) == ["Chen", "Boris", "Anna"] * 2
    connected.messenger.webhook.hold()
    connected.messenger.customer("Anna").write("x")
    connected.messenger.customer("Anna").write("y")
    connected.messenger.webhook.release(shape="items")
    await until(lambda: len(product.bodies) == 3)
    assert len(json.loads(product.bodies[2])["entry"][0]["messaging"]) == 2


async def test_a_failed_body_is_repeated_unchanged_and_order_is_lost(connected: Simulator, product: Product) -> None:
    anna = connected.messenger.customer("Anna")
    product.answers = [500, 200, 500, 200]
    own = anna.write("one")
    anna.write("two")
    await until(lambda: texts(product).count("one") == 3)
    assert texts(product)[:2] == ["one", "two"] or texts(product)[:2] == ["one", "one"]
    await until(lambda: anna.screen.messages[own].state == "delivered")
    assert len({body for body in product.bodies if b"one" in body}) == 1


async def test_a_slow_answer_counts_as_none(connected: Simulator, product: Product) -> None:
    product.pause_seconds = 0.6
    connected.messenger.customer("Anna").write("slow")
    await until(lambda: texts(product) == ["slow", "slow"])
    attempts = connected.record.entries(kind="webhook", name="message")
    assert attempts[0]["status"] is None


async def test_after_an_hour_of_failures_the_page_is_unsubscribed(connected: Simulator, product: Product) -> None:
    product.answers = [500] * 10_000
    connected.messenger.customer("Anna").write("lost for good")
    await until(lambda: len(product.bodies) > 3)
    connected.pace.advance(900)
    await until(lambda: connected.record.entries(kind="notice", name="alert"))
    connected.pace.advance(2700)
    await until(lambda: connected.record.entries(kind="notice", name="unsubscribed"))
    product.answers = []
    seen = len(product.bodies)
    connected.messenger.customer("Anna").write("unheard")
    connected.messenger.webhook.subscribe_page()
    connected.messenger.customer("Anna").write("heard again")
    await until(lambda: texts(product)[-1] == "heard again")
    assert "unheard" not in texts(product)[seen:]


async def test_on_standby_other_apps_have_the_thread(connected: Simulator, product: Product) -> None:
    anna = connected.messenger.customer("Anna")
    connected.messenger.take_thread(anna.id, metadata="inbox")
    anna.write("to the inbox")
    await connected.messenger.agent_writes(anna.id, "A person here")
    connected.messenger.give_thread(anna.id)
    anna.write("to the bot")
    await until(lambda: texts(product)[-1:] == ["to the bot"])
    taken = items(product)[0]["take_thread_control"]
    assert taken["new_owner_app_id"] == int(PAGE_INBOX_APP_ID)
    assert [item["message"]["text"] for item in items(product, "standby")] == ["to the inbox", "A person here"]
    assert any("pass_thread_control" in item for item in items(product))


async def test_a_person_in_the_page_inbox_is_heard_as_an_echo(connected: Simulator, product: Product) -> None:
    anna = connected.messenger.customer("Anna")
    anna.write("hi")
    await connected.messenger.agent_writes(anna.id, "I am human")
    message = items(product)[-1]["message"]
    assert (message["is_echo"], message["app_id"]) == (True, 263902037430900)
    assert "metadata" not in message
    assert anna.screen.texts() == ["I am human"]


async def test_a_sticker_may_come_twice_in_one_message(connected: Simulator, product: Product) -> None:
    anna = connected.messenger.customer("Anna")
    anna.sticker()
    connected.messenger.sticker_twice = True
    anna.sticker()
    await until(lambda: len(items(product)) == 2)
    kinds = [[attachment["type"] for attachment in item["message"]["attachments"]] for item in items(product)]
    assert kinds == [["sticker"], ["image", "sticker"]]


async def test_files_are_links_to_the_simulator(
    connected: Simulator, product: Product, http: httpx.AsyncClient
) -> None:
    connected.messenger.customer("Anna").photo(b"\x89PNG")
    await until(lambda: product.bodies)
    url = items(product)[0]["message"]["attachments"][0]["payload"]["url"]
    assert (await http.get(url)).content == b"\x89PNG"


async def test_other_actions_of_a_person(connected: Simulator, product: Product) -> None:
    anna = connected.messenger.customer("Anna")
    anna.start("summer")
    anna.refer("winter")
    own = anna.write("helo")
    anna.edit(own, "hello")
    anna.react(own, "❤️")
    anna.react(own, "")
    anna.share_link("https://example.org", title="Example")
    await until(lambda: len(items(product)) == 7)
    events = items(product)
    assert events[0]["postback"]["referral"]["ref"] == "summer"
    assert events[1]["referral"]["source"] == "SHORTLINK"
    assert (events[3]["message_edit"]["num_edit"], events[3]["message_edit"]["text"]) == (1, "hello")
    assert [event["reaction"]["action"] for event in events[4:6]] == ["react", "unreact"]
    assert events[6]["message"]["attachments"][0]["type"] == "fallback"


async def test_any_body_can_be_injected(connected: Simulator, product: Product) -> None:
    connected.messenger.inject({"object": "page", "entry": [{"id": "1", "changes": []}]})
    connected.messenger.inject(b"{not json")
    await until(lambda: len(product.bodies) == 2)
    assert sorted(product.bodies)[1] == b"{not json"
