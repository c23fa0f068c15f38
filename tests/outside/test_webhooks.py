"""The platforms' door: who may come in, and that nobody else leaves a trace."""

import json
from pathlib import Path

import httpx
import pytest

from tests.outside.stranger import PAGE, TELEGRAM_SECRET, Place, signed, wait_until

SECRET = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
MESSENGER, TELEGRAM = "/webhooks/messenger/main", "/webhooks/telegram/main"
TOO_LARGE = 3 * 1024 * 1024 + 1


def update(number: int, text: str = "hello") -> bytes:
    customer = {"id": 900_000 + number, "is_bot": False, "first_name": "Replayed"}
    chat = {"id": customer["id"], "type": "private", "first_name": "Replayed"}
    message = {"message_id": 1, "date": 1_790_000_000, "chat": chat, "from": customer, "text": text}
    return json.dumps({"update_id": 700_000_000 + number, "message": message}).encode()


def page_body(mid: str, sender: str = "5550001") -> bytes:
    messaging = {
        "sender": {"id": sender},
        "recipient": {"id": PAGE["MESSENGER_PAGE_ID"]},
        "timestamp": 1_790_000_000_000,
        "message": {"mid": mid, "text": "hello"},
    }
    return json.dumps(
        {"object": "page", "entry": [{"id": PAGE["MESSENGER_PAGE_ID"], "time": 1, "messaging": [messaging]}]}
    ).encode()


def inbox(place: Place) -> int:
    return int(place.rows("SELECT count(*) FROM inbox")[0][0])


BODY = page_body("m_forged")
FORGERIES: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "unsigned": (MESSENGER, BODY, {}),
    "signed by another": (MESSENGER, BODY, signed(BODY, "another-secret")),
    "changed after signing": (MESSENGER, BODY + b" ", signed(BODY)),
    "cut short": (MESSENGER, BODY[:-10], signed(BODY)),
    "encoded anew": (MESSENGER, json.dumps(json.loads(BODY), indent=1).encode(), signed(BODY)),
    "signature of no form": (MESSENGER, BODY, {"X-Hub-Signature-256": "sha256="}),
    "only the old signature": (MESSENGER, BODY, {"X-Hub-Signature": "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709"}),
    "no secret": (TELEGRAM, update(1), {}),
    "wrong secret": (TELEGRAM, update(1), {"X-Telegram-Bot-Api-Secret-Token": "guess"}),
    "empty secret": (TELEGRAM, update(1), {"X-Telegram-Bot-Api-Secret-Token": ""}),
    "secret in another case": (TELEGRAM, update(1), {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET.upper()}),
}


@pytest.mark.parametrize("forgery", sorted(FORGERIES))
def test_a_forged_webhook_is_refused_and_leaves_no_row(forgery: str, place: Place) -> None:
    before = inbox(place)
    address, body, headers = FORGERIES[forgery]
    answer = place.anonymous.post(address, content=body, headers=headers)
    assert answer.status_code in (401, 403)
    assert answer.headers["content-type"] == "application/problem+json"
    assert inbox(place) == before


@pytest.mark.parametrize("address", [MESSENGER, TELEGRAM])
def test_an_oversized_webhook_is_refused_and_leaves_no_row(address: str, place: Place) -> None:
    before = inbox(place)
    body = b"x" * TOO_LARGE
    assert place.anonymous.post(address, content=body, headers={**SECRET, **signed(body)}).status_code == 413
    assert inbox(place) == before


def test_a_refusal_is_counted(place: Place) -> None:
    place.anonymous.post(MESSENGER, content=BODY)
    counted = place.anonymous.get("/metrics").text
    lines = [line for line in counted.splitlines() if line.startswith("replydesk_webhook_requests_total")]
    assert any('channel="messenger"' in line and ('status="401"' in line or 'status="403"' in line) for line in lines)


@pytest.mark.parametrize(
    "address", ["/webhooks/telegram/other", "/webhooks/fax/main", "/webhooks/messenger/", "/webhooks/"]
)
def test_an_unknown_account_is_not_found(address: str, place: Place) -> None:
    answer = place.anonymous.post(address, content=update(1), headers=SECRET)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_verify_handshake_echoes_the_challenge_to_whom_knows_the_word(place: Place) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": PAGE["MESSENGER_VERIFY_TOKEN"]}
    right = place.anonymous.get(MESSENGER, params=asked)
    assert (right.status_code, right.text) == (200, "1158201444")
    assert right.headers["content-type"].startswith("text/plain")
    wrong = place.anonymous.get(MESSENGER, params={**asked, "hub.verify_token": "guess"})
    assert wrong.status_code == 403
    assert "1158201444" not in wrong.text


def test_a_recorded_webhook_played_a_thousand_times_is_one_item(place: Place) -> None:
    body, before = update(2), inbox(place)
    page = page_body("m_replayed", "5550002")
    with httpx.Client(base_url=place.url, timeout=30) as platform:
        for _ in range(500):
            assert platform.post(TELEGRAM, content=body, headers=SECRET).status_code == 200
            assert platform.post(MESSENGER, content=page, headers=signed(page)).status_code == 200
    assert inbox(place) == before + 2


def test_an_unreadable_item_is_kept_for_an_operator_and_not_refused(place: Place) -> None:
    body = json.dumps({"update_id": 700_000_777, "message": {"chat": "nowhere", "text": 5}}).encode()
    assert place.anonymous.post(TELEGRAM, content=body, headers=SECRET).status_code == 200

    def dead() -> bool:
        return bool(place.rows("SELECT id FROM inbox WHERE state = 'dead' AND error IS NOT NULL"))

    wait_until(dead, what="a dead letter")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 5000, b'{"update_id": NaN}']
)
def test_signed_nonsense_never_breaks_the_door(body: bytes, place: Place) -> None:
    for address in (TELEGRAM, MESSENGER):
        answer = place.anonymous.post(address, content=body, headers={**SECRET, **signed(body)})
        assert answer.status_code < 500


@pytest.mark.parametrize("channel", ["telegram", "messenger"])
def test_every_recorded_body_is_taken_and_kept(channel: str, place: Place, shared_dir: Path) -> None:
    address = f"/webhooks/{channel}/main"
    for path in sorted((shared_dir / "data" / "payloads" / channel).glob("*.json")):
        body = path.read_bytes()
        assert place.anonymous.post(address, content=body, headers={**SECRET, **signed(body)}).status_code == 200, (
            path.name
        )
    wait_until(lambda: not place.rows("SELECT 1 FROM inbox WHERE state = 'pending'"), what="absorbing all")
