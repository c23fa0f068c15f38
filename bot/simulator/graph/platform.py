"""One page on the fake Graph: its people, its threads, its webhook."""

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from bot.simulator.background import Background
from bot.simulator.demo import PAGE_INBOX_APP_ID
from bot.simulator.faults import Faults
from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.graph.errors import GRAPH_FAULTS
from bot.simulator.graph.events import Event, echo, from_customer, new_mid, without_payload
from bot.simulator.graph.signing import raw_body
from bot.simulator.graph.webhook import PageWebhook
from bot.simulator.live import Hub
from bot.simulator.media import MediaStore
from bot.simulator.pace import Pace
from bot.simulator.record import Record
from bot.simulator.screens import BRAND, CUSTOMER, Screen, ShownMessage

FIRST_CUSTOMER_ID = 2_400_000_000_000_001
CHANNEL = "messenger"
ECHO_MODES = ("before", "after", "never")
RECEIPTS = ("none", "delivered", "read")


class FakeMessenger:
    """The fake page.

    `echo` says when the echo of a sent message comes: `before` the answer of the call (as Meta often does), `after`
    it, or `never`. `receipts` says what customers' phones report by themselves: `none`, `delivered`, or `read` (both).
    `answer_seconds`: how long the product may take to answer a webhook (5 s on the platform, CHANNELS.md 2.1).
    """

    def __init__(
        self,
        *,
        page_id: str,
        page_token: str,
        app_id: str,
        app_secret: str,
        verify_token: str,
        pace: Pace,
        record: Record,
        hub: Hub,
        media: MediaStore,
        client: httpx.AsyncClient,
        background: Background,
        base_url: str,
        faults: Faults | None = None,
        name: str = "Demo Shop",
        echo_mode: str = "before",
        receipts: str = "read",
        require_proof: bool = True,
        answer_seconds: float = 5.0,
    ) -> None:
        self.page_id = page_id
        self.page_token = page_token
        self.app_id = app_id
        self.app_secret = app_secret
        self.verify_token = verify_token
        self.name = name
        self.pace = pace
        self.record = record
        self.media = media
        self.background = background
        self.base_url = base_url
        self.faults = faults or Faults(known=GRAPH_FAULTS)
        self.echo_mode = echo_mode
        self.receipts = receipts
        self.require_proof = require_proof
        self.profiles_allowed = True
        self.sticker_twice = False
        self.usage_percent = 3
        self.customers: dict[str, MessengerCustomer] = {}
        self.personas: dict[str, dict[str, str]] = {}
        self.profile: dict[str, Any] = {}
        self.webhook = PageWebhook(
            page_id=page_id,
            app_secret=app_secret,
            pace=pace,
            record=record,
            faults=self.faults,
            client=client,
            background=background,
            answer_seconds=answer_seconds,
        )
        self._hub = hub
        self._by_name: dict[str, MessengerCustomer] = {}
        self._customer_ids = itertools.count(FIRST_CUSTOMER_ID)

    # People

    def customer(self, name: str, *, language: str = "en", customer_id: str | None = None) -> MessengerCustomer:
        """The customer of that name (or PSID), made on first use. A new one has not written yet."""
        known = self._by_name.get(name) if customer_id is None else self.customers.get(customer_id)
        if known is not None and known.id in self.customers:
            return known
        psid = customer_id or str(next(self._customer_ids))
        screen = Screen(customer=psid, pace=self.pace, hub=self._hub)
        customer = MessengerCustomer(page=self, psid=psid, name=name, language=language, screen=screen)
        self.customers[psid] = self._by_name[name] = customer
        self._hub.publish("customer", customer.head())
        return customer

    def remove_customer(self, customer_id: str) -> None:
        if self.customers.pop(customer_id, None) is not None:
            self._hub.publish("customer_removed", {"customer": customer_id})

    # Subscription

    async def subscribe(self, url: str, *, verify_token: str | None = None, fields: set[str] | None = None) -> None:
        """What somebody does in the dashboard: verify the callback, then subscribe the page.

        Raises VerificationFailedError when the product does not answer the handshake (a wrong token, say).
        """
        await self.webhook.verify(url, self.verify_token if verify_token is None else verify_token)
        self.webhook.subscribe_page(fields)

    # Events to the product

    def milliseconds(self, moment: datetime | None = None) -> int:
        return int((moment or self.pace.now()).timestamp() * 1000)

    def emit(self, customer: MessengerCustomer, at: datetime | None = None, **content: Any) -> None:
        """Send an event of this person; on standby when another app has the thread."""
        item = from_customer(customer.id, self.page_id, self.milliseconds(at), **content)
        away = customer.owner != self.app_id and not any(key.endswith("_thread_control") for key in content)
        event = Event(item=without_payload(item), drawer="standby") if away else Event(item=item)
        self._note(event)
        mid = (content.get("message") or content.get("postback") or {}).get("mid")
        self.webhook.send(event, on_accepted=lambda: customer.screen.tick_one(str(mid), "delivered"))

    async def emit_echo(self, customer: MessengerCustomer, message: dict[str, Any], *, app_id: str) -> None:
        """Send the echo of the page's own message and wait for the first attempt."""
        item = echo(customer.id, self.page_id, self.milliseconds(), message, app_id=app_id)
        away = customer.owner != self.app_id
        event = Event(item=item, drawer="standby") if away else Event(item=item)
        sent = self.webhook.send(event)
        if sent is not None:
            await sent

    def inject(self, body: Mapping[str, Any] | bytes) -> None:
        """Sign and deliver any body: a dict is written as Meta writes, bytes go as they are."""
        raw = body if isinstance(body, bytes) else raw_body(body)
        self.record.add(platform=CHANNEL, kind="customer", name="raw", body=raw.decode(errors="replace"))
        self.webhook.send_raw(raw)

    def _note(self, event: Event) -> None:
        self.record.add(platform=CHANNEL, kind="customer", name=event.kind, drawer=event.drawer, body=event.item)

    # The page's own side

    def report_receipts(self, customer: MessengerCustomer) -> None:
        if self.receipts == "none" or customer.blocked:
            return
        customer.receive()
        if self.receipts == "read":
            customer.read()

    async def agent_writes(self, customer_id: str, text: str, *, app_id: str = PAGE_INBOX_APP_ID) -> str:
        """Somebody answers in the Page inbox (or in another app): the product hears only an echo."""
        customer = self.customers[customer_id]
        mid = new_mid()
        shown = ShownMessage(id=mid, author=BRAND, at=self.pace.now(), text=text, sender=self.name)
        customer.screen.tick("read", author=CUSTOMER)
        customer.screen.show(shown)
        await self.emit_echo(customer, {"mid": mid, "text": text}, app_id=app_id)
        self.report_receipts(customer)
        return mid

    # Thread control

    def take_thread(self, customer_id: str, *, app_id: str = PAGE_INBOX_APP_ID, metadata: str = "") -> None:
        """Another app takes the thread from ours."""
        customer = self.customers[customer_id]
        previous, customer.owner = customer.owner, app_id
        content = {"previous_owner_app_id": int(previous), "new_owner_app_id": int(app_id), "metadata": metadata}
        self.emit(customer, take_thread_control=content)

    def give_thread(self, customer_id: str, *, metadata: str = "") -> None:
        """The other app passes the thread to ours."""
        customer = self.customers[customer_id]
        previous, customer.owner = customer.owner, self.app_id
        content = {"previous_owner_app_id": int(previous), "new_owner_app_id": int(self.app_id), "metadata": metadata}
        self.emit(customer, pass_thread_control=content)

    def request_thread(self, customer_id: str, *, app_id: str = PAGE_INBOX_APP_ID, metadata: str = "") -> None:
        """Another app asks for the thread."""
        content = {"requested_owner_app_id": int(app_id), "metadata": metadata}
        self.emit(self.customers[customer_id], request_thread_control=content)
