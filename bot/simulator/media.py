"""Files in memory: what customers send, what the product uploads, and small built-in samples."""

import secrets
import struct
import zlib
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class FetchFailedError(Exception):
    """A file could not be fetched from its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    id: str
    name: str
    mime: str
    data: bytes

    @property
    def path(self) -> str:
        """Where the simulator serves it."""
        return f"/media/{self.id}/{quote(self.name)}"


class MediaStore:
    """Files by id. Foreign addresses are never fetched, only loopback ones (the product's own)."""

    def __init__(self, *, client: httpx.AsyncClient) -> None:
        self._files: dict[str, StoredFile] = {}
        self._client = client

    def keep(self, data: bytes, *, name: str, mime: str) -> StoredFile:
        stored = StoredFile(id=secrets.token_urlsafe(12), name=name or "file", mime=mime, data=data)
        self._files[stored.id] = stored
        return stored

    def find(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    async def fetch(self, url: str) -> StoredFile | None:
        """The file at a loopback address, None for a foreign address (accepted unseen). Raises FetchFailedError."""
        if urlsplit(url).hostname not in LOOPBACK:
            return None
        try:
            answer = await self._client.get(url)
        except httpx.HTTPError as error:
            raise FetchFailedError(url) from error
        if answer.status_code != httpx.codes.OK:
            raise FetchFailedError(url)
        mime = answer.headers.get("content-type", "application/octet-stream").partition(";")[0]
        return self.keep(answer.content, name=urlsplit(url).path.rpartition("/")[2], mime=mime)


def sample_picture(*, width: int = 320, height: int = 220, hue: int = 0) -> bytes:
    """A PNG with a soft two-colour gradient: enough to look like a photo."""
    palettes = (
        ((255, 196, 140), (120, 110, 200)),
        ((150, 220, 200), (60, 120, 170)),
        ((250, 214, 220), (170, 110, 150)),
    )
    top, bottom = palettes[hue % len(palettes)]
    rows = bytearray()
    for line in range(height):
        colour = bytes(round(start + (end - start) * line / height) for start, end in zip(top, bottom, strict=True))
        rows += b"\0" + colour * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sample_voice(*, seconds: int = 2) -> bytes:
    """A silent WAV of so many seconds, 8 kHz mono: something that a browser can play."""
    samples = bytes([128]) * (8000 * seconds)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(samples))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
        + b"data"
        + struct.pack("<I", len(samples))
        + samples
    )
