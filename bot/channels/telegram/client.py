"""Calls the Bot API through aiogram, and tells precisely how a call failed.

aiogram validates answers against its own types and drops the status of what is not JSON. Here answers stay the raw
JSON that came, so that no shape Telegram invents can turn a message that was taken into an error, or one odd update
into a batch that never passes (aiogram#1840, CHANNELS.md 1.4).
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import Response, TelegramMethod
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponseError,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
)

from bot.channels.telegram.errors import AnswerLost, ConnectionRefused, Refusal, UnreadableAnswer
from bot.channels.telegram.fields import integer, mapping, number, text

CONNECT_SECONDS: Final = 10.0
"""For the name, the connection and TLS together: so long nothing was written, and a failure is no doubt."""
ANSWER_SECONDS: Final = 30.0
IDLE_SECONDS: Final = 4.0
"""An idle connection is given up before the server does it: a POST into a closing connection would be in doubt."""


class _RawSession(AiohttpSession):
    """aiogram's HTTP session with our own reading of answers."""

    def __init__(self, *, api: TelegramAPIServer) -> None:
        super().__init__(api=api)
        self._connector_init["keepalive_timeout"] = IDLE_SECONDS

    def check_response(self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str) -> Response[Any]:
        """The raw result. Raises `Refusal` for an explicit no, `UnreadableAnswer` for what is not the Bot API's JSON."""
        del bot, method
        answer = _json_object(content)
        if answer.get("ok") is True and 200 <= status_code < 300 and "result" in answer:
            return Response[Any].model_construct(ok=True, result=answer["result"])
        refused = status_code if status_code >= 300 else integer(answer.get("error_code")) or 0
        if answer.get("ok") is not False or refused < 300:
            raise UnreadableAnswer(status=status_code)
        parameters = mapping(answer.get("parameters"))
        raise Refusal(
            status=refused,
            description=text(answer.get("description")),
            retry_after=number(parameters.get("retry_after")),
            migrate_to_chat_id=integer(parameters.get("migrate_to_chat_id")),
        )


class BotApi:
    """One bot's calls. Raises the errors of `errors.CALL_ERRORS` and nothing else; none holds the token."""

    def __init__(self, *, bot: Bot) -> None:
        self._bot = bot

    async def call(self, method: TelegramMethod[Any], *, answer_seconds: float = ANSWER_SECONDS) -> Any:
        """The `result` as JSON. `answer_seconds` is for the whole call, connecting included."""
        limit = ClientTimeout(total=answer_seconds, connect=CONNECT_SECONDS)
        try:
            return await self._bot.session(self._bot, method, timeout=limit)  # type: ignore[arg-type]
        except TelegramNetworkError as error:
            # The cause's text holds the URL, and the URL the token: it is dropped, not chained.
            raise _network_error(error.__cause__) from None
        except (OSError, UnicodeError):
            raise AnswerLost from None

    async def download(self, path: str, *, limit_bytes: int) -> bytes | None:
        """The file at a `file_path`; None when it is bigger than the limit or not there any more."""
        url = self._bot.session.api.file_url(self._bot.token, path)
        content = bytearray()
        try:
            async with aclosing(self._bot.session.stream_content(url)) as chunks:
                async for chunk in chunks:
                    content += chunk
                    if len(content) > limit_bytes:
                        return None
        except ClientResponseError as error:
            if error.status in (400, 404, 410):
                return None
            raise UnreadableAnswer(status=error.status) from None
        except (ClientError, OSError):
            raise ConnectionRefused from None
        return bytes(content)


def _json_object(content: str) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(content))
    except (ValueError, RecursionError):
        return {}


def _network_error(cause: BaseException | None) -> ConnectionRefused | AnswerLost:
    never_written = isinstance(cause, ClientConnectorError | ConnectionTimeoutError | InvalidURL)
    return ConnectionRefused() if never_written else AnswerLost()


@asynccontextmanager
async def open_api(*, token: str, api_url: str) -> AsyncIterator[BotApi]:
    """The calls of the bot with that token, at the Bot API server with that address."""
    session = _RawSession(api=TelegramAPIServer.from_base(api_url))
    try:
        yield BotApi(bot=Bot(token, session=session))
    finally:
        await session.close()
