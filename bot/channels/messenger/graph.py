"""The one place that calls the Graph API."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx

from bot.channels.messenger.errors import json_of, refusal, trouble, usages
from bot.channels.messenger.fields import mapping, number
from bot.channels.messenger.settings import VERSION, MessengerCredentials
from bot.channels.messenger.signature import appsecret_proof
from core.errors import OutcomeUnknown, TryLater

SLOW_DOWN_OVER: Final = 80.0
"""Percent of the Page's allowance; over it Meta refuses soon (CHANNELS.md 2.7)."""
LONGEST_PAUSE: Final = 2.0

Sleep = Callable[[float], Awaitable[None]]


class Graph:
    """Calls of one Page. The token travels in a header, never in an address; the proof is a parameter."""

    def __init__(
        self, *, credentials: MessengerCredentials, http: httpx.AsyncClient, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._http = http
        self._sleep = sleep
        self._root = f"{credentials.graph_url}/{VERSION}"
        self._page = credentials.page_id
        token, secret = credentials.page_token.get_secret_value(), credentials.app_secret.get_secret_value()
        self._headers = {"Authorization": f"Bearer {token}"}
        self._proof = appsecret_proof(secret, token)
        self._pause = 0.0

    async def send(
        self, arguments: Mapping[str, Any], *, files: Mapping[str, tuple[str, bytes, str]] | None = None
    ) -> dict[str, Any]:
        """`POST /{page}/messages`; after a warning of the usage header with a short pause before it.

        Raises a `SendError` branch for everything but an answer that can be read.
        """
        pause, self._pause = self._pause, 0.0
        if pause:
            await self._sleep(pause)
        if files:
            return await self._call("POST", f"{self._page}/messages", data=arguments, files=files)
        return await self._call("POST", f"{self._page}/messages", json=arguments)

    async def ask(self, edge: str = "", **parameters: str) -> dict[str, Any]:
        """`GET` about the Page; an answer that got lost may simply be asked for again (`TryLater`)."""
        return await self._repeatable("GET", self._path(edge), params=parameters)

    async def person(self, psid: str) -> dict[str, Any]:
        """The customer's profile, for apps that may read it."""
        return await self._repeatable(
            "GET", quote(psid, safe=""), params={"fields": "first_name,last_name,name,locale"}
        )

    async def tell(self, edge: str, **parameters: str) -> dict[str, Any]:
        """`POST` that may be repeated without harm (subscriptions)."""
        return await self._repeatable("POST", self._path(edge), params=parameters)

    def _path(self, edge: str) -> str:
        return f"{self._page}/{edge}".rstrip("/")

    async def _repeatable(self, method: str, path: str, *, params: Mapping[str, str]) -> dict[str, Any]:
        try:
            return await self._call(method, path, params=params)
        except OutcomeUnknown as error:
            raise TryLater(str(error)) from None

    async def _call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, **content: Any
    ) -> dict[str, Any]:
        parameters = {**(params or {}), "appsecret_proof": self._proof}
        # `from None`: what the client raises may hold the address and the headers.
        try:
            answer = await self._http.request(
                method,
                f"{self._root}/{path}",
                params=parameters,
                headers=self._headers,
                follow_redirects=False,
                **content,
            )
        except httpx.TransportError as error:
            raise trouble(error) from None
        except httpx.DecodingError:
            raise OutcomeUnknown("Facebook's answer cannot be unpacked.") from None
        self._heed(answer)
        if answer.status_code != HTTPStatus.OK:
            raise refusal(answer)
        found = json_of(answer)
        if not isinstance(found, dict):
            raise OutcomeUnknown("Facebook's answer cannot be read.")
        if "error" in found:
            raise refusal(answer)
        return found

    def _heed(self, answer: httpx.Response) -> None:
        """Over 80 % of the allowance the next send waits, up to two seconds at 100 %."""
        percent = max(usages(answer, _busiest), default=0.0)
        if percent > SLOW_DOWN_OVER:
            share = min((percent - SLOW_DOWN_OVER) / (100 - SLOW_DOWN_OVER), 1.0)
            self._pause = LONGEST_PAUSE * share


def _busiest(case: dict[str, Any]) -> float | None:
    figures = [number(mapping(case).get(key)) for key in ("call_count", "total_cputime", "total_time")]
    return max((figure for figure in figures if figure is not None), default=None)
