"""Downloads what customers attach, from public addresses only and never more than asked for (FIGURES.md C1, SSRF).

The address is resolved once, every address behind it must be public, and the connection goes to the checked one: a name
that resolves differently the second time gains nothing. Redirects are followed by the same rules.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from bot.channel import FileContent
from core.errors import TryLater
from core.messages import Attachment

MOST_REDIRECTS: Final = 3
LONGEST: Final = 30.0
"""Seconds for one download, whatever its size."""
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve_host(host: str, port: int) -> list[str]:
    """All addresses of a host name, as text; none for a name that does not exist.

    Raises `OSError` when nobody can tell now, `UnicodeError` for what can be no name.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            return []
        raise
    return [str(address[4][0]) for address in found]


class Download:
    """`trusted` is the host of Graph itself, which may be a fake on this machine: it is called as it is."""

    def __init__(self, *, http: httpx.AsyncClient, trusted: str, resolve: Resolve = resolve_host) -> None:
        self._http = http
        self._trusted = trusted
        self._resolve = resolve

    async def fetch(self, attachment: Attachment, *, limit_bytes: int) -> FileContent | None:
        """The file, or None where the address is not allowed, or it is too big or gone. Raises `TryLater`."""
        url = attachment.url
        try:
            async with asyncio.timeout(LONGEST):
                for _ in range(MOST_REDIRECTS + 1):
                    found = await self._step(url, attachment, limit_bytes) if url else None
                    if not isinstance(found, str):
                        return found
                    url = found
        except (httpx.InvalidURL, UnicodeError):
            return None
        except (TimeoutError, OSError, httpx.HTTPError) as error:
            raise TryLater(f"The attachment cannot be fetched now ({type(error).__name__}).") from None
        return None

    async def _step(self, url: str, attachment: Attachment, limit_bytes: int) -> FileContent | str | None:
        """The file, the address it moved to, or None."""
        request = await self._request(url)
        if request is None:
            return None
        answer = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            if answer.has_redirect_location:
                return str(httpx.URL(url).join(answer.headers["location"]))
            if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise TryLater(f"The attachment's server is out of order (HTTP {answer.status_code}).")
            if answer.status_code != HTTPStatus.OK:
                return None
            content = await _read(answer, limit_bytes)
        finally:
            await answer.aclose()
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip() or "application/octet-stream"
        return (
            None
            if content is None
            else FileContent(content=content, media_type=media_type, name=_name(url, attachment))
        )

    async def _request(self, url: str) -> httpx.Request | None:
        try:
            address = httpx.URL(url)
            allowed = address.scheme == "https" and not address.userinfo and address.port is None
        except (httpx.InvalidURL, ValueError):
            return None
        if address.host == self._trusted and address.scheme in {"http", "https"}:
            return self._http.build_request("GET", address)
        if not allowed or not address.host:
            return None
        found = await self._resolve(address.host, 443)
        if not found or not all(map(is_public, found)):
            return None
        return self._http.build_request(
            "GET",
            address.copy_with(host=found[0]),
            headers={"Host": address.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": address.raw_host.decode("ascii")},
        )


def is_public(address: str) -> bool:
    """Whether an IP address is on the open internet, seen through IPv6 forms that hold an IPv4 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


async def _read(answer: httpx.Response, limit_bytes: int) -> bytes | None:
    """The body, or None as soon as it is more than the limit."""
    content = bytearray()
    async for part in answer.aiter_bytes():
        content.extend(part)
        if len(content) > limit_bytes:
            return None
    return bytes(content)


def _name(url: str, attachment: Attachment) -> str:
    return attachment.name or unquote(urlsplit(url).path.rpartition("/")[2]) or attachment.kind.value
