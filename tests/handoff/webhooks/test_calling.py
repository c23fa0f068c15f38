"""Outgoing webhooks against a real server on the loopback, which the product itself must never call."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.responses import RedirectResponse

from core.roles import Role
from handoff.webhooks.calling import PAUSES, SIGNATURE, WebhookCaller, enqueue
from handoff.webhooks.models import Webhook, WebhookCall
from handoff.webhooks.targets import Unreachable, is_public, look_up
from tests.bot.simulator.product import Product, running_product
from tests.handoff.conftest import VAULT, Desk


@dataclass
class Hooked:
    desk: Desk
    target: Product
    http: httpx.AsyncClient
    webhook_id: int = 0
    secret: str = ""

    async def add(self, url: str) -> None:
        """Past the door that refuses one's own network when it is entered."""
        self.secret = "a secret of the shop"
        async with self.desk.database.write() as session:
            made = Webhook(name="Shop", url=url, secret=VAULT.seal(self.secret), created_at=self.desk.clock())
            session.add(made)
        self.webhook_id = made.id

    async def put(self, **body: Any) -> None:
        async with self.desk.database.write() as session:
            await enqueue(session, self.webhook_id, body, now=self.desk.clock())

    def caller(self, *, may_call: Any = lambda _address: True) -> WebhookCaller:
        return WebhookCaller(
            database=self.desk.database, clock=self.desk.clock, vault=VAULT, http=self.http, may_call=may_call
        )

    async def call(self) -> WebhookCall:
        async with self.desk.database.read() as session:
            return (await session.scalars(select(WebhookCall))).one()


@pytest.fixture
async def hooked(desk: Desk) -> AsyncIterator[Hooked]:
    async with running_product() as target, httpx.AsyncClient(trust_env=False) as http:
        yield Hooked(desk=desk, target=target, http=http)


async def test_a_call_is_signed_so_that_the_target_can_tell_it_is_ours(hooked: Hooked) -> None:
    await hooked.add(f"{hooked.target.url}/hook?shop=1")
    await hooked.put(conversation=7)
    await hooked.caller().call_due()
    assert (await hooked.call()).state == "delivered"
    [content], [headers] = hooked.target.bodies, hooked.target.headers
    assert json.loads(content)["conversation"] == 7
    stamp, mac = (part.partition("=")[2] for part in headers[SIGNATURE.lower()].split(","))
    expected = hmac.new(hooked.secret.encode(), stamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(mac, expected)
    assert stamp == str(int(hooked.desk.clock().timestamp()))


async def test_a_failing_target_is_tried_again_later_and_every_try_is_kept(hooked: Hooked) -> None:
    await hooked.add(hooked.target.url)
    hooked.target.answers = [500] * (len(PAUSES) + 1)
    await hooked.put(conversation=7)
    caller = hooked.caller()
    for pause in PAUSES:
        await caller.call_due()
        assert await caller.call_due() == 0, "not before its time"
        hooked.desk.clock.forward(seconds=pause.total_seconds())
    await caller.call_due()
    call = await hooked.call()
    assert call.state == "failed"
    assert [one["status"] for one in call.attempts] == [500] * (len(PAUSES) + 1)


async def test_the_own_network_is_refused_at_the_call_itself(hooked: Hooked) -> None:
    await hooked.add(hooked.target.url.replace("127.0.0.1", "localhost"))
    await hooked.put(conversation=7)
    await hooked.caller(may_call=is_public).call_due()
    call = await hooked.call()
    assert call.attempts[0]["error"] == "The address lies inside a private network, where webhooks never go."
    assert hooked.target.bodies == []


async def test_redirects_are_not_followed(hooked: Hooked) -> None:
    await hooked.add(hooked.target.url)
    hooked.target.answers = [RedirectResponse(f"{hooked.target.url}/elsewhere")]
    await hooked.put(conversation=7)
    await hooked.caller().call_due()
    call = await hooked.call()
    assert call.attempts[0]["error"] == "Redirects are not followed."
    assert len(hooked.target.bodies) == 1


async def test_a_slow_target_holds_up_no_other(hooked: Hooked) -> None:
    await hooked.add(hooked.target.url)
    hooked.target.pause_seconds = 3.0
    await hooked.put(number=1)
    await hooked.put(number=2)
    calling = asyncio.create_task(hooked.caller().call_due())
    async with asyncio.timeout(2.5):
        while len(hooked.target.bodies) < 2:  # noqa: ASYNC110 - the server runs in this loop
            await asyncio.sleep(0.01)
    async with hooked.desk.database.write() as session:  # and no transaction is open meanwhile
        assert len((await session.scalars(select(WebhookCall))).all()) == 2
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
        ),
        *(
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "fe80::1%eth0",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
        ),
    ],
)
def test_private_addresses_are_known_in_every_guise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "[::1]", "localhost", "[::ffff:127.0.0.1]"])
async def test_odd_spellings_of_the_own_machine_are_looked_up_and_refused(host: str) -> None:
    with pytest.raises(Unreachable):
        await look_up(f"http://{host}:8000/hook")


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com", "javascript:alert(1)", "https://", "/hook", "http://user:word@example.com", "http://[::1"],
)
async def test_what_is_no_address_is_refused(desk: Desk, url: str) -> None:
    admin = await desk.person(Role.ADMIN)
    refused = await admin.http.post("/api/v1/webhooks", json={"name": "Shop", "url": url})
    assert (refused.status_code, refused.json()["detail"][:4]) == (422, "url:")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "localhost", "shop.internal", "[::1]", "10.0.0.7"]
)
async def test_an_address_of_the_own_network_is_refused_when_it_is_entered(desk: Desk, host: str) -> None:
    admin = await desk.person(Role.ADMIN)
    refused = await admin.http.post("/api/v1/webhooks", json={"name": "Shop", "url": f"http://{host}:8080/hook"})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "url: lies inside a private network, where webhooks never go.",
    )


async def test_the_secret_is_kept_encrypted_and_told_once(desk: Desk) -> None:
    admin = await desk.person(Role.ADMIN)
    made = await admin.http.post("/api/v1/webhooks", json={"name": "Shop", "url": "https://example.com/hook"})
    secret = made.json()["secret"]
    assert secret not in (await admin.http.get("/api/v1/webhooks")).text
    async with desk.database.read() as session:
        stored = (await session.scalars(select(Webhook.secret))).one()
    assert secret.encode() not in stored
    assert VAULT.open(stored) == secret
