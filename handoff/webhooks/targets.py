"""Where a webhook may go: public addresses only. The address is looked up once, checked, and that very one is called."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from core.errors import UserMistake

_LONGEST: Final = 2000
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""NAT64: the last 32 bits are the IPv4 address that is called."""
Judge = Callable[[str], bool]
"""Whether an IP address may be called."""


class Unreachable(Exception):
    """The target cannot or must not be called; `str(error)` is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked address: `url` names the IP, `host` what the server is called (Host header and certificate)."""

    url: str
    host: str
    server_name: str


def is_public(address: str) -> bool:
    """False for every address of one's own machine or network, and for those that mean several machines."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    return found.is_global and not found.is_multicast


def check_url(url: str) -> str:
    """Raises `UserMistake` for what is not an http or https address, or carries a password."""
    try:
        parts = urlsplit(url.strip())
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or len(url) > _LONGEST:
        raise UserMistake("url: must be an http or https address.")
    if parts.username or parts.password:
        raise UserMistake("url: must not carry a user name or password.")
    if not may_be_public(parts.hostname or ""):
        raise UserMistake("url: lies inside a private network, where webhooks never go.")
    return url.strip()


def may_be_public(host: str) -> bool:
    """False for what is private without asking a name server: `localhost`, and addresses however they are spelled."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return False
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return True  # a name: it is looked up and judged at each call
    return all(is_public(str(entry[4][0])) for entry in found)


async def look_up(url: str, *, may_call: Judge = is_public) -> Target:
    """The target with its address looked up now. Raises `Unreachable`, also where any of its addresses is forbidden."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable("The host name cannot be found.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(may_call(address) for address in addresses):
        raise Unreachable("The address lies inside a private network, where webhooks never go.")
    ip = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    query = f"?{parts.query}" if parts.query else ""
    return Target(
        url=f"{parts.scheme}://{ip}:{port}{parts.path or '/'}{query}",
        host=host if parts.port is None else f"{host}:{port}",
        server_name=host,
    )
