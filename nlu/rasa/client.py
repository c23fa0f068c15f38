"""Rasa's HTTP interface, as much of it as is needed. The token goes into the URL (Rasa reads it nowhere else), so no
URL ever leaves this file: not in an error, not in a log.
"""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr

from core.errors import ModelUnavailable, SettingMistake
from knowledge_base.wording import MOST_CHARACTERS
from nlu.rasa.ranking import Ranking

PARSE_SECONDS: Final = 2.0
"""A customer waits; the built-in engine takes over after it."""
_LOAD_SECONDS: Final = 300.0
_MOST_AT_ONCE: Final = 4
"""Rasa parses one after the other; what is beyond waits here instead of in its queue."""


class RasaUnavailable(ModelUnavailable):
    """Rasa did not answer, or not as Rasa does: go on with the built-in engine."""


class RasaClient:
    """One Rasa server. Every method raises `RasaUnavailable` when it does not do what it is asked."""

    def __init__(
        self, *, http: httpx.AsyncClient, url: str, token: SecretStr | None, parse_seconds: float = PARSE_SECONDS
    ) -> None:
        """Raises SettingMistake for an address that is none, and for a missing token: whoever reaches an unprotected
        Rasa can load a model into it, which is to run a program (CVE-2024-49375).
        """
        address = httpx.URL(url) if url.startswith(("http://", "https://")) else None
        if address is None or not address.host or address.userinfo:
            raise SettingMistake("REPLYDESK_RASA_URL must look like http://127.0.0.1:5005.")
        if token is None or not token.get_secret_value():
            raise SettingMistake("REPLYDESK_RASA_TOKEN is missing: Rasa is only spoken to with a token.")
        self.host = address.host
        self._http, self._url, self._token = http, str(address).rstrip("/"), token
        self._parse_seconds = parse_seconds
        self._at_once = asyncio.Semaphore(_MOST_AT_ONCE)

    async def parse(self, text: str) -> Ranking:
        """The intents of a text, best first; none, without asking, for a blank one. Any text is safe."""
        whole = text[:MOST_CHARACTERS].encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
        if not whole:
            return Ranking()
        try:
            async with asyncio.timeout(self._parse_seconds), self._at_once:
                answer = await self._ask("POST", "/model/parse", json={"text": whole}, seconds=self._parse_seconds)
        except TimeoutError:
            raise RasaUnavailable(f"Rasa did not answer within {self._parse_seconds:g} s.") from None
        try:
            return Ranking.of_parse(answer.json())
        except ValueError as error:
            raise RasaUnavailable(f"Rasa's answer cannot be read. {error}") from None

    async def loaded_model(self) -> str | None:
        """The file name of the model that serves; None where none is loaded yet."""
        answer = await self._ask("GET", "/status", accepted=(HTTPStatus.OK, HTTPStatus.CONFLICT))
        if answer.status_code == HTTPStatus.CONFLICT:
            return None
        try:
            found = answer.json().get("model_file")
        except (ValueError, AttributeError):
            raise RasaUnavailable("Rasa's status cannot be read.") from None
        return Path(str(found)).name if found else None

    async def load_model(self, path: Path) -> None:
        """Swap to a model file on Rasa's own disk; the old one serves until the new one is loaded."""
        body: dict[str, Any] = {"model_file": str(path)}
        await self._ask("PUT", "/model", json=body, seconds=_LOAD_SECONDS, accepted=(HTTPStatus.NO_CONTENT,))

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        json: dict[str, Any] | None = None,
        seconds: float = PARSE_SECONDS,
        accepted: tuple[HTTPStatus, ...] = (HTTPStatus.OK,),
    ) -> httpx.Response:
        token = {"token": self._token.get_secret_value()}
        try:
            answer = await self._http.request(method, self._url + path, params=token, json=json, timeout=seconds)
        except httpx.TimeoutException:
            raise RasaUnavailable(f"Rasa did not answer within {seconds:g} s.") from None
        except httpx.HTTPError as error:
            raise RasaUnavailable(f"Rasa cannot be reached ({type(error).__name__}).") from None
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise RasaUnavailable("Rasa does not accept REPLYDESK_RASA_TOKEN.")
        if answer.status_code not in accepted:
            raise RasaUnavailable(f"Rasa answered {answer.status_code} to {method} {path}.")
        return answer
