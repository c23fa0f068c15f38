"""Downloads: from the open internet only, to the checked address, never more than asked for."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.channels.messenger.media import Download, is_public, resolve_host
from bot.channels.messenger.tests.conftest import Desk
from core.errors import TryLater
from core.messages import Attachment, AttachmentKind

PUBLIC = "93.184.215.14"


def picture(url: str | None) -> Attachment:
    return Attachment(kind=AttachmentKind.PICTURE, url=url)


class Internet:
    """Names with their addresses, and what lies behind every URL."""

    def __init__(self) -> None:
        self.addresses = {
            "cdn.example": [PUBLIC],
            "inside.example": ["10.0.0.7"],
            "both.example": [PUBLIC, "127.0.0.1"],
        }
        self.answers: dict[str, httpx.Response] = {}
        self.requests: list[httpx.Request] = []

    async def resolve(self, host: str, _port: int) -> list[str]:
        host.encode("idna")
        return self.addresses.get(host, [host])

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers[f"{request.headers['host']}{request.url.path}"]


@pytest.fixture
def internet() -> Internet:
    return Internet()


@pytest.fixture
async def download(internet: Internet) -> AsyncIterator[Download]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(internet.answer)) as http:
        yield Download(http=http, trusted="graph.example", resolve=internet.resolve)


async def test_a_file_comes_from_the_checked_address_under_its_own_name(internet: Internet, download: Download) -> None:
    internet.answers["cdn.example/a/cup.jpg"] = httpx.Response(
        200, content=b"cup", headers={"content-type": "image/jpeg; q"}
    )
    found = await download.fetch(picture("https://cdn.example/a/cup.jpg?oh=secret"), limit_bytes=10)
    assert found is not None
    assert (found.content, found.media_type, found.name) == (b"cup", "image/jpeg", "cup.jpg")
    [request] = internet.requests
    assert (request.url.host, request.extensions["sni_hostname"]) == (PUBLIC, "cdn.example")


@pytest.mark.parametrize(
    "url",
    [
        None,
        "http://cdn.example/a.jpg",
        "ftp://cdn.example/a.jpg",
        "file:///etc/passwd",
        "https://user:word@cdn.example/a.jpg",
        "https://cdn.example:8443/a.jpg",
        "https://inside.example/a.jpg",
        "https://both.example/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://127.0.0.1:9998/a.jpg",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a.jpg",
        "https://[::ffff:10.0.0.1]/a.jpg",
        "https://0.0.0.0/a.jpg",
        "https:///a.jpg",
        "//cdn.example/a.jpg",
        "https://[",
        f"https://{'x' * 70}.example/a.jpg",
        "not an address",
    ],
)
async def test_nothing_inside_is_ever_called(internet: Internet, download: Download, url: str | None) -> None:
    assert await download.fetch(picture(url), limit_bytes=10) is None
    assert internet.requests == []


async def test_a_redirect_inside_is_not_followed(internet: Internet, download: Download) -> None:
    location = {"location": "https://inside.example/admin"}
    internet.answers["cdn.example/a"] = httpx.Response(302, headers=location)
    assert await download.fetch(picture("https://cdn.example/a"), limit_bytes=10) is None
    assert len(internet.requests) == 1


async def test_a_redirect_to_the_same_server_is_followed_but_not_for_ever(
    internet: Internet, download: Download
) -> None:
    internet.answers["cdn.example/a"] = httpx.Response(302, headers={"location": "/b"})
    internet.answers["cdn.example/b"] = httpx.Response(200, content=b"b")
    found = await download.fetch(picture("https://cdn.example/a"), limit_bytes=10)
    assert found is not None
    assert found.content == b"b"
    internet.answers["cdn.example/b"] = httpx.Response(302, headers={"location": "/a"})
    assert await download.fetch(picture("https://cdn.example/a"), limit_bytes=10) is None


@pytest.mark.parametrize("location", ["https://[", "https://inside.example:99999999/"])
async def test_a_redirect_to_nonsense_is_a_file_that_is_gone(
    internet: Internet, download: Download, location: str
) -> None:
    internet.answers["cdn.example/a"] = httpx.Response(302, headers=[(b"location", location.encode("latin-1"))])
    assert await download.fetch(picture("https://cdn.example/a"), limit_bytes=10) is None


async def test_a_name_that_does_not_exist_has_no_address() -> None:
    assert await resolve_host("nobody.invalid", 443) == []


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
async def test_no_more_than_the_limit_is_kept(internet: Internet, download: Download, size: int, *, fits: bool) -> None:
    internet.answers["cdn.example/a"] = httpx.Response(200, content=b"x" * size)
    found = await download.fetch(picture("https://cdn.example/a"), limit_bytes=10)
    assert (found is not None) == fits


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_link_that_expired_is_gone_for_good(internet: Internet, download: Download, status: int) -> None:
    internet.answers["cdn.example/a"] = httpx.Response(status)
    assert await download.fetch(picture("https://cdn.example/a"), limit_bytes=10) is None


async def test_passing_trouble_is_tried_later(internet: Internet, download: Download) -> None:
    internet.answers["cdn.example/a"] = httpx.Response(503)
    with pytest.raises(TryLater):
        await download.fetch(picture("https://cdn.example/a"), limit_bytes=10)


async def test_a_picture_of_the_simulator_is_fetched_from_this_machine(desk: Desk) -> None:
    desk.customer.photo(b"\x89PNG photo")
    [shown] = [shown for shown in desk.customer.screen.messages.values() if shown.pictures]
    url = desk.simulator.base_url + shown.pictures[0].url
    found = await desk.channel.fetch(picture(url), limit_bytes=100)
    assert found is not None
    assert (found.content, found.media_type) == (b"\x89PNG photo", "image/png")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:4700::1111", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("nonsense", False),
    ],
)
def test_which_addresses_are_public(address: str, *, public: bool) -> None:
    assert is_public(address) == public
