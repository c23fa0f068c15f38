"""The desk's speed in a real browser: `python -m bench.desk`. Prints the goals of the desk and what was measured.

One run, 500 conversations and then 10,000, every answer of the server held back by 80 ms. Switching and sending are
measured in the page, from the key press to the next painted frame's layout; scrolling by the browser's own frames.
"""

import asyncio
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn
from playwright.async_api import Page, async_playwright
from sqlalchemy import insert
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.app import create_app
from bot.product import open_product
from bot.registry import discover
from bot.schema import upgrade
from core.clock import utc_now
from core.database import Database, announce
from core.logs import Scrubber
from core.messages import Author, ConversationStatus, MessageState
from core.models import Account, Contact, Conversation, Message
from core.roles import Role
from core.settings import Settings
from core.users import add_user, make_token, start_session
from handoff.live import Live
from tests.literal_understanding import LiteralBuild

DELAY_SECONDS = 0.08
CLIENTS = 200
MESSAGES_EACH = 30
LONG_ONE = 9_999
LONG_THREAD = 2_000
SWITCH = """async (press) => {
  const began = performance.now();
  document.body.dispatchEvent(new KeyboardEvent('keydown', {code: press, key: press, bubbles: true, cancelable: true}));
  const wanted = location.pathname.split('/')[2];
  while (!document.querySelector(`.pane:not(.away) .bubble`) || document.querySelector('.row[aria-current]')?.pathname !== `/conversations/${wanted}`
    || document.querySelector('.thread-title h2').textContent !== document.querySelector('.row[aria-current] strong').textContent) await Promise.resolve().then(() => new Promise((done) => queueMicrotask(done))).then(() => performance.now() - began > 2 ? new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); }) : null);
  document.body.offsetHeight;
  return performance.now() - began;
}"""
SEND = """async (text) => {
  const field = document.querySelector('.composer textarea');
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, text);
  field.dispatchEvent(new Event('input', {bubbles: true}));
  await new Promise((done) => setTimeout(done, 60));
  const began = performance.now();
  field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', code: 'Enter', bubbles: true, cancelable: true}));
  while (![...document.querySelectorAll('.by-note .words')].some((one) => one.textContent === text)) await new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
  document.body.offsetHeight;
  return performance.now() - began;
}"""
SCROLL = """async () => {
  const box = document.querySelector('.virtual');
  const frames = [];
  let last = performance.now();
  for (let step = 0; step < 600; step += 1) {
    box.scrollTop += 400;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  return [frames, document.querySelector('.virtual-inside').offsetHeight / 76];
}"""


SCROLL_THREAD = """async () => {
  const box = document.querySelector('.pane:not(.away) .messages');
  const frames = [];
  let last = performance.now();
  let still = 0;
  while (still < 120 && frames.length < 4000) {
    const before = box.scrollTop;
    box.scrollTop -= 300;
    still = box.scrollTop === before ? still + 1 : 0;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  return [frames, document.querySelectorAll('.pane:not(.away) .bubble').length];
}"""


class Delayed:
    """The application with a slow network before it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.seconds = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            await asyncio.sleep(self.seconds)
        await self._app(scope, receive, send)


async def fill(database: Database, *, first: int, count: int) -> None:
    now = utc_now()
    async with database.write() as session:
        account = await session.get(Account, 1)
        if account is None:
            session.add(Account(id=1, channel="telegram", name="bench", created_at=now))
            await session.flush()
        numbers = range(first, first + count)
        await session.execute(
            insert(Contact),
            [
                {"id": n, "account_id": 1, "external_id": str(n), "name": f"Customer {n}", "created_at": now}
                for n in numbers
            ],
        )
        await session.execute(
            insert(Conversation),
            [
                {
                    "id": n, "account_id": 1, "contact_id": n, "thread": str(n), "status": ConversationStatus.WAITING,
                    "created_at": now, "last_message_at": now - timedelta(seconds=n), "last_customer_at": now,
                    "waiting_since": now - timedelta(seconds=n), "offered": [], "failures": 0, "version": 1,
                }
                for n in numbers
            ],
        )  # fmt: skip
        await session.execute(
            insert(Message),
            [
                {
                    "conversation_id": n, "account_id": 1, "author": Author.CUSTOMER if k % 2 else Author.BOT,
                    "text": f"Message {k} of conversation {n}: where is my parcel and when does it come?",
                    "at": now - timedelta(seconds=n - k, days=1), "created_at": now, "state": MessageState.HANDLED,
                }
                for n in numbers
                for k in range(LONG_THREAD if n == LONG_ONE else MESSAGES_EACH if n <= 500 else 1)
            ],
        )  # fmt: skip


def line(goal: str, measured: Sequence[float], limit: float, *, worst: bool = False) -> None:
    ordered = sorted(measured)
    value = ordered[-1] if worst else ordered[int(len(ordered) * 0.95) - 1]
    kept = "kept" if value <= limit else "MISSED"
    median = statistics.median(ordered)
    print(
        f"{goal:58} {'max' if worst else 'p95'} {value:7.1f} ms  limit {limit:5.0f}  median {median:6.1f}  n {len(ordered)}  {kept}"
    )


async def listen(client: httpx.AsyncClient, heard: dict[int, list[float]], ready: asyncio.Semaphore) -> None:
    async with client.stream("GET", "/api/v1/events", timeout=None) as answer:
        kind = ""
        async for text in answer.aiter_lines():
            if text.startswith("event: "):
                kind = text[7:]
                if kind == "hello":
                    ready.release()
            elif text.startswith("data: ") and kind == "knowledge":
                number = int(text.split(":")[2].strip(" }"))
                heard.setdefault(number, []).append(time.perf_counter())


async def live_clients(url: str, token: str, database: Database) -> list[float]:
    """Milliseconds from the commit to each of 200 listeners, for 20 changes."""
    heard: dict[int, list[float]] = {}
    ready = asyncio.Semaphore(0)
    limits = httpx.Limits(max_connections=CLIENTS + 10)
    took: list[float] = []
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, limits=limits) as client:
        tasks = [asyncio.create_task(listen(client, heard, ready)) for _ in range(CLIENTS)]
        for _ in range(CLIENTS):
            await ready.acquire()
        for number in range(1, 21):
            async with database.write() as session:
                announce(session, "knowledge", number)
                told = time.perf_counter()
            deadline = told + 3
            while len(heard.get(number, ())) < CLIENTS and time.perf_counter() < deadline:
                await asyncio.sleep(0.01)
            took += [(at - told) * 1000 for at in heard.get(number, ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return took


async def processor(page: Page) -> Callable[[], Awaitable[float]]:
    """A clock of the milliseconds that the page's main thread has really run, whatever else the machine does."""
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    async def busy() -> float:
        metrics = (await cdp.send("Performance.getMetrics"))["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration") * 1000

    return busy


async def in_the_page(page: Page, url: str, delayed: Delayed, database: Database) -> None:
    delayed.seconds = DELAY_SECONDS
    await page.goto(f"{url}/")
    await page.locator(".row").first.click()
    await page.wait_for_selector(".pane:not(.away) .bubble")
    await page.wait_for_timeout(2500)
    busy = await processor(page)
    switching, own = [], []
    for _ in range(80):
        before = await busy()
        switching.append(await page.evaluate(SWITCH, "KeyJ"))
        own.append(await busy() - before)
        await page.wait_for_timeout(250)
    line("Switch conversation (500 of them, 80 ms away)", switching, 25)
    line("  of it the page's own processor time", own, 25)
    await page.keyboard.press("KeyN")
    await page.wait_for_timeout(500)
    sending = [await page.evaluate(SEND, f"note {number}") for number in range(40)]
    line("Bubble of what was sent (80 ms away)", sending, 15)
    print(f"load of the machine meanwhile: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    delayed.seconds = 0
    await fill(database, first=501, count=9500)
    await page.goto(f"{url}/")
    await page.wait_for_selector(".row")
    while await page.evaluate("document.querySelector('.virtual-inside').offsetHeight / 76") < 10_000:
        await page.evaluate("document.querySelector('.virtual').scrollTop = 1e9")
        await page.wait_for_timeout(30)
    await page.evaluate("document.querySelector('.virtual').scrollTop = 0")
    await page.wait_for_timeout(1000)
    frames, rows = await page.evaluate(SCROLL)
    line(f"Frame while a list of {rows:,.0f} scrolls", frames, 50, worst=True)
    await page.goto(f"{url}/conversations/{LONG_ONE}")
    await page.wait_for_selector(".pane:not(.away) .bubble")
    await page.wait_for_timeout(1000)
    for what in ("is loaded and scrolls", "scrolls again"):
        frames, bubbles = await page.evaluate(SCROLL_THREAD)
        line(f"Frame while a thread of {bubbles:,.0f} {what}", frames, 50, worst=True)
        await page.evaluate("document.querySelector('.pane:not(.away) .messages').scrollTop = 0")
        await page.wait_for_timeout(500)


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(data_dir=Path(name))
        database = Database(settings.effective_database_url)
        await upgrade(database)
        await fill(database, first=1, count=500)
        async with database.write() as session:
            user = await add_user(session, email="bench@example.com", role=Role.ADMIN, name="Bench", at=utc_now())
            _, token = await make_token(session, user.id, at=utc_now())
            cookie = await start_session(session, user.id, at=utc_now())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        url = f"http://127.0.0.1:{port}"
        async with open_product(
            settings, database=database, kinds=discover(), build_understanding=LiteralBuild(), scrubber=Scrubber(), environment={}
        ) as product:  # fmt: skip
            live = Live(database=database)
            delayed = Delayed(create_app(product, live=live))
            server = uvicorn.Server(
                uvicorn.Config(delayed, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
            )
            serving = asyncio.create_task(server.serve())
            following = asyncio.create_task(product.keep_receiving())
            while not server.started:
                await asyncio.sleep(0.01)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                context = await browser.new_context(viewport={"width": 1440, "height": 900})
                await context.add_cookies([{"name": "replydesk_session", "value": cookie, "url": url}])
                await in_the_page(await context.new_page(), url, delayed, database)
                await browser.close()
            line(f"Event at {CLIENTS} live clients", await live_clients(url, token, database), 150)
            live.close()
            server.should_exit = True
            following.cancel()
            await asyncio.wait([serving, following])
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
