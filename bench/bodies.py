"""Webhooks as the platforms send them, each with an id of its own, ready to write to a socket."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

FIRST_CUSTOMER: Final = 100_000_000
CUSTOMERS: Final = 1000
_ids = count(int(time.time()) * 1000)


def telegram_requests(
    *, path: str, secret: str, texts: Sequence[str], customers: int = CUSTOMERS, first_customer: int = FIRST_CUSTOMER
) -> Iterator[bytes]:
    """One message a request, the customers in turn, for ever."""
    for number in count():
        customer = first_customer + number % customers
        body = json.dumps(telegram_update(customer, texts[number % len(texts)])).encode()
        yield _request(path, body, f"X-Telegram-Bot-Api-Secret-Token: {secret}")


def telegram_update(customer: int, text: str) -> dict[str, Any]:
    identity = next(_ids)
    person = {"id": customer, "first_name": "Anna", "username": f"person_{customer}"}
    return {
        "update_id": identity,
        "message": {
            "message_id": identity,
            "from": {**person, "is_bot": False, "language_code": "en"},
            "chat": {**person, "type": "private"},
            "date": int(time.time()),
            "text": text,
        },
    }


def messenger_requests(*, path: str, app_secret: str, page: str, texts: Sequence[str]) -> Iterator[bytes]:
    """One signed message a request, the customers in turn, for ever."""
    for number in count():
        now = int(time.time() * 1000)
        event = {
            "sender": {"id": str(FIRST_CUSTOMER + number % CUSTOMERS)},
            "recipient": {"id": page},
            "timestamp": now,
            "message": {"mid": f"m_{next(_ids)}", "text": texts[number % len(texts)]},
        }
        body = json.dumps({"object": "page", "entry": [{"id": page, "time": now, "messaging": [event]}]}).encode()
        digest = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
        yield _request(path, body, f"X-Hub-Signature-256: sha256={digest}")


def _request(path: str, body: bytes, header: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{header}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
