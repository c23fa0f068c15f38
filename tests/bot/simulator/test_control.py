"""The control API, the page, and the simulator as a process of its own."""

import asyncio
import base64
import json
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from bot.simulator.app import Simulator, create_simulator
from bot.simulator.demo import DEMO_PAGE_TOKEN, DEMO_TELEGRAM_TOKEN
from bot.simulator.faults import Fault
from bot.simulator.server import running_simulator, serve_simulator

from .product import Product, until


async def add(http: httpx.AsyncClient, channel: str, name: str) -> str:
    answer = await http.post("/control/customers", json={"channel": channel, "name": name, "language": "ru"})
    return str(answer.json()["id"])


@pytest.mark.parametrize("channel", ["telegram", "messenger"])
async def test_a_customer_can_be_played_over_http(http: httpx.AsyncClient, channel: str) -> None:
    customer = await add(http, channel, "Оля")
    written = (await http.post(f"/control/customers/{customer}/write", json={"text": "Привет"})).json()["result"]
    data = base64.b64encode(b"\x89PNG").decode()
    assert (await http.post(f"/control/customers/{customer}/photo", json={"data": data})).status_code == 200
    for action in ("voice", "sticker", "location", "contact", "document", "album"):
        assert (await http.post(f"/control/customers/{customer}/{action}", json={})).status_code == 200, action
    await http.post(f"/control/customers/{customer}/edit", json={"message_id": written, "text": "Привет!"})
    await http.post(f"/control/customers/{customer}/react", json={"message_id": written, "emoji": "👍"})
    screen = (await http.get(f"/control/customers/{customer}/screen")).json()
    assert screen["name"] == "Оля"
    assert screen["messages"][0]["text"] == "Привет!"
    assert screen["messages"][0]["edited_at"]
    assert screen["messages"][0]["reactions"] == {"customer": "👍"}
    assert [picture["kind"] for message in screen["messages"] for picture in message["pictures"]][:4] == [
        "image",
        "voice",
        "sticker",
        "location",
    ]
    assert (await http.delete(f"/control/customers/{customer}")).status_code == 200
    assert (await http.get(f"/control/customers/{customer}/screen")).status_code == 404


async def test_wrong_requests_are_answered_plainly(http: httpx.AsyncClient) -> None:
    customer = await add(http, "telegram", "Anna")
    path = f"/control/customers/{customer}"
    assert (await http.post(f"{path}/fly", json={})).status_code == 400
    assert (await http.post(f"{path}/write", json={"words": "x"})).status_code == 400
    assert (await http.post(f"{path}/write", content=b'{"text": "x"}')).status_code == 415
    assert (await http.post("/control/telegram/faults", json={"kind": "no such"})).status_code == 400
    assert (await http.get("/control/pigeon/faults")).status_code == 404
    assert "No customer" in (await http.get("/control/customers/1/screen")).json()["error"]


async def test_faults_clock_and_record_over_http(simulator: Simulator, http: httpx.AsyncClient) -> None:
    customer = await add(http, "telegram", "Anna")
    await http.post(f"/control/customers/{customer}/write", json={"text": "hi"})
    rules = await http.post("/control/telegram/faults", json={"kind": "too_many_requests", "method": "sendMessage"})
    assert rules.json()["rules"][0]["times"] == 1
    path = f"/telegram/bot{DEMO_TELEGRAM_TOKEN}/sendMessage"
    refused = await http.post(path, data={"chat_id": customer, "text": "hello"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert (await http.delete("/control/telegram/faults")).json()["rules"] == []
    before = (await http.post("/control/clock", json={"advance": 0})).json()["now"]
    assert (await http.post("/control/clock", json={"advance": 90_000})).json()["now"] > before
    record = (await http.get("/control/record", params={"kind": "call"})).json()
    assert [entry["status"] for entry in record["entries"]] == [429]
    assert record["counters"]["telegram.call.sendMessage"] == 1


async def test_messenger_is_controlled_over_http(
    simulator: Simulator, http: httpx.AsyncClient, product: Product
) -> None:
    url = f"{product.url}/hook"
    refused = await http.post("/control/messenger/subscribe", json={"url": url, "verify_token": "no"})
    assert refused.status_code == 400
    assert (await http.post("/control/messenger/subscribe", json={"url": url})).json()["verified"]
    customer = await add(http, "messenger", "Anna")
    await http.post("/control/messenger/hold", json={})
    await http.post(f"/control/customers/{customer}/write", json={"text": "hi"})
    await http.post("/control/messenger/release", json={"copies": 2})
    await until(lambda: len(product.bodies) == 2)
    assert (await http.post("/control/messenger/agent", json={"customer": customer, "text": "yes?"})).json()["mid"]
    await http.post("/control/messenger/thread", json={"customer": customer, "action": "take"})
    await http.post("/control/messenger/inject", json={"object": "page"})
    await until(lambda: b'{"object":"page"}' in product.bodies)
    settings = await http.post("/control/messenger/settings", json={"page_token": "changed", "echo_mode": "never"})
    assert settings.json()["page_token"] == "changed"
    dead = await http.get("/graph/v25.0/me", headers={"Authorization": f"Bearer {DEMO_PAGE_TOKEN}"})
    assert dead.json()["error"]["code"] == 190
    assert (await http.post("/control/messenger/settings", json={"name": "x"})).status_code == 400
    assert (await http.get("/control/health")).json()["messenger"]["verified"]


async def test_changes_are_streamed_live(simulator: Simulator, http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(5), http.stream("GET", "/control/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "event: hello"
        simulator.telegram.customer("Anna").write("<b>hi</b>")
        seen = []
        async for line in lines:
            if line.startswith("data: "):
                seen.append(json.loads(line[6:]))
            if len(seen) == 3:
                break
    assert seen[1]["name"] == "Anna"
    assert seen[2]["message"]["text"] == "<b>hi</b>"


async def test_the_page_allows_nothing_foreign_and_nothing_inline(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert "style=" not in page.text
    for name in ("simulator.css", "main.js"):
        asset = await http.get(f"/web/{name}")
        assert asset.status_code == 200
        assert "http://" not in asset.text.replace("http://www.w3.org/2000/svg", "")
        assert "innerHTML" not in asset.text
    assert (await http.get("/web/..%2Fapp.py")).status_code == 404


async def test_an_uploaded_page_is_never_run(simulator: Simulator, http: httpx.AsyncClient) -> None:
    stored = simulator.media.keep(b"<script>alert(1)</script>", name="x.html", mime="text/html")
    answer = await http.get(stored.path)
    assert answer.headers["content-disposition"] == "attachment"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_it_connects_the_page_by_itself_when_the_product_comes_up(product: Product) -> None:
    async with running_simulator(product_url=product.url) as simulator:
        await until(lambda: simulator.messenger.webhook.subscription.verified)
        simulator.messenger.customer("Anna").write("hi")
        await until(lambda: product.bodies)


async def test_it_works_without_a_socket(product: Product) -> None:
    app = create_simulator()
    anna = app.simulator.telegram.customer("Anna")
    anna.write("hi")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
        path = f"/telegram/bot{DEMO_TELEGRAM_TOKEN}"
        assert (await client.post(f"{path}/sendMessage", data={"chat_id": anna.id, "text": "yes"})).json()["ok"]
        app.simulator.telegram.faults.add(kind="lost_answer")
        with pytest.raises(ConnectionError):
            await client.post(f"{path}/sendMessage", data={"chat_id": anna.id, "text": "lost"})
    assert anna.screen.texts() == ["yes", "lost"]
    await app.simulator.close()


async def test_it_runs_as_a_process_and_leaves_a_record(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    arguments = [sys.executable, "-m", "bot.simulator", "--port", "0", "--record", str(record)]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, env=os.environ)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    async with httpx.AsyncClient(base_url=line.removeprefix("Simulator: ").strip(), trust_env=False) as client:
        customer = await add(client, "telegram", "Оля")
        await client.post(f"/control/customers/{customer}/write", json={"text": "Привет"})
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0
    entries = [json.loads(entry) for entry in record.read_text(encoding="utf-8").splitlines()]
    assert entries[0]["body"]["text"] == "Привет"


async def test_faults_can_be_there_from_the_start() -> None:
    rules = [Fault(kind="too_many_requests", method="sendMessage")]
    async with running_simulator(faults=rules, messenger_faults=[Fault(kind="rate")]) as simulator:
        assert [rule.kind for rule in simulator.telegram.faults.rules] == ["too_many_requests"]
        assert [rule.kind for rule in simulator.messenger.faults.rules] == ["rate"]


async def test_a_port_in_use_is_told(simulator: Simulator) -> None:
    port = int(simulator.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        async with serve_simulator(create_simulator(), port=port):
            pass
