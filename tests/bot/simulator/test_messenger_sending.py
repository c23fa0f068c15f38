"""The fake Graph API: who may send what, when, and how it says no."""

import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.simulator.app import Simulator
from bot.simulator.demo import DEMO_APP_SECRET, DEMO_PAGE_ID, DEMO_PAGE_TOKEN, PAGE_INBOX_APP_ID
from bot.simulator.graph.customer import MessengerCustomer

from .conftest import MovableClock

PROOF = hmac.new(DEMO_APP_SECRET.encode(), DEMO_PAGE_TOKEN.encode(), "sha256").hexdigest()
BEARER = {"Authorization": f"Bearer {DEMO_PAGE_TOKEN}"}


@pytest.fixture
def anna(simulator: Simulator) -> MessengerCustomer:
    customer = simulator.messenger.customer("Anna Lee")
    customer.write("hello")
    return customer


async def graph(http: httpx.AsyncClient, path: str, method: str = "POST", **arguments: Any) -> httpx.Response:
    query = {"appsecret_proof": PROOF}
    if method == "GET":
        return await http.get(f"/graph/v25.0/{path}", params=query | arguments, headers=BEARER)
    return await http.request(method, f"/graph/v25.0/{path}", params=query, json=arguments, headers=BEARER)


async def send(http: httpx.AsyncClient, psid: str, text: str = "hi", **more: Any) -> httpx.Response:
    message = {"text": text, **more.pop("message", {})}
    arguments = {"recipient": {"id": psid}, "messaging_type": "RESPONSE", "message": message, **more}
    return await graph(http, f"{DEMO_PAGE_ID}/messages", **arguments)


def code(answer: httpx.Response) -> tuple[int, int | None]:
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode")


async def test_a_sent_text_is_on_the_screen_and_on_record(
    simulator: Simulator, http: httpx.AsyncClient, anna: MessengerCustomer
) -> None:
    answer = await send(http, anna.id, "Hello!", message={"metadata": "row-7"})
    assert answer.json() == {"recipient_id": anna.id, "message_id": answer.json()["message_id"]}
    assert anna.screen.texts() == ["Hello!"]
    call = simulator.record.entries(kind="call", name="messages")[0]
    assert (call["metadata"], call["accepted"], call["token_in"]) == ("row-7", True, "header")
    assert DEMO_PAGE_TOKEN not in str(simulator.record.entries())
    assert json.loads(answer.headers["X-Business-Use-Case-Usage"])[DEMO_PAGE_ID]


@pytest.mark.parametrize("place", ["header", "query", "form"])
async def test_the_token_may_come_in_three_ways(http: httpx.AsyncClient, anna: MessengerCustomer, place: str) -> None:
    form = {
        "recipient": json.dumps({"id": anna.id}),
        "message": json.dumps({"text": "hi"}),
        "appsecret_proof": PROOF,
        **({"access_token": DEMO_PAGE_TOKEN} if place == "form" else {}),
    }
    answer = await http.post(
        "/graph/v25.0/me/messages",
        params={"access_token": DEMO_PAGE_TOKEN} if place == "query" else {},
        data=form,
        headers=BEARER if place == "header" else {},
    )
    assert answer.status_code == 200


async def test_a_wrong_token_is_190_and_a_wrong_proof_100(http: httpx.AsyncClient, anna: MessengerCustomer) -> None:
    body = {"recipient": {"id": anna.id}, "message": {"text": "hi"}}
    path = f"/graph/v25.0/{DEMO_PAGE_ID}/messages"
    wrong = await http.post(path, params={"access_token": "no", "appsecret_proof": PROOF}, json=body)
    assert (wrong.status_code, code(wrong)) == (401, (190, None))
    assert code(await http.post(path, params={"appsecret_proof": "no"}, json=body, headers=BEARER))[0] == 100
    assert "requires" in (await http.post(path, json=body, headers=BEARER)).text.replace("require an", "requires")
    assert anna.screen.texts() == []


async def test_the_proof_of_the_vectors_is_ours(shared_dir: Path) -> None:
    from bot.simulator.graph.signing import proof, signature

    vector = json.loads((shared_dir / "data/payloads/vectors/meta_signature.json").read_text())
    assert proof(vector["secret"], vector["appsecret_proof"]["access_token"]) == vector["appsecret_proof"]["value"]
    raw = vector["raw_body"].encode()
    assert signature(vector["secret"], raw) == vector["headers"]["X-Hub-Signature-256"]
    assert signature(vector["secret"], raw, algorithm="sha1") == vector["headers"]["X-Hub-Signature"]


async def test_our_bodies_are_escaped_like_metas(shared_dir: Path) -> None:
    from bot.simulator.graph.signing import raw_body

    vector = json.loads((shared_dir / "data/payloads/vectors/meta_signature.json").read_text())
    assert raw_body(json.loads(vector["raw_body"])) == vector["raw_body"].encode()


@pytest.mark.parametrize(
    "message",
    [
        {"text": "a" * 2000},
        {"text": ""},
        {"text": "both", "attachment": {"type": "image", "payload": {"url": "https://example.org/a.png"}}},
        {"text": "hi", "metadata": "m" * 1001},
        {"text": "hi", "quick_replies": [{"content_type": "text", "title": "a", "payload": "a"}] * 14},
        {"text": "hi", "quick_replies": [{"content_type": "text", "title": "a" * 21, "payload": "a"}]},
        {
            "attachment": {
                "type": "template",
                "payload": {
                    "template_type": "button",
                    "text": "Choose",
                    "buttons": [{"type": "postback", "title": str(number), "payload": "x"} for number in range(4)],
                },
            }
        },
    ],
)
async def test_what_meta_would_refuse_is_refused_with_100(
    http: httpx.AsyncClient, anna: MessengerCustomer, message: dict[str, Any]
) -> None:
    answer = await graph(http, f"{DEMO_PAGE_ID}/messages", recipient={"id": anna.id}, message=message)
    assert code(answer)[0] == 100
    assert anna.screen.texts() == []


async def test_the_window_closes_after_a_day_and_a_human_may_write_for_seven(
    http: httpx.AsyncClient, anna: MessengerCustomer, clock: MovableClock
) -> None:
    clock.move(hours=25)
    assert code(await send(http, anna.id)) == (10, 2018278)
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert (await send(http, anna.id, **human)).status_code == 200
    clock.move(days=7)
    assert code(await send(http, anna.id, **human)) == (10, 2018278)
    anna.react(next(iter(anna.screen.messages)))
    assert (await send(http, anna.id)).status_code == 200


@pytest.mark.parametrize("tag", ["CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE", ""])
async def test_retired_tags_answer_100(http: httpx.AsyncClient, anna: MessengerCustomer, tag: str) -> None:
    answer = await send(http, anna.id, messaging_type="MESSAGE_TAG", tag=tag)
    assert code(answer) == (100, None)


async def test_strangers_blockers_and_owned_threads_cannot_be_reached(
    simulator: Simulator, http: httpx.AsyncClient, anna: MessengerCustomer
) -> None:
    assert code(await send(http, "99")) == (100, 2018001)
    anna.block()
    assert code(await send(http, anna.id)) == (551, 1545041)
    anna.unblock()
    simulator.messenger.take_thread(anna.id)
    assert code(await send(http, anna.id)) == (100, 2018300)
    simulator.messenger.give_thread(anna.id)
    assert (await send(http, anna.id)).status_code == 200


async def test_passing_and_taking_the_thread(http: httpx.AsyncClient, anna: MessengerCustomer) -> None:
    me: dict[str, Any] = {"recipient": {"id": anna.id}}
    answer = await graph(http, "me/pass_thread_control", **me, target_app_id=PAGE_INBOX_APP_ID, metadata="help")
    assert answer.json() == {"success": True}
    assert code(await send(http, anna.id)) == (100, 2018300)
    await graph(http, f"{DEMO_PAGE_ID}/take_thread_control", **me)
    assert (await send(http, anna.id)).status_code == 200
    assert (await graph(http, "me/release_thread_control", **me)).json() == {"success": True}


async def test_a_sender_action_goes_alone(http: httpx.AsyncClient, anna: MessengerCustomer) -> None:
    path, recipient = f"{DEMO_PAGE_ID}/messages", {"id": anna.id}
    answer = await graph(http, path, recipient=recipient, sender_action="typing_on")
    assert answer.json() == {"recipient_id": anna.id}
    assert anna.screen.typing
    await graph(http, path, recipient=recipient, sender_action="mark_seen")
    assert next(iter(anna.screen.messages.values())).state == "read"
    both = await graph(http, path, recipient=recipient, sender_action="typing_on", message={"text": "hi"})
    assert code(both)[0] == 100


async def test_quick_replies_and_template_buttons_can_be_pressed(
    simulator: Simulator, http: httpx.AsyncClient, anna: MessengerCustomer
) -> None:
    replies = [{"content_type": "text", "title": title, "payload": f"P_{title}"} for title in ("Yes", "No")]
    await send(http, anna.id, "Helpful?", message={"quick_replies": replies})
    anna.press("No")
    with pytest.raises(LookupError):
        anna.press("Yes")
    button = {"type": "postback", "title": "Talk", "payload": "HUMAN"}
    payload = {"template_type": "button", "text": "Choose", "buttons": [button]}
    template = {"attachment": {"type": "template", "payload": payload}}
    await graph(http, "me/messages", recipient={"id": anna.id}, message=template)
    anna.press("HUMAN")
    reply = simulator.record.entries(kind="customer", name="message")[-1]["body"]["message"]
    assert (reply["text"], reply["quick_reply"]) == ("No", {"payload": "P_No"})
    postback = simulator.record.entries(kind="customer", name="postback")[-1]["body"]["postback"]
    assert (postback["title"], postback["payload"]) == ("Talk", "HUMAN")


async def test_an_upload_is_shown_and_reusable(http: httpx.AsyncClient, anna: MessengerCustomer) -> None:
    attachment = {"type": "image", "payload": {"is_reusable": True}}
    form = {"recipient": json.dumps({"id": anna.id}), "message": json.dumps({"attachment": attachment})}
    answer = await http.post(
        "/graph/v25.0/me/messages",
        params={"appsecret_proof": PROOF},
        data=form,
        files={"filedata": ("a.png", b"\x89PNG", "image/png")},
        headers=BEARER,
    )
    shown = anna.screen.messages[answer.json()["message_id"]].pictures[0]
    assert (shown.kind, shown.size) == ("image", 4)
    assert (await http.get(shown.url)).content == b"\x89PNG"


async def test_profiles_may_be_forbidden(
    simulator: Simulator, http: httpx.AsyncClient, anna: MessengerCustomer
) -> None:
    answer = await graph(http, anna.id, "GET", fields="first_name,last_name,name,profile_pic")
    assert answer.json() == {"first_name": "Anna", "last_name": "Lee", "name": "Anna Lee", "id": anna.id}
    simulator.messenger.profiles_allowed = False
    assert code(await graph(http, anna.id, "GET")) == (100, 2018218)
    assert code(await graph(http, "12345", "GET")) == (100, 33)


async def test_the_page_its_subscription_and_its_personas(http: httpx.AsyncClient, anna: MessengerCustomer) -> None:
    assert (await graph(http, "me", "GET")).json()["id"] == DEMO_PAGE_ID
    assert (await graph(http, f"{DEMO_PAGE_ID}/subscribed_apps", "GET")).json() == {"data": []}
    await graph(http, f"{DEMO_PAGE_ID}/subscribed_apps", subscribed_fields="messages,messaging_postbacks")
    app = (await graph(http, f"{DEMO_PAGE_ID}/subscribed_apps", "GET")).json()["data"][0]
    assert app["subscribed_fields"] == ["messages", "messaging_postbacks"]
    persona = (await graph(http, f"{DEMO_PAGE_ID}/personas", name="Mei")).json()["id"]
    mid = (await send(http, anna.id, persona_id=persona)).json()["message_id"]
    assert anna.screen.messages[mid].sender == "Mei"


async def test_the_eleventh_profile_call_in_ten_minutes_is_613(simulator: Simulator, http: httpx.AsyncClient) -> None:
    simulator.pace.speed = 1
    for _ in range(10):
        assert (await graph(http, "me/messenger_profile", get_started={"payload": "START"})).status_code == 200
    assert code(await graph(http, "me/messenger_profile", get_started={"payload": "START"}))[0] == 613


@pytest.mark.parametrize(
    ("kind", "status", "wanted"),
    [
        ("rate", 429, (613, None)),
        ("token_expired", 401, (190, 463)),
        ("temporary", 503, (2, None)),
        ("app_rate", 403, (4, None)),
        ("unavailable", 400, (551, 1545041)),
        ("abusive", 400, (368, None)),
    ],
)
async def test_a_fault_answers_as_meta_does(
    simulator: Simulator,
    http: httpx.AsyncClient,
    anna: MessengerCustomer,
    *,
    kind: str,
    status: int,
    wanted: tuple[int, int | None],
) -> None:
    simulator.messenger.faults.add(kind=kind, method="messages")
    answer = await send(http, anna.id)
    assert (answer.status_code, code(answer)) == (status, wanted)
    assert (await send(http, anna.id)).status_code == 200


async def test_our_errors_are_those_of_the_payload_pack(shared_dir: Path) -> None:
    from bot.simulator.graph.errors import NAMED, GraphError

    ours = {(shape.status, json.dumps(GraphError(shape).as_answer().body, sort_keys=True)) for shape in NAMED.values()}
    for file in sorted((shared_dir / "data/payloads/responses/messenger").glob("err_*.json")):
        answer = json.loads(file.read_text())
        if isinstance(answer["body"], dict):
            assert (answer["status"], json.dumps(answer["body"], sort_keys=True)) in ours, file.name


async def test_a_lost_answer_was_accepted(
    simulator: Simulator, http: httpx.AsyncClient, anna: MessengerCustomer
) -> None:
    simulator.messenger.faults.add(kind="lost_answer", method="messages")
    with pytest.raises(httpx.RemoteProtocolError):
        await send(http, anna.id, "once")
    assert anna.screen.texts() == ["once"]
    simulator.messenger.faults.add(kind="html_502", method="messages")
    broken = await send(http, anna.id, "never")
    assert (broken.status_code, broken.headers["content-type"][:9]) == (502, "text/html")
    assert anna.screen.texts() == ["once"]
