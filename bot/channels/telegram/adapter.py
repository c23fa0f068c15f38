"""One Telegram bot behind the port: receive, send, edit, poll, signal, prepare, check, fetch."""

import hmac
import mimetypes
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import structlog
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteWebhook,
    GetFile,
    GetMe,
    SendChatAction,
    SetWebhook,
    TelegramMethod,
)

from bot.channel import (
    Acceptance,
    Edit,
    FileContent,
    Finding,
    Item,
    Keep,
    Opening,
    Outbound,
    Received,
    Signal,
    SignalKind,
    WebhookRequest,
)
from bot.channels.telegram.address import Address
from bot.channels.telegram.arrival import Arrival
from bot.channels.telegram.checking import check_account
from bot.channels.telegram.client import BotApi, open_api
from bot.channels.telegram.errors import CALL_ERRORS, Refusal, send_error
from bot.channels.telegram.fields import integer, mapping, text
from bot.channels.telegram.items import ALLOWED_UPDATES, item_of_body, item_of_update
from bot.channels.telegram.limits import LARGEST_DOWNLOAD
from bot.channels.telegram.outgoing import as_document, call_of, edit_call_of
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.settings import Mode, TelegramCredentials
from core.errors import OutcomeUnknown, Refused, TryLater
from core.messages import Attachment

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - the header's name
MAX_CONNECTIONS: Final = 40
_PICTURE_TROUBLE: Final = ("photo_", "image_process_failed", "wrong type of the web page content")

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_telegram(opening: Opening) -> AsyncIterator["TelegramChannel"]:
    """The account's channel; its connections are closed with the context."""
    credentials = TelegramCredentials.model_validate(opening.credentials)
    token = credentials.bot_token.get_secret_value()
    async with open_api(token=token, api_url=credentials.api_url) as api:
        yield TelegramChannel(opening=opening, credentials=credentials, api=api)


class TelegramChannel:
    """Fulfils `Channel`, `Polling`, `Signalling`, `Preparing`, `Checking` and `Fetching` of bot/channel.py."""

    def __init__(
        self,
        *,
        opening: Opening,
        credentials: TelegramCredentials,
        api: BotApi,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._opening = opening
        self._mode = credentials.mode
        self._bot_id = credentials.bot_id
        self._bot_username = ""
        self._api = api
        self._jitter = jitter
        given = credentials.webhook_secret
        self._webhook_secret = opening.derived_secret if given is None else given.get_secret_value()
        self._log = log.bind(channel="telegram", account=opening.account)

    # The way in

    @property
    def polls(self) -> bool:
        return self._mode is Mode.POLLING

    async def receive(self, request: WebhookRequest) -> Received:
        """One update a request. Raises `Refused` 401 unless the secret header is ours (compared as bytes, CHANNELS.md 5)."""
        given = request.headers.get(SECRET_HEADER)
        if given is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "missing_secret")
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self._webhook_secret.encode()):
            raise Refused(HTTPStatus.UNAUTHORIZED, "wrong_secret")
        return Received(items=(item_of_body(request.body, arrival=self._arrival()),))

    async def poll(self, keep: Keep) -> None:
        """Fetch for ever, until cancelled. Raises `AccountStopped` on a dead token."""
        await Poller(api=self._api, account=self._opening.account, split=self._split).run(keep)

    def _split(self, update: Any) -> Item:
        return item_of_update(update, arrival=self._arrival())

    def _arrival(self) -> Arrival:
        return Arrival(at=self._opening.clock(), bot_id=self._bot_id, bot_username=self._bot_username)

    async def fetch(self, attachment: Attachment, *, limit_bytes: int) -> FileContent | None:
        """Download by `file_id`; None over the limit or 20 MB, and for a file that Telegram gave up."""
        limit = min(limit_bytes, LARGEST_DOWNLOAD)
        if attachment.reference is None or (attachment.size_bytes or 0) > limit:
            return None
        try:
            found = mapping(await self._api.call(GetFile(file_id=attachment.reference)))
            path = text(found.get("file_path"))
            if not path or (integer(found.get("file_size")) or 0) > limit:
                return None
            content = await self._api.download(path, limit_bytes=limit)
        except CALL_ERRORS as error:
            if isinstance(error, Refusal) and error.status == HTTPStatus.BAD_REQUEST:
                return None
            trouble = send_error(error)
            raise (TryLater(str(trouble)) if isinstance(trouble, OutcomeUnknown) else trouble) from None
        return None if content is None else _file(attachment, path=path, content=content)

    # The way out

    async def send(self, outbound: Outbound) -> Acceptance:
        """One call. Telegram has no idempotency key, so only an explicit no is ever repeated here (FIGURES.md B4)."""
        address = Address.of_thread(outbound.thread)
        call = call_of(outbound, address)
        try:
            result = mapping(await self._call_with_second_way(call))
        except CALL_ERRORS as error:
            if not (isinstance(error, Refusal) and error.done_already):
                raise self._jittered(send_error(error, address=address)) from None
            result = {}
        # 0 is the number of a message that the server scheduled; it names nothing.
        message_id = integer(result.get("message_id")) or None
        chat = integer(mapping(result.get("chat")).get("id")) or address.chat
        external_id = None if message_id is None else address.moved_to(chat).message(message_id)
        return Acceptance(external_id=external_id, at=self._opening.clock())

    async def edit(self, edit: Edit) -> None:
        address = Address.of_thread(edit.thread)
        await self._call_or_done(edit_call_of(edit, address))

    async def _call_with_second_way(self, call: TelegramMethod[Any]) -> Any:
        """Plain text once after a complaint about entities; a picture that cannot be shown as one goes as a file."""
        try:
            return await self._api.call(call)
        except Refusal as refusal:
            second = call if refusal.says("can't parse entities") else None
            if refusal.status == HTTPStatus.BAD_REQUEST and refusal.says(*_PICTURE_TROUBLE):
                second = as_document(call)
            if second is None:
                if refusal.says("too long", "can't parse"):
                    self._log.error("telegram_message_malformed", description=refusal.quote)
                raise
            self._log.warning("telegram_second_way", description=refusal.quote)
        return await self._api.call(second)

    def _jittered(self, error: Exception) -> Exception:
        """A flood limit ends for all of the bot's senders at once; they should not start together."""
        if isinstance(error, TryLater) and error.after_seconds is not None:
            error.after_seconds += self._jitter(0.0, 1.0)
        return error

    async def signal(self, signal: Signal) -> None:
        """Typing and the end of a button's spinner; Telegram has no "seen" for bots. A late press is a success."""
        if signal.kind is SignalKind.TYPING:
            address = Address.of_thread(signal.thread)
            call: TelegramMethod[Any] = SendChatAction(
                chat_id=address.chat,
                action="typing",
                business_connection_id=address.connection,
                message_thread_id=address.topic,
            )
        elif signal.kind is SignalKind.PRESS_RECEIVED and signal.reference:
            call = AnswerCallbackQuery(callback_query_id=signal.reference)
        else:
            return
        await self._call_or_done(call)

    async def _call_or_done(self, call: TelegramMethod[Any]) -> Any:
        try:
            return await self._api.call(call)
        except CALL_ERRORS as error:
            if isinstance(error, Refusal) and error.done_already:
                return None
            raise send_error(error) from None

    # The account

    async def prepare(self) -> None:
        """Learn the bot's name, then set or remove the webhook; what waits at Telegram stays. Raises `SendError` branches."""
        bot = mapping(await self._call_or_done(GetMe()))
        self._bot_username = text(bot.get("username"))
        if self._mode is Mode.POLLING:
            await self._call_or_done(DeleteWebhook(drop_pending_updates=False))
        elif self._opening.webhook_url is not None:
            await self._call_or_done(
                SetWebhook(
                    url=self._opening.webhook_url,
                    secret_token=self._webhook_secret,
                    max_connections=MAX_CONNECTIONS,
                    allowed_updates=list(ALLOWED_UPDATES),
                    drop_pending_updates=False,
                )
            )

    async def check(self) -> Sequence[Finding]:
        return await check_account(
            api=self._api, mode=self._mode, webhook_url=self._opening.webhook_url, now=self._opening.clock()
        )


def _file(attachment: Attachment, *, path: str, content: bytes) -> FileContent:
    name = attachment.name or path.rpartition("/")[2]
    guessed, _ = mimetypes.guess_type(path)
    return FileContent(
        content=content, media_type=attachment.media_type or guessed or "application/octet-stream", name=name
    )
