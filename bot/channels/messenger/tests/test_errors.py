"""The table of refusals (CHANNELS.md 2.6), and calls that end without an answer."""

import json
from pathlib import Path

import httpx
import pytest

from bot.channels.messenger.errors import refusal, trouble
from bot.channels.messenger.graph import Graph
from bot.channels.messenger.tests.contract import TOKEN, credentials
from core.errors import (
    AccountStopped,
    ElsewhereOwned,
    NotSendable,
    OutcomeUnknown,
    RecipientGone,
    SendError,
    TryLater,
    WindowClosed,
)

PACK = {
    "err_100_no_user": RecipientGone,
    "err_100_tag_retired": NotSendable,
    "err_100_unsupported_object": NotSendable,
    "err_10_permission": AccountStopped,
    "err_10_window": WindowClosed,
    "err_190_expired": AccountStopped,
    "err_190_password": AccountStopped,
    "err_1_unknown": TryLater,
    "err_200_perm": AccountStopped,
    "err_2018300_thread_control": ElsewhereOwned,
    "err_2_temporary": TryLater,
    "err_368_abusive": AccountStopped,
    "err_4_app_rate": TryLater,
    "err_502_html": TryLater,
    "err_551_unavailable": RecipientGone,
    "err_613_rate": TryLater,
}


def answer(status: int, body: object, headers: dict[str, str] | None = None) -> httpx.Response:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers=headers)


def test_every_refusal_of_the_pack_has_its_class_and_none_of_metas_words(shared_dir: Path) -> None:
    found = {}
    for path in sorted((shared_dir / "data/payloads/responses/messenger").glob("err_*.json")):
        given = json.loads(path.read_bytes())
        error = refusal(answer(given["status"], given["body"]))
        found[path.stem] = type(error)
        if isinstance(given["body"], dict):
            assert given["body"]["error"]["message"] not in str(error)
    assert found == PACK


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (1, None, TryLater),
        (2, 99, TryLater),
        (4, None, TryLater),
        (613, 2018338, TryLater),
        (613, 2534040, TryLater),
        (10, 2018278, WindowClosed),
        (10, 2534022, WindowClosed),
        (10, 2018108, NotSendable),
        (10, 1893063, AccountStopped),
        (10, 7, AccountStopped),
        (200, 2018028, AccountStopped),
        (230, None, AccountStopped),
        (100, 2018001, RecipientGone),
        (100, 2018008, NotSendable),
        (100, 2018047, NotSendable),
        (100, 2018109, NotSendable),
        (100, 33, NotSendable),
        (100, None, NotSendable),
        (190, 467, AccountStopped),
        (190, None, AccountStopped),
        (368, None, AccountStopped),
        (551, 1545041, RecipientGone),
        (9000001, None, RecipientGone),
        (10, 2018300, ElsewhereOwned),
        ("190", "460", AccountStopped),
        (77777, None, NotSendable),
    ],
)
def test_the_table_row_by_row(code: int | str, subcode: int | str | None, expected: type[SendError]) -> None:
    body = {"error": {"message": "x", "code": code} | ({"error_subcode": subcode} if subcode else {})}
    assert type(refusal(answer(400, body))) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, "", TryLater),
        (503, "<html>", TryLater),
        (403, "<html>a proxy's page</html>", TryLater),
        (429, "", TryLater),
        (500, {"error": {"code": 12345}}, TryLater),
        (400, {"error": {"code": 12345, "is_transient": True}}, TryLater),
        (400, {"error": "text"}, TryLater),
        (400, {"error": {"code": []}}, TryLater),
        (400, [], TryLater),
    ],
)
def test_what_is_no_error_of_graphs_is_an_outage(status: int, body: object, expected: type[SendError]) -> None:
    assert type(refusal(answer(status, body))) is expected


def test_a_rate_stops_the_whole_account_for_as_long_as_the_header_says() -> None:
    usage = {"100": [{"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": 3}]}
    error = refusal(answer(429, {"error": {"code": 613}}, {"X-Business-Use-Case-Usage": json.dumps(usage)}))
    assert isinstance(error, TryLater)
    assert (error.scope, error.after_seconds) == ("account", 180)
    plain = refusal(answer(429, {"error": {"code": 613}}, {"X-Business-Use-Case-Usage": "not json"}))
    assert isinstance(plain, TryLater)
    assert plain.after_seconds is None


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (httpx.ConnectError, TryLater),
        (httpx.ConnectTimeout, TryLater),
        (httpx.PoolTimeout, TryLater),
        (httpx.ProxyError, TryLater),
        (httpx.ReadTimeout, OutcomeUnknown),
        (httpx.ReadError, OutcomeUnknown),
        (httpx.WriteTimeout, OutcomeUnknown),
        (httpx.WriteError, OutcomeUnknown),
        (httpx.RemoteProtocolError, OutcomeUnknown),
        (httpx.LocalProtocolError, AccountStopped),
        (httpx.UnsupportedProtocol, AccountStopped),
    ],
)
def test_only_a_request_that_may_have_arrived_is_in_doubt(
    raised: type[httpx.TransportError], expected: type[SendError]
) -> None:
    assert type(trouble(raised(f"https://graph.example/?access_token={TOKEN}"))) is expected


@pytest.mark.parametrize("body", ["", "<html>all is well</html>", "[]", "null"])
async def test_a_success_that_cannot_be_read_is_in_doubt(body: str) -> None:
    transport = httpx.MockTransport(lambda _request: answer(200, body))
    async with httpx.AsyncClient(transport=transport) as http:
        graph = Graph(credentials=credentials("https://graph.example"), http=http)
        with pytest.raises(OutcomeUnknown):
            await graph.send({})


async def test_the_token_is_in_no_address_and_the_proof_in_every_call() -> None:
    seen: list[httpx.Request] = []

    def accept(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(200, {"message_id": "m_1", "data": []})

    async with httpx.AsyncClient(transport=httpx.MockTransport(accept)) as http:
        graph = Graph(credentials=credentials("https://graph.example"), http=http)
        await graph.send({"recipient": {"id": "5"}})
        await graph.ask("subscribed_apps")
        await graph.tell("subscribed_apps", subscribed_fields="messages")
    assert [request.url.path.split("/")[1] for request in seen] == ["v25.0"] * 3
    assert all(TOKEN not in str(request.url) for request in seen)
    assert all(request.headers["authorization"] == f"Bearer {TOKEN}" for request in seen)
    assert all(len(request.url.params["appsecret_proof"]) == 64 for request in seen)
