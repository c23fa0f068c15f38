"""One bot on the fake Telegram: its chats, its queue, its webhook, and the door for calls."""

import itertools
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from bot.simulator.background import Background
from bot.simulator.connection import Answer
from bot.simulator.faults import Fault, Faults
from bot.simulator.live import Hub
from bot.simulator.media import MediaStore
from bot.simulator.pace import Pace
from bot.simulator.record import Record
from bot.simulator.screens import BRAND, CUSTOMER, Screen, ShownMessage
from bot.simulator.telegram.customer import TelegramCustomer
from bot.simulator.telegram.errors import TELEGRAM_FAULTS, BotError, named_error, refusal_of
from bot.simulator.telegram.methods import BotMethods
from bot.simulator.telegram.parameters import Parameters
from bot.simulator.telegram.polling import Polling
from bot.simulator.telegram.shapes import command_entities, lane_of
from bot.simulator.telegram.updates import QueuedUpdate, UpdateQueue
from bot.simulator.telegram.webhook import WebhookDelivery

FIRST_CUSTOMER_ID = 700_000_001
CHANNEL = "telegram"


class FakeTelegram:
    """The fake Bot API for one bot.

    `answer_seconds`: how long a webhook delivery waits for the product (60 s on the platform, CHANNELS.md 0).
    """

    def __init__(
        self,
        *,
        token: str,
        pace: Pace,
        record: Record,
        hub: Hub,
        media: MediaStore,
        client: httpx.AsyncClient,
        background: Background,
        faults: Faults | None = None,
        name: str = "Demo Shop",
        username: str = "demo_shop_bot",
        answer_seconds: float = 60.0,
    ) -> None:
        self.token = token
        self.pace = pace
        self.record = record
        self.media = media
        self.faults = faults or Faults(known=TELEGRAM_FAULTS)
        self.bot = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": name, "username": username}
        self.customers: dict[str, TelegramCustomer] = {}
        self.updates = UpdateQueue(pace=pace)
        self.updates.on_acknowledged = self._acknowledged
        self.polling = Polling(updates=self.updates, pace=pace)
        self.webhook = WebhookDelivery(
            updates=self.updates,
            pace=pace,
            record=record,
            faults=self.faults,
            client=client,
            background=background,
            answer_seconds=answer_seconds,
        )
        self.webhook.on_reply = self._reply_in_body
        self.methods = BotMethods(self)
        self._hub = hub
        self._by_name: dict[str, TelegramCustomer] = {}
        self._message_ids = itertools.count(1)
        self._customer_ids = itertools.count(FIRST_CUSTOMER_ID)

    # Customers

    def customer(self, name: str, *, language: str = "en", customer_id: int | None = None) -> TelegramCustomer:
        """The customer of that name (or id), made on first use. A new one has not written yet."""
        known = self._by_name.get(name) if customer_id is None else self.customers.get(str(customer_id))
        if known is not None and known.id in self.customers:
            return known
        number = next(self._customer_ids) if customer_id is None else customer_id
        screen = Screen(customer=str(number), pace=self.pace, hub=self._hub)
        customer = TelegramCustomer(platform=self, chat_id=number, name=name, language=language, screen=screen)
        self.customers[customer.id] = self._by_name[name] = customer
        self._hub.publish("customer", customer.head())
        return customer

    def remove_customer(self, customer_id: str) -> None:
        if self.customers.pop(customer_id, None) is not None:
            self._hub.publish("customer_removed", {"customer": customer_id})

    def next_message_id(self) -> int:
        return next(self._message_ids)

    # Updates

    def put(self, kind: str, content: Mapping[str, Any], *, born_at: datetime | None = None) -> int | None:
        """Queue one update; None when the bot does not want its kind."""
        update_id = self.updates.put(kind, content, lane=lane_of(kind, content), born_at=born_at)
        self.record.add(platform=CHANNEL, kind="customer", name=kind, update_id=update_id, body=content)
        return update_id

    def inject(self, update: Mapping[str, Any], *, keep_id: bool = False) -> int | None:
        """Queue a raw update as it is, renumbered unless `keep_id`; its private chat may be answered afterwards."""
        kind = next((key for key in update if key != "update_id"), "")
        content = update.get(kind)
        if isinstance(content, dict) and isinstance(content.get("chat"), dict) and "id" in content["chat"]:
            chat = content["chat"]
            name = str(chat.get("first_name") or chat.get("title") or chat["id"])
            known = self.customers.get(str(chat["id"])) or self.customer(name, customer_id=int(chat["id"]))
            known.started = True
        update_id = int(update["update_id"]) if keep_id else None
        number = self.updates.put(kind, content, lane=lane_of(kind, content), update_id=update_id)
        self.record.add(platform=CHANNEL, kind="customer", name=kind, update_id=number, body=content)
        return number

    def _acknowledged(self, update: QueuedUpdate) -> None:
        self.record.counters["telegram.acknowledged"] += 1
        content = update.body.get(update.kind)
        if update.kind not in ("message", "edited_message") or not isinstance(content, dict):
            return
        customer = self.customers.get(str((content.get("chat") or {}).get("id")))
        if customer is not None:
            customer.screen.tick_one(str(content.get("message_id")), "delivered")

    # Calls

    async def call(self, token: str, method: str, parameters: Parameters) -> Answer:
        """Answer one Bot API call, faults included; every call but an empty getUpdates goes on record."""
        if token != self.token:
            return self._noted(method, parameters, named_error("unauthorized").as_answer())
        customer = parameters.text("chat_id") or None
        fault = self.faults.strike(method, customer)
        refusal = refusal_of(fault) if fault else None
        if fault is not None and refusal is not None:
            if fault.kind == "migrated" and customer in self.customers:
                self.customers[str(fault.migrate_to_chat_id)] = self.customers[customer]
            return self._noted(method, parameters, refusal, fault=fault)
        answer = await self._answer(method, parameters)
        answer = self._noted(method, parameters, answer, fault=fault)
        if fault is not None and fault.kind == "slow":
            await self.pace.sleep(fault.seconds)
        return Answer(lost=True) if fault is not None and fault.kind == "lost_answer" else answer

    async def _answer(self, method: str, parameters: Parameters) -> Answer:
        try:
            return Answer(body={"ok": True, "result": await self.methods.run(method, parameters)})
        except BotError as error:
            return error.as_answer()

    def _noted(self, method: str, parameters: Parameters, answer: Answer, *, fault: Fault | None = None) -> Answer:
        body = answer.body if isinstance(answer.body, dict) else {}
        result = body.get("result")
        if method == "getUpdates" and result == []:
            return answer
        self.record.add(
            platform=CHANNEL,
            kind="call",
            name=method,
            customer=parameters.text("chat_id") or None,
            parameters=parameters.as_json(),
            accepted=bool(body.get("ok")),
            status=None if answer.lost else answer.status,
            description=body.get("description", ""),
            message_id=result.get("message_id") if isinstance(result, dict) else None,
            fault=fault.kind if fault else None,
        )
        return answer

    async def _reply_in_body(self, reply: dict[str, Any]) -> None:
        """The answer to a webhook may carry one call; its result is never seen."""
        method = str(reply.pop("method"))
        await self.call(self.token, method, Parameters(values=reply))

    # What methods need

    def chat_for(self, chat_id: str) -> TelegramCustomer:
        """The chat to send to. Raises BotError 400 (unknown) or 403 (blocked, never wrote)."""
        customer = self.customers.get(chat_id)
        if customer is None:
            raise named_error("chat_not_found")
        if customer.blocked:
            raise named_error("blocked")
        if not customer.started:
            raise named_error("cannot_initiate")
        return customer

    def show(self, customer: TelegramCustomer, message: ShownMessage) -> dict[str, Any]:
        """Put the bot's message on the screen and return the Message object."""
        customer.screen.tick("read", author=CUSTOMER)
        customer.screen.show(message)
        customer.screen.tick_one(message.id, "read")
        return self.message_shape(customer, message)

    def message_shape(self, customer: TelegramCustomer, message: ShownMessage) -> dict[str, Any]:
        sender = self.bot if message.author == BRAND else customer.as_user()
        shape: dict[str, Any] = {
            "message_id": int(message.id),
            "from": sender,
            "chat": customer.as_chat(),
            "date": int(message.at.timestamp()),
        }
        if message.edited_at is not None:
            shape["edit_date"] = int(message.edited_at.timestamp())
        if message.text:
            field = "caption" if message.pictures else "text"
            shape[field] = message.text
            entities = message.entities or ([] if message.pictures else command_entities(message.text))
            if entities:
                shape["caption_entities" if message.pictures else "entities"] = entities
        return shape | customer.extras.get(message.id, {})
