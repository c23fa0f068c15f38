"""What Graph's refusals mean (CHANNELS.md 2.6): matched on code and subcode, never on words, which are translated."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx

from bot.channels.messenger.fields import mapping, number
from core.errors import (
    AccountStopped,
    ElsewhereOwned,
    NotSendable,
    OutcomeUnknown,
    RecipientGone,
    SendError,
    TryLater,
    WindowClosed,
)

USAGE_HEADER: Final = "x-business-use-case-usage"

_ELSEWHERE: Final = 2018300
_WINDOW: Final = "The 24 hours after the customer's last message are over."
_PERMISSION: Final = "Facebook says that this Page's token lacks a permission."
_GONE: Final = "This person cannot be reached any more."
_MEDIA: Final = "Facebook could not take the file."

_FINAL: Final[Mapping[tuple[int, int | None], tuple[type[SendError], str]]] = {
    (10, 2018278): (WindowClosed, _WINDOW),
    (10, 2534022): (WindowClosed, _WINDOW),
    (10, 2018108): (NotSendable, "This person cannot receive messages now."),
    (10, 1893063): (AccountStopped, "Facebook has restricted this Page from sending messages."),
    (10, None): (AccountStopped, _PERMISSION),
    (200, None): (AccountStopped, _PERMISSION),
    (230, None): (AccountStopped, _PERMISSION),
    (100, 2018001): (RecipientGone, "Facebook knows nobody under this id."),
    (100, 2018008): (NotSendable, _MEDIA),
    (100, 2018047): (NotSendable, _MEDIA),
    (100, 2018109): (NotSendable, "The file is too large for Messenger."),
    (100, 33): (NotSendable, "What this message is about does not exist any more, or may not be seen."),
    (190, None): (AccountStopped, "Facebook does not accept the Page's token any more; a new one is needed."),
    (368, None): (AccountStopped, "Facebook stopped this Page from sending because it judged its messages abusive."),
    (551, None): (RecipientGone, _GONE),
    (9000001, None): (RecipientGone, _GONE),
}
_BUSY_ACCOUNT: Final = frozenset({4, 32, 613, 80006})
"""Rates of the app or the Page: everybody has to wait."""
_TEMPORARY: Final = frozenset({1, 2})


def refusal(answer: httpx.Response) -> SendError:
    """The branch for an answer other than success; the sentence holds Graph's numbers, never its words."""
    error = error_in(answer)
    code, subcode = _whole(error.get("code")), _whole(error.get("error_subcode"))
    if subcode == _ELSEWHERE:
        return ElsewhereOwned(f"Another app has this conversation {_numbers(code, subcode)}.")
    if code in _BUSY_ACCOUNT or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        words = f"Facebook asks this Page to slow down {_numbers(code, subcode)}."
        return TryLater(words, after_seconds=_regained_after(answer), scope="account")
    if code in _TEMPORARY or error.get("is_transient") is True:
        return TryLater(f"Facebook has passing trouble {_numbers(code, subcode)}.")
    known = _FINAL.get((code, subcode)) or _FINAL.get((code, None)) if code is not None else None
    if known is not None:
        return known[0](f"{known[1].removesuffix('.')} {_numbers(code, subcode)}.")
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or code is None:
        return TryLater(f"Facebook is out of order (HTTP {answer.status_code}).")
    return NotSendable(f"Facebook refused this message {_numbers(code, subcode)}.")


def trouble(error: httpx.TransportError) -> SendError:
    """The branch for a call that ended without an answer: unknown unless it surely never reached the platform."""
    name = type(error).__name__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        return TryLater(f"Facebook cannot be reached ({name}).")
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return AccountStopped(f"The call to Facebook cannot be made with these settings ({name}).")
    return OutcomeUnknown(f"Facebook did not say whether it took the message ({name}).")


def error_in(answer: httpx.Response) -> dict[str, Any]:
    """The `error` object of an answer, empty where there is none."""
    return mapping(mapping(json_of(answer)).get("error"))


def json_of(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def usages(answer: httpx.Response, read: Callable[[dict[str, Any]], float | None]) -> list[float]:
    """One figure of every use case in the usage header (CHANNELS.md 2.7); empty without a readable header."""
    try:
        by_page = mapping(httpx.Response(200, content=answer.headers.get(USAGE_HEADER, "")).json())
    except (ValueError, RecursionError):
        return []
    cases = [mapping(case) for found in by_page.values() if isinstance(found, list) for case in found]
    return [value for value in map(read, cases) if value is not None]


def _regained_after(answer: httpx.Response) -> float | None:
    """Seconds until the Page may call again, as the usage header estimates (it counts minutes)."""
    minutes = usages(answer, lambda case: number(case.get("estimated_time_to_regain_access")))
    longest = max(minutes, default=0.0)
    return longest * 60 if longest > 0 else None


def _whole(value: Any) -> int | None:
    """A code as number, also from digits in a text."""
    found = number(int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 16 else value)
    return None if found is None else int(found)


def _numbers(code: int | None, subcode: int | None) -> str:
    return f"({code}/{subcode})" if subcode is not None else f"({code})" if code is not None else "(HTTP 429)"
