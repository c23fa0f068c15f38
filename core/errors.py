"""The errors of the house; each branch tells the caller what to do.

ReplydeskError                  one plain sentence for whoever made the mistake or has to mend it
├── UserMistake                 the person at the command line or the API must change the input (exit 2, HTTP 422)
│   └── SettingMistake          a setting is unknown or unreadable
├── NotSignedIn                 nobody, or nobody we know, is asking (HTTP 401)
├── TooManyTries                wait `after_seconds` and try again (HTTP 429)
├── NotFound                    what was asked for does not exist (HTTP 404)
├── NotAllowed                  it exists and is somebody else's, or the role does not reach (HTTP 403)
├── Conflict                    somebody was quicker; read again and decide again (HTTP 409)
├── Refused                     a webhook that is not the platform's (HTTP 401, 403 or 413); nothing is stored
├── Unreadable                  a stored item that no parser can read; becomes a dead letter
├── ModelUnavailable            no embedding model; go on lexically and say so
└── SendError                   the platform did not take a message
    ├── TryLater                wait (`after_seconds`, `scope`: the recipient or the whole account) and repeat
    ├── RecipientGone           final: the person cannot be reached any more
    ├── NotSendable             final for this message: too old, too long, not allowed
    │   ├── WindowClosed        the platform's window is over; only a person may go on
    │   └── ElsewhereOwned      another app has the thread; a person answers there
    ├── ConversationMoved       the thread has a new key; rewrite it and repeat
    ├── AccountStopped          the token is dead or a permission is missing: stop the account, alarm, keep the queue
    └── OutcomeUnknown          the request went out and no answer came back: in doubt
"""

from http import HTTPStatus
from typing import Literal


class ReplydeskError(Exception):
    """Base of all expected errors. `str(error)` is one sentence without secrets."""

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR


class UserMistake(ReplydeskError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class SettingMistake(UserMistake):
    pass


class NotSignedIn(ReplydeskError):
    status = HTTPStatus.UNAUTHORIZED


class TooManyTries(ReplydeskError):
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, message: str, *, after_seconds: int) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds


class NotFound(ReplydeskError):
    status = HTTPStatus.NOT_FOUND


class NotAllowed(ReplydeskError):
    status = HTTPStatus.FORBIDDEN


class Conflict(ReplydeskError):
    status = HTTPStatus.CONFLICT


class Refused(ReplydeskError):
    """A webhook request that must leave no trace but a counter.

    `status` is the HTTP status to answer; `reason` the counter's label.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(f"Webhook refused: {reason}.")
        self.status = status
        self.reason = reason


class Unreadable(ReplydeskError):
    pass


class ModelUnavailable(ReplydeskError):
    pass


class SendError(ReplydeskError):
    status = HTTPStatus.BAD_GATEWAY


class TryLater(SendError):
    """Explicitly not taken; safe to repeat after `after_seconds` (None: the sender's own backoff).

    `scope` says what has to wait: only this recipient or the whole account.
    """

    def __init__(
        self, message: str, *, after_seconds: float | None = None, scope: Literal["recipient", "account"] = "recipient"
    ) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds
        self.scope = scope


class RecipientGone(SendError):
    pass


class NotSendable(SendError):
    pass


class WindowClosed(NotSendable):
    pass


class ElsewhereOwned(NotSendable):
    pass


class ConversationMoved(SendError):
    """The platform moved the thread to `thread` (a Telegram group became a supergroup)."""

    def __init__(self, message: str, *, thread: str) -> None:
        super().__init__(message)
        self.thread = thread


class AccountStopped(SendError):
    pass


class OutcomeUnknown(SendError):
    pass
