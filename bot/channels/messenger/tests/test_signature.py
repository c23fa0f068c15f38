"""Against the vector of the payload pack, and the handshake."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channel import Channel, Opening, WebhookRequest
from bot.channels.messenger import CHANNEL
from bot.channels.messenger.signature import HEADER, appsecret_proof, is_signed
from bot.channels.messenger.tests.contract import VERIFY, credentials
from core.clock import utc_now
from core.errors import Refused


@pytest.fixture
def vector(shared_dir: Path) -> Any:
    return json.loads((shared_dir / "data/payloads/vectors/meta_signature.json").read_bytes())


def test_the_vector_is_accepted_over_its_raw_bytes_only(vector: Any) -> None:
    raw, header = vector["raw_body"].encode(), vector["headers"]["X-Hub-Signature-256"]
    assert is_signed(vector["secret"], raw, header)
    again = json.dumps(json.loads(raw)).encode()
    assert not is_signed(vector["secret"], again, header)
    assert is_signed(vector["secret"], again, vector["wrong_if_reserialised"]["json.dumps default"])


def test_what_the_vector_says_must_be_rejected_is(vector: Any) -> None:
    raw = vector["raw_body"].encode()
    old = vector["headers"]["X-Hub-Signature"]
    for header in [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        old,
        old.replace("sha1", "sha256"),
        "sha256=caf\u00e9",
        "\ud800",
    ]:
        assert not is_signed(vector["secret"], raw, header)


def test_the_proof_of_the_vector_is_ours(vector: Any) -> None:
    proof = vector["appsecret_proof"]
    assert appsecret_proof(vector["secret"], proof["access_token"]) == proof["value"]


async def ask(query: dict[str, str], headers: dict[str, str] | None = None, *, method: str = "GET") -> str:
    async with httpx.AsyncClient() as http:
        opening = Opening(
            account="main",
            credentials=credentials("http://127.0.0.1:9"),
            http=http,
            clock=utc_now,
            webhook_url=None,
            derived_secret="",
        )
        async with CHANNEL.open(opening) as channel:
            kept: Channel = channel
            request = WebhookRequest(method=method, body=b"{}", headers=headers or {}, query=query)
            return (await kept.receive(request)).answer


GOOD = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}


async def test_the_handshake_answers_the_challenge() -> None:
    assert await ask(GOOD) == "1158201444"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "another"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "\u00e9"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
    ],
)
async def test_a_wrong_handshake_is_forbidden(change: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        await ask({**GOOD, **change})
    assert refusal.value.status == HTTPStatus.FORBIDDEN


async def test_names_with_underscores_are_not_the_platforms_names() -> None:
    with pytest.raises(Refused):
        await ask({key.replace(".", "_"): value for key, value in GOOD.items()})


async def test_an_unsigned_batch_is_401_and_a_wrongly_signed_one_403() -> None:
    for headers, status in (({}, HTTPStatus.UNAUTHORIZED), ({HEADER: "sha256=00"}, HTTPStatus.FORBIDDEN)):
        with pytest.raises(Refused) as refusal:
            await ask({}, headers, method="POST")
        assert refusal.value.status == status
