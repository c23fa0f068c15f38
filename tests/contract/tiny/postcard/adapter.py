"""The post office's counter: receive and send, nothing else."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import httpx

from bot.channel import Acceptance, Channel, Item, Opening, Outbound, Received, WebhookRequest
from core.errors import AccountStopped, NotSendable, OutcomeUnknown, RecipientGone, Refused, SendError, TryLater

from .parser import instant_of, thread_of
from .settings import PostcardCredentials

LONGEST: Final = 200


@asynccontextmanager
async def open_account(opening: Opening) -> AsyncIterator[Channel]:
    yield PostcardChannel(opening)


class PostcardChannel:
    def __init__(self, opening: Opening) -> None:
        assert isinstance(opening.credentials, PostcardCredentials)
        self._credentials = opening.credentials
        self._http = opening.http
        self._clock = opening.clock

    async def receive(self, request: WebhookRequest) -> Received:
        stamp = self._credentials.stamp.get_secret_value().encode()
        right = hmac.new(stamp, request.body, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(right, request.headers.get("x-postcard-stamp", "").encode("latin-1", "replace")):
            raise Refused(HTTPStatus.FORBIDDEN, "wrong_stamp")
        cards = _cards(request.body)
        return Received(items=list({item.dedup_key: item for item in map(_item, cards)}.values()))

    async def send(self, outbound: Outbound) -> Acceptance:
        if len(outbound.text) > LONGEST:
            raise NotSendable("The text does not fit on a postcard.")
        try:
            answer = await self._http.post(
                f"{self._credentials.url}/cards",
                json={"to": outbound.thread, "words": outbound.text},
                headers={"Authorization": f"Bearer {self._credentials.token.get_secret_value()}"},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TryLater("The post office is closed.") from error
        except httpx.TransportError as error:
            raise OutcomeUnknown("The post office did not say whether it took the card.") from error
        if answer.status_code != HTTPStatus.OK:
            raise _refusal(answer)
        return Acceptance(external_id=str(answer.json()["number"]), at=self._clock())


def _cards(body: bytes) -> list[Any]:
    try:
        delivered = json.loads(body)
    except (ValueError, RecursionError):
        return [body.decode("latin-1")]
    cards = delivered.get("cards") if isinstance(delivered, dict) else None
    return cards if isinstance(cards, list) and cards else [delivered]


def _item(card: Any) -> Item:
    digest = hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()
    return Item(dedup_key=digest, thread=thread_of(card), at=instant_of(card), body=card)


def _refusal(answer: httpx.Response) -> SendError:
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return TryLater("Too many cards.", after_seconds=float(answer.headers.get("retry-after", 1)), scope="account")
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return AccountStopped("The post office does not know us any more.")
    if answer.status_code == HTTPStatus.GONE:
        return RecipientGone("Nobody lives there any more.")
    return NotSendable(f"The post office refused the card ({answer.status_code}).")
