"""The Send API: checks in Meta's order, the screen, the echo (CHANNELS.md 2.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.simulator.graph.errors import bad_parameter, named_error
from bot.simulator.graph.events import new_mid
from bot.simulator.graph.requests import GraphCall
from bot.simulator.media import FetchFailedError, StoredFile
from bot.simulator.screens import BRAND, CUSTOMER, Button, Picture, ShownMessage

if TYPE_CHECKING:
    from bot.simulator.graph.customer import MessengerCustomer
    from bot.simulator.graph.platform import FakeMessenger

WINDOW = timedelta(hours=24)
HUMAN_AGENT_WINDOW = timedelta(days=7)
TYPING_SECONDS = 20.0
LATE_ECHO_SECONDS = 0.2
LONGEST_TEXT = 2000
LONGEST_METADATA = 1000
LONGEST_TITLE = 20
MOST_QUICK_REPLIES = 13
MOST_BUTTONS = 3
LARGEST_ATTACHMENT = 25 * 1024 * 1024
MESSAGING_TYPES = frozenset({"", "RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"})
SENDER_ACTIONS = frozenset({"typing_on", "typing_off", "mark_seen", "react", "unreact"})
SHOWN_AS = {"image": "image", "audio": "audio", "video": "video", "file": "file"}


class SendApi:
    """`POST /{page}/messages`. Answers `{"recipient_id", "message_id"}`."""

    def __init__(self, page: FakeMessenger) -> None:
        self._page = page
        self._attachments: dict[str, StoredFile] = {}

    async def send(self, call: GraphCall) -> tuple[dict[str, Any], MessengerCustomer | None]:
        """The result and the person reached by a message (None after a sender action). Raises GraphError."""
        customer = self._recipient(call)
        if "sender_action" in call.arguments:
            self._act(customer, call)
            return {"recipient_id": customer.id}, None
        message = call.arguments.get("message")
        if not isinstance(message, dict):
            raise bad_parameter("Param message is required")
        self._check_message(message, has_file=call.upload is not None)
        self._check_window(customer, call)
        pictures, buttons, text = await self._content(message, call.upload)
        mid = new_mid()
        persona = self._persona(call)
        reply_to = (call.arguments.get("reply_to") or {}).get("mid")
        customer.screen.tick("read", author=CUSTOMER)
        customer.screen.show(
            ShownMessage(
                id=mid,
                author=BRAND,
                at=self._page.pace.now(),
                text=text,
                buttons=buttons,
                pictures=pictures,
                sender=persona,
                reply_to=reply_to,
                metadata=message.get("metadata"),
            )
        )
        if self._page.echo_mode == "before":
            await self.send_echo(customer, mid, message)
        elif self._page.echo_mode == "after":
            self._page.background.start(self._echo_afterwards(customer, mid, message))
        return {"recipient_id": customer.id, "message_id": mid}, customer

    async def send_echo(self, customer: MessengerCustomer, mid: str, message: dict[str, Any]) -> None:
        kept: dict[str, Any] = {key: message[key] for key in ("text", "metadata") if key in message}
        attachment = message.get("attachment")
        if isinstance(attachment, dict):
            kept["attachments"] = [attachment]
        await self._page.emit_echo(customer, {"mid": mid, **kept}, app_id=self._page.app_id)

    async def _echo_afterwards(self, customer: MessengerCustomer, mid: str, message: dict[str, Any]) -> None:
        await self._page.pace.sleep(LATE_ECHO_SECONDS)
        await self.send_echo(customer, mid, message)

    def upload(self, call: GraphCall) -> dict[str, str]:
        """`POST /{page}/message_attachments`: a reusable `attachment_id`."""
        if call.upload is None:
            raise named_error("upload_failed")
        self._attachments[call.upload.id] = call.upload
        return {"attachment_id": call.upload.id}

    def _recipient(self, call: GraphCall) -> MessengerCustomer:
        recipient = call.arguments.get("recipient")
        if not isinstance(recipient, dict):
            raise bad_parameter("Param recipient is required")
        customer = self._page.customers.get(str(recipient.get("id")))
        if customer is None:
            raise named_error("no_user")
        if customer.blocked:
            raise named_error("unavailable")
        if customer.owner != self._page.app_id:
            raise named_error("thread_owned")
        return customer

    def _act(self, customer: MessengerCustomer, call: GraphCall) -> None:
        action = call.text("sender_action")
        if action not in SENDER_ACTIONS:
            raise bad_parameter(f"Param sender_action must be one of {sorted(SENDER_ACTIONS)}")
        if "message" in call.arguments:
            raise bad_parameter("sender_action must be sent alone")
        if action == "mark_seen":
            customer.screen.tick("read", author=CUSTOMER)
        elif action in ("typing_on", "typing_off"):
            customer.screen.show_typing(TYPING_SECONDS if action == "typing_on" else 0)
        else:
            self._react(customer, call, action)

    def _react(self, customer: MessengerCustomer, call: GraphCall, action: str) -> None:
        payload = call.arguments.get("payload") or {}
        message = customer.screen.messages.get(str(payload.get("message_id")))
        if message is None:
            raise bad_parameter("Param payload[message_id] is unknown")
        message.reactions.pop(BRAND, None)
        if action == "react":
            message.reactions[BRAND] = str(payload.get("reaction", "love"))
        customer.screen.publish(message)

    def _check_message(self, message: dict[str, Any], *, has_file: bool) -> None:
        text, attachment = message.get("text"), message.get("attachment")
        if (text is None) == (attachment is None):
            raise bad_parameter("Exactly one of text and attachment must be given")
        if text is not None and not 1 <= len(str(text)) < LONGEST_TEXT:
            raise bad_parameter("Length of param message[text] must be less than 2000 characters and not 0")
        if len(str(message.get("metadata") or "")) > LONGEST_METADATA:
            raise bad_parameter("Length of param message[metadata] must be at most 1000")
        replies = message.get("quick_replies") or []
        if len(replies) > MOST_QUICK_REPLIES:
            raise bad_parameter("Param message[quick_replies] has too many elements")
        for reply in replies:
            if reply.get("content_type") == "text" and not 1 <= len(str(reply.get("title", ""))) <= LONGEST_TITLE:
                raise bad_parameter("Length of param quick_replies[title] must be at most 20")
        if attachment is not None and attachment.get("type") == "template":
            self._check_template(attachment.get("payload") or {})
        elif attachment is not None and not has_file:
            payload = attachment.get("payload") or {}
            if not payload.get("url") and payload.get("attachment_id") not in self._attachments:
                raise named_error("upload_failed")

    @staticmethod
    def _check_template(payload: dict[str, Any]) -> None:
        buttons = payload.get("buttons") or []
        if payload.get("template_type") != "button" or not payload.get("text"):
            raise bad_parameter("The simulator knows the button template only")
        if not 1 <= len(buttons) <= MOST_BUTTONS:
            raise bad_parameter("Param buttons must have 1 to 3 elements")
        if any(not 1 <= len(str(button.get("title", ""))) <= LONGEST_TITLE for button in buttons):
            raise bad_parameter("Length of param buttons[title] must be at most 20")

    def _check_window(self, customer: MessengerCustomer, call: GraphCall) -> None:
        kind, tag = call.text("messaging_type"), call.text("tag")
        if kind not in MESSAGING_TYPES:
            raise bad_parameter("Param messaging_type must be one of RESPONSE, UPDATE, MESSAGE_TAG, UTILITY")
        if (tag and tag != "HUMAN_AGENT") or (kind == "MESSAGE_TAG" and not tag):
            raise named_error("retired_tag")
        window = HUMAN_AGENT_WINDOW if tag else WINDOW
        if customer.last_action_at is None or self._page.pace.now() - customer.last_action_at > window:
            raise named_error("outside_window")

    def _persona(self, call: GraphCall) -> str:
        persona_id = call.text("persona_id")
        if not persona_id:
            return ""
        if persona_id not in self._page.personas:
            raise bad_parameter("Param persona_id is unknown")
        return self._page.personas[persona_id]["name"]

    async def _content(
        self, message: dict[str, Any], upload: StoredFile | None
    ) -> tuple[list[Picture], list[list[Button]], str]:
        """What the screen shows: pictures, buttons, words."""
        replies = [
            Button(text=str(reply.get("title", "")), kind="quick_reply", value=str(reply.get("payload", "")))
            for reply in message.get("quick_replies") or []
        ]
        buttons = [replies] if replies else []
        attachment = message.get("attachment")
        if attachment is None:
            return [], buttons, str(message["text"])
        payload = attachment.get("payload") or {}
        if attachment.get("type") == "template":
            shown = [[_template_button(button)] for button in payload.get("buttons") or []]
            return [], shown + buttons, str(payload.get("text", ""))
        return [await self._picture(str(attachment.get("type")), payload, upload)], buttons, ""

    async def _picture(self, kind: str, payload: dict[str, Any], upload: StoredFile | None) -> Picture:
        stored = upload or self._attachments.get(str(payload.get("attachment_id")))
        if stored is None:
            url = str(payload["url"])
            try:
                stored = await self._page.media.fetch(url)
            except FetchFailedError as error:
                raise named_error("fetch_failed") from error
            if stored is None:
                return Picture(kind="link", url=url, name=url.rpartition("/")[2])
        if len(stored.data) > LARGEST_ATTACHMENT:
            raise named_error("too_large")
        shown = SHOWN_AS.get(kind, "file")
        return Picture(kind=shown, url=stored.path, name=stored.name, mime=stored.mime, size=len(stored.data))


def _template_button(button: dict[str, Any]) -> Button:
    if button.get("type") == "web_url":
        return Button(text=str(button.get("title", "")), kind="url", value=str(button.get("url", "")))
    return Button(text=str(button.get("title", "")), kind="postback", value=str(button.get("payload", "")))
