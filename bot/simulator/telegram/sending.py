"""Methods that put something on the customer's screen: texts, files, edits, deletions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from bot.simulator.media import FetchFailedError, StoredFile
from bot.simulator.screens import BRAND, Picture, ShownMessage
from bot.simulator.telegram.errors import BotError, named_error
from bot.simulator.telegram.files import file_fields, picture_sizes, store_key
from bot.simulator.telegram.formatting import checked_caption, checked_text
from bot.simulator.telegram.parameters import Parameters
from bot.simulator.telegram.shapes import is_web_address, keyboard_rows

if TYPE_CHECKING:
    from bot.simulator.telegram.customer import TelegramCustomer
    from bot.simulator.telegram.platform import FakeTelegram

LARGEST_UPLOAD = 50 * 1024 * 1024
LONGEST_CALLBACK_DATA = 64
#: Method → the field with the file, and how the screen shows it.
FILE_METHODS = {
    "sendphoto": ("photo", "image"),
    "senddocument": ("document", "file"),
    "sendvoice": ("voice", "voice"),
    "sendaudio": ("audio", "audio"),
    "sendvideo": ("video", "video"),
    "sendanimation": ("animation", "video"),
    "sendsticker": ("sticker", "sticker"),
}


class SendingMethods:
    def __init__(self, platform: FakeTelegram) -> None:
        self._platform = platform
        self.table: dict[str, Callable[[Parameters], Awaitable[Any]]] = {
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_message_text,
            "editmessagecaption": self._edit_message_caption,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete_message,
            "sendlocation": self._send_location,
            **{name: self._file_method(*how) for name, how in FILE_METHODS.items()},
        }

    async def _send_message(self, parameters: Parameters) -> dict[str, Any]:
        customer = self._platform.chat_for(parameters.text("chat_id"))
        text, entities = checked_text(parameters)
        return self._show(customer, parameters, text=text, entities=entities)

    async def _send_location(self, parameters: Parameters) -> dict[str, Any]:
        customer = self._platform.chat_for(parameters.text("chat_id"))
        place = {name: float(parameters.text(name, "0")) for name in ("latitude", "longitude")}
        picture = Picture(kind="location", latitude=place["latitude"], longitude=place["longitude"])
        return self._show(customer, parameters, pictures=[picture], extra={"location": place})

    def _file_method(self, field: str, kind: str) -> Callable[[Parameters], Awaitable[Any]]:
        async def send(parameters: Parameters) -> dict[str, Any]:
            customer = self._platform.chat_for(parameters.text("chat_id"))
            caption, entities = checked_caption(parameters)
            picture, shape = await self._file(field, kind, parameters)
            return self._show(
                customer, parameters, text=caption, entities=entities, pictures=[picture], extra={field: shape}
            )

        return send

    async def _file(self, field: str, kind: str, parameters: Parameters) -> tuple[Picture, Any]:
        """The file by upload, file_id or address, as shown and as a Bot API object."""
        value = parameters.text(field)
        upload = parameters.uploads.get(value.removeprefix("attach://")) or parameters.uploads.get(field)
        if upload is not None:
            stored = self._platform.media.keep(upload.data, name=upload.name, mime=upload.mime)
        elif is_web_address(value):
            found = await self._fetch(value)
            if found is None:
                stored = self._platform.media.keep(b"", name=value.rpartition("/")[2], mime="text/uri-list")
                return Picture(kind="link", url=value, name=stored.name), _shape_of(field, stored)
            stored = found
        else:
            known = self._platform.media.find(store_key(value))
            if known is None:
                raise BotError(400, "wrong file identifier/HTTP URL specified")
            stored = known
        if len(stored.data) > LARGEST_UPLOAD:
            raise named_error("entity_too_large")
        picture = Picture(kind=kind, url=stored.path, name=stored.name, mime=stored.mime, size=len(stored.data))
        return picture, _shape_of(field, stored)

    async def _fetch(self, url: str) -> StoredFile | None:
        try:
            return await self._platform.media.fetch(url)
        except FetchFailedError as error:
            raise BotError(400, "failed to get HTTP URL content") from error

    async def _edit_message_text(self, parameters: Parameters) -> dict[str, Any]:
        customer, message = self._own_message(parameters)
        text, entities = checked_text(parameters)
        buttons = keyboard_rows(parameters.structure("reply_markup"))
        if (text, entities, buttons) == (message.text, message.entities, message.buttons):
            words = "specified new message content and reply markup are exactly the same as a current content"
            raise BotError(400, f"message is not modified: {words} and reply markup of the message")
        message.text, message.entities, message.buttons = text, entities, buttons
        return self._edited(customer, message)

    async def _edit_message_caption(self, parameters: Parameters) -> dict[str, Any]:
        customer, message = self._own_message(parameters)
        text, entities = checked_caption(parameters)
        if (text, entities) == (message.text, message.entities):
            raise BotError(400, "message is not modified: the caption is exactly the same as the current one")
        message.text, message.entities = text, entities
        return self._edited(customer, message)

    async def _edit_markup(self, parameters: Parameters) -> dict[str, Any]:
        customer, message = self._own_message(parameters)
        buttons = keyboard_rows(parameters.structure("reply_markup"))
        if buttons == message.buttons:
            raise BotError(400, "message is not modified: the reply markup is exactly the same as the current one")
        message.buttons = buttons
        return self._edited(customer, message)

    def _edited(self, customer: TelegramCustomer, message: ShownMessage) -> dict[str, Any]:
        message.edited_at = self._platform.pace.now()
        customer.screen.publish(message)
        return self._platform.message_shape(customer, message)

    def _own_message(self, parameters: Parameters) -> tuple[TelegramCustomer, ShownMessage]:
        customer = self._platform.chat_for(parameters.text("chat_id"))
        message = customer.screen.messages.get(parameters.text("message_id"))
        if message is None:
            raise BotError(400, "message to edit not found")
        if message.author != BRAND:
            raise BotError(400, "message can't be edited")
        return customer, message

    async def _delete_message(self, parameters: Parameters) -> bool:
        customer = self._platform.chat_for(parameters.text("chat_id"))
        if not customer.screen.remove(parameters.text("message_id")):
            raise BotError(400, "message to delete not found")
        return True

    def _show(
        self,
        customer: TelegramCustomer,
        parameters: Parameters,
        *,
        text: str = "",
        entities: list[dict[str, Any]] | None = None,
        pictures: list[Picture] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        markup = parameters.structure("reply_markup")
        buttons = keyboard_rows(markup)
        for button in (button for row in buttons for button in row):
            if button.kind == "callback" and not 1 <= len(button.value.encode()) <= LONGEST_CALLBACK_DATA:
                raise BotError(400, "BUTTON_DATA_INVALID")
        message = ShownMessage(
            id=str(self._platform.next_message_id()),
            author=BRAND,
            at=self._platform.pace.now(),
            text=text,
            entities=entities or [],
            buttons=buttons,
            pictures=pictures or [],
            reply_to=_replied(parameters, customer),
        )
        inline = {"reply_markup": markup} if isinstance(markup, dict) and "inline_keyboard" in markup else {}
        customer.extras[message.id] = {**(extra or {}), **inline}
        return self._platform.show(customer, message)


def _shape_of(field: str, stored: StoredFile) -> Any:
    if field == "photo":
        return picture_sizes(stored)
    fields = file_fields(stored)
    if field in ("voice", "audio"):
        return {**fields, "duration": 1}
    if field in ("video", "animation"):
        return {**fields, "duration": 1, "width": 320, "height": 220}
    if field == "sticker":
        return {**fields, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return {**fields, "file_name": stored.name}


def _replied(parameters: Parameters, customer: TelegramCustomer) -> str | None:
    """The message replied to. Raises BotError 400 when it is gone and that is not allowed."""
    reply = parameters.structure("reply_parameters") or {}
    wanted = reply.get("message_id") or parameters.text("reply_to_message_id") or None
    if wanted is None:
        return None
    if str(wanted) in customer.screen.messages:
        return str(wanted)
    if reply.get("allow_sending_without_reply"):
        return None
    raise BotError(400, "message to be replied not found")
