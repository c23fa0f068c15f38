"""What Telegram's answers mean for the sender (CHANNELS.md 1.6). Knows neither aiogram nor the token.

Matched on the status first, on a few texts only where the table needs it. Sentences quote Telegram's description,
which names no secret; nothing is quoted from network errors, whose texts hold the URL and with it the token.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from bot.channels.telegram.address import Address
from core.errors import (
    AccountStopped,
    ConversationMoved,
    NotSendable,
    OutcomeUnknown,
    RecipientGone,
    SendError,
    TryLater,
    WindowClosed,
)

_LONGEST_QUOTE: Final = 200
_DONE_ALREADY: Final = ("message is not modified", "query is too old", "query id is invalid")
_NOBODY_THERE: Final = ("chat not found", "user not found", "peer_id_invalid", "bot was blocked", "user is deactivated")
_BUSINESS_WINDOW: Final = "business_peer_usage_missing"


class Refusal(Exception):
    """Telegram's answer `{"ok": false, …}`: an explicit no, nothing was taken. `retry_after` is in seconds."""

    def __init__(
        self,
        *,
        status: int,
        description: str = "",
        retry_after: float | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(f"{status} {description}")
        self.status = status
        self.description = description
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id

    def says(self, *words: str) -> bool:
        return any(word in self.description.lower() for word in words)

    @property
    def done_already(self) -> bool:
        """What was asked for is so, or too late to matter: success (table 1.6)."""
        return self.status == HTTPStatus.BAD_REQUEST and self.says(*_DONE_ALREADY)

    @property
    def quote(self) -> str:
        return self.description[:_LONGEST_QUOTE] or f"status {self.status}"


class UnreadableAnswer(Exception):
    """The answer was not the Bot API's JSON: an HTML page of a broken proxy, or half an answer."""

    def __init__(self, *, status: int) -> None:
        super().__init__(f"Status {status}, and no Bot API answer.")
        self.status = status


class ConnectionRefused(Exception):
    """No connection (name, address, TLS): the request was never written."""


class AnswerLost(Exception):
    """The connection ended, or time ran out, after the request may have been written."""


CallError = Refusal | UnreadableAnswer | ConnectionRefused | AnswerLost
CALL_ERRORS: Final = (Refusal, UnreadableAnswer, ConnectionRefused, AnswerLost)


def send_error(error: CallError, *, address: Address | None = None) -> SendError:
    """The branch that tells the caller what to do. `address` is the chat of the call, for a group that moved."""
    if isinstance(error, Refusal):
        return _refused(error, address=address)
    if isinstance(error, UnreadableAnswer):
        return _not_json(error.status)
    if isinstance(error, ConnectionRefused):
        return TryLater("Telegram cannot be reached.", scope="account")
    return OutcomeUnknown("The connection to Telegram ended before the answer came.")


def _refused(refusal: Refusal, *, address: Address | None) -> SendError:
    if refusal.migrate_to_chat_id is not None:
        moved = (address or Address(chat=0)).moved_to(refusal.migrate_to_chat_id)
        return ConversationMoved("The group became a supergroup with a new id.", thread=moved.thread)
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TryLater(f"Telegram is in trouble: {refusal.quote}.")
    return _BY_STATUS.get(refusal.status, _not_taken)(refusal)


def _bad_request(refusal: Refusal) -> SendError:
    if refusal.says(*_NOBODY_THERE):
        return RecipientGone(f"Telegram does not know this chat: {refusal.quote}.")
    if refusal.says(_BUSINESS_WINDOW):
        return WindowClosed("The customer did not write to the business account lately.")
    return _not_taken(refusal)


def _slow_down(refusal: Refusal) -> SendError:
    return TryLater("Telegram asks us to slow down.", after_seconds=refusal.retry_after, scope="account")


def _dead_token(refusal: Refusal) -> SendError:
    del refusal
    return AccountStopped("Telegram does not know the bot's token any more; get a new one from @BotFather.")


def _gone(refusal: Refusal) -> SendError:
    return RecipientGone(f"Telegram does not let the bot write to this chat: {refusal.quote}.")


def _other_program(refusal: Refusal) -> SendError:
    return TryLater(f"Another program uses this bot: {refusal.quote}.", scope="account")


def _not_taken(refusal: Refusal) -> SendError:
    return NotSendable(f"Telegram does not take this message: {refusal.quote}.")


_BY_STATUS: Final[Mapping[int, Callable[[Refusal], SendError]]] = {
    HTTPStatus.BAD_REQUEST: _bad_request,
    HTTPStatus.UNAUTHORIZED: _dead_token,
    HTTPStatus.FORBIDDEN: _gone,
    HTTPStatus.NOT_FOUND: _dead_token,
    HTTPStatus.CONFLICT: _other_program,
    HTTPStatus.TOO_MANY_REQUESTS: _slow_down,
}


def _not_json(status: int) -> SendError:
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return OutcomeUnknown("Telegram's answer could not be read.")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return NotSendable("The file is too big for Telegram.")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TryLater("Telegram asks us to slow down.", scope="account")
    # A proxy or firewall said no in Telegram's place, so even its 401 or 403 says nothing of our token or customer.
    return TryLater(f"What answered with status {status} is not the Bot API; is its address right?")
