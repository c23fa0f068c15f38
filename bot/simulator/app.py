"""Builds the simulator: both fakes, the control API and the page in one Starlette application."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import httpx
import structlog
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from bot.simulator.background import Background
from bot.simulator.connection import transport_of
from bot.simulator.control import control_routes
from bot.simulator.demo import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_PAGE_ID,
    DEMO_PAGE_TOKEN,
    DEMO_QUESTIONS,
    DEMO_TELEGRAM_TOKEN,
    DEMO_VERIFY_TOKEN,
)
from bot.simulator.faults import Fault, Faults
from bot.simulator.graph.errors import GRAPH_FAULTS
from bot.simulator.graph.platform import FakeMessenger
from bot.simulator.graph.routes import graph_routes
from bot.simulator.graph.webhook import VerificationFailedError
from bot.simulator.live import Hub
from bot.simulator.media import MediaStore
from bot.simulator.pace import Pace
from bot.simulator.pages import page_routes
from bot.simulator.record import Record
from bot.simulator.telegram.errors import TELEGRAM_FAULTS
from bot.simulator.telegram.platform import FakeTelegram
from bot.simulator.telegram.routes import telegram_routes

log = structlog.get_logger(__name__)

CONNECT_PAUSE_SECONDS = 1.0
#: The same for everybody, or by the language of the customer's phone (others see those of `en`).
Questions = Sequence[str] | Mapping[str, Sequence[str]]


class Simulator:
    """Everything that one simulator holds; in-process tests use `telegram` and `messenger` directly.

    `clock` dates messages and judges windows, `speed` divides the platforms' own waits (see pace.Pace); `faults` (of
    the Bot API) and `messenger_faults` are rules from the start; `record` is a JSON-lines file of everything;
    `echo_mode` and `receipts` see FakeMessenger; `product_url` lets it connect the page by itself (to
    `/webhooks/messenger/{messenger_account}`) and link to the desk; `questions` are the chips of an empty chat (a
    list, or a list for each language); `transport` replaces the network on the way to the product
    (httpx.ASGITransport in tests). Call its methods from the event loop it runs in.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] | None = None,
        speed: float = 1.0,
        record: Path | None = None,
        seed: int = 1,
        faults: Sequence[Fault] = (),
        messenger_faults: Sequence[Fault] = (),
        telegram_token: str = DEMO_TELEGRAM_TOKEN,
        page_id: str = DEMO_PAGE_ID,
        page_token: str = DEMO_PAGE_TOKEN,
        app_id: str = DEMO_APP_ID,
        app_secret: str = DEMO_APP_SECRET,
        verify_token: str = DEMO_VERIFY_TOKEN,
        brand: str = "Demo Shop",
        echo_mode: str = "before",
        receipts: str = "read",
        telegram_answer_seconds: float = 60.0,
        messenger_answer_seconds: float = 5.0,
        base_url: str = "http://127.0.0.1:8001",
        product_url: str = "",
        messenger_account: str = "main",
        questions: Questions = DEMO_QUESTIONS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.pace = Pace(clock=clock, speed=speed)
        self.record = Record(pace=self.pace, path=record)
        self.hub = Hub()
        self.background = Background()
        self.brand = brand
        self.base_url = base_url
        self.product_url = product_url.rstrip("/")
        self.messenger_account = messenger_account
        by_language = questions if isinstance(questions, Mapping) else {"en": questions}
        self.questions = {language: list(texts) for language, texts in by_language.items()}
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=100)
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=60.0, limits=limits)
        self.media = MediaStore(client=self._client)
        self.telegram = FakeTelegram(
            token=telegram_token,
            name=brand,
            pace=self.pace,
            record=self.record,
            hub=self.hub,
            media=self.media,
            client=self._client,
            background=self.background,
            faults=Faults(known=TELEGRAM_FAULTS, rules=faults, seed=seed),
            answer_seconds=telegram_answer_seconds,
        )
        self.messenger = FakeMessenger(
            page_id=page_id,
            page_token=page_token,
            app_id=app_id,
            app_secret=app_secret,
            verify_token=verify_token,
            name=brand,
            pace=self.pace,
            record=self.record,
            hub=self.hub,
            media=self.media,
            client=self._client,
            background=self.background,
            base_url=base_url,
            faults=Faults(known=GRAPH_FAULTS, rules=messenger_faults, seed=seed),
            echo_mode=echo_mode,
            receipts=receipts,
            answer_seconds=messenger_answer_seconds,
        )

    @property
    def callback_url(self) -> str:
        """The product's Messenger webhook."""
        return f"{self.product_url}/webhooks/messenger/{self.messenger_account}"

    def start(self) -> None:
        """With a product URL: connect the page as soon as the product answers, as somebody in the dashboard would."""
        if self.product_url:
            self.background.start(self._connect())

    async def _connect(self) -> None:
        log.info("simulator_connecting", callback=self.callback_url)
        while not self.messenger.webhook.subscription.verified:
            try:
                await self.messenger.subscribe(self.callback_url)
            except VerificationFailedError:
                await self.pace.sleep(CONNECT_PAUSE_SECONDS * self.pace.speed)
        log.info("simulator_connected", callback=self.callback_url)

    def serve_at(self, base_url: str) -> None:
        """Tell the fakes their own address: customers' files on Messenger are links to it."""
        self.base_url = self.messenger.base_url = base_url

    def let_go(self) -> None:
        """End the streams and polls that wait, so that a server can stop at once."""
        self.hub.close()
        self.telegram.polling.finish()

    async def close(self) -> None:
        self.let_go()
        await self.background.close()
        await self._client.aclose()
        self.record.close()


class SimulatorApplication(Starlette):
    """A Starlette application that can also hang up on a caller (see connection.LostAnswer)."""

    simulator: Simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["simulator.transport"] = transport_of(send)
        await super().__call__(scope, receive, send)


class SimulatorOptions(TypedDict, total=False):
    """The arguments of Simulator, for those who hand them on."""

    clock: Callable[[], datetime] | None
    speed: float
    record: Path | None
    seed: int
    faults: Sequence[Fault]
    messenger_faults: Sequence[Fault]
    telegram_token: str
    page_id: str
    page_token: str
    app_id: str
    app_secret: str
    verify_token: str
    brand: str
    echo_mode: str
    receipts: str
    telegram_answer_seconds: float
    messenger_answer_seconds: float
    base_url: str
    product_url: str
    messenger_account: str
    questions: Questions
    transport: httpx.AsyncBaseTransport | None


def create_simulator(**options: Unpack[SimulatorOptions]) -> SimulatorApplication:
    """The application: `/telegram` (Bot API), `/graph` (Graph API), `/control` (JSON), `/media`, and the page at `/`.

    The options are those of Simulator; its parts are at `.simulator`. Without a lifespan (in-process clients) call
    `await application.simulator.close()` at the end.
    """
    simulator = Simulator(**options)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        simulator.start()
        yield
        await simulator.close()

    application = SimulatorApplication(
        lifespan=lifespan,
        routes=[
            Mount("/telegram", routes=telegram_routes(simulator.telegram)),
            Mount("/graph", routes=graph_routes(simulator.messenger)),
            Mount("/control", routes=control_routes(simulator)),
            *page_routes(simulator),
        ],
    )
    application.simulator = simulator
    return application
