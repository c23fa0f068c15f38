"""How the Bot API says no (CHANNELS.md 1.6), and the names of these answers as faults."""

from typing import Any

from bot.simulator.connection import BROKEN_PROXY_PAGE, Answer
from bot.simulator.faults import Fault

REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

#: Fault name → status and the words after the reason.
NAMED: dict[str, tuple[int, str]] = {
    "chat_not_found": (400, "chat not found"),
    "cannot_parse_entities": (400, 'can\'t parse entities: Unsupported start tag "x" at byte offset 0'),
    "message_too_long": (400, "message is too long"),
    "file_too_big": (400, "file is too big"),
    "query_too_old": (400, "query is too old and response timeout expired or query ID is invalid"),
    "unauthorized": (401, ""),
    "blocked": (403, "bot was blocked by the user"),
    "deactivated": (403, "user is deactivated"),
    "cannot_initiate": (403, "bot can't initiate conversation with a user"),
    "kicked": (403, "bot was kicked from the supergroup chat"),
    "not_found": (404, ""),
    "other_poller": (409, "terminated by other getUpdates request; make sure that only one bot instance is running"),
    "entity_too_large": (413, ""),
    "server_error": (500, ""),
}
TELEGRAM_FAULTS = frozenset(NAMED) | {"too_many_requests", "migrated"}


class BotError(Exception):
    """A refusal; becomes `{"ok": false, "error_code", "description", "parameters"?}`."""

    def __init__(self, status: int, words: str = "", **parameters: Any) -> None:
        reason = REASONS.get(status, "Error")
        self.status = status
        self.description = f"{reason}: {words}" if words else reason
        self.parameters = parameters
        super().__init__(self.description)

    def as_answer(self) -> Answer:
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        headers: dict[str, str] = {}
        if self.parameters:
            body["parameters"] = self.parameters
        if "retry_after" in self.parameters:
            headers["Retry-After"] = str(self.parameters["retry_after"])
        return Answer(status=self.status, body=body, headers=headers)


def named_error(name: str) -> BotError:
    status, words = NAMED[name]
    return BotError(status, words)


def too_many_requests(retry_after: int) -> BotError:
    return BotError(429, f"retry after {retry_after}", retry_after=retry_after)


def refusal_of(fault: Fault) -> Answer | None:
    """The answer of a fault that refuses the call; None for one that lets it through (slow, lost answer)."""
    if fault.kind == "html_502":
        return Answer(status=502, body=BROKEN_PROXY_PAGE)
    if fault.kind == "lost_request":
        return Answer(lost=True)
    if fault.kind == "too_many_requests":
        return too_many_requests(fault.retry_after).as_answer()
    if fault.kind == "migrated":
        words = "group chat was upgraded to a supergroup chat"
        return BotError(400, words, migrate_to_chat_id=fault.migrate_to_chat_id).as_answer()
    if fault.kind == "error":
        return Answer(
            status=fault.status, body={"ok": False, "error_code": fault.status, "description": fault.description}
        )
    return named_error(fault.kind).as_answer() if fault.kind in NAMED else None
