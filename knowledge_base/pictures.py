"""Pictures that go with answers: PNG and JPEG, which every platform shows."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import UserMistake
from core.models import StoredFile
from core.text import storable
from knowledge_base.revision import insert_into

PICTURE_BYTES: Final = 5_000_000
PICTURE_SIDES: Final = 10_000
"""Width and height together, in pixels: the most that platforms take."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_JPEG_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A readable picture; `digest` is the SHA-256 of its bytes in hexadecimal digits."""

    digest: str
    media_type: str
    name: str
    content: bytes


def read_picture(content: bytes, *, name: str) -> Picture:
    """Check that the bytes are a picture that every platform shows. Raises `UserMistake` with the reason."""
    if len(content) > PICTURE_BYTES:
        raise UserMistake(
            f"The picture '{name}' has {len(content) / 1e6:.1f} MB; {PICTURE_BYTES / 1e6:.0f} are the most."
        )
    media_type = "image/png" if content.startswith(_PNG) else "image/jpeg" if content.startswith(_JPEG) else None
    sides = _png_sides(content) if media_type == "image/png" else _jpeg_sides(content) if media_type else None
    if media_type is None or sides is None or not all(sides):
        raise UserMistake(f"'{name}' is not a PNG or JPEG picture.")
    if sum(sides) > PICTURE_SIDES:
        raise UserMistake(
            f"The picture '{name}' measures {sides[0]} × {sides[1]}; {PICTURE_SIDES} for both sides together are the most."
        )
    digest = hashlib.sha256(content).hexdigest()
    return Picture(digest=digest, media_type=media_type, name=storable(name)[:255], content=content)


async def store_picture(session: AsyncSession, picture: Picture, *, now: datetime) -> None:
    """Keep the picture's bytes under its digest, once."""
    insert = insert_into(session, StoredFile).values(
        digest=picture.digest,
        media_type=picture.media_type,
        name=picture.name,
        content=picture.content,
        created_at=now,
    )
    await session.execute(insert.on_conflict_do_nothing())


def _png_sides(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR" or len(content) < 24 or b"IEND" not in content[-12:]:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_sides(content: bytes) -> tuple[int, int] | None:
    """Width and height of the frame header; None when there is none or the file ends early."""
    for marker, start in _jpeg_segments(content):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[start + 3 : start + 7])
            return width, height
    return None


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Marker and start of every whole segment before the pixels; its length stands in its first two bytes."""
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker in _JPEG_ALONE or marker == 0xFF:
            position += 1 if marker == 0xFF else 2
            continue
        yield marker, position + 2
        (length,) = struct.unpack(">H", content[position + 2 : position + 4])
        position += 2 + max(length, 2)
