"""Stored files for signed-in users; nothing a customer sent can run in the browser."""

import re
from typing import Final
from urllib.parse import quote

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.models import StoredFile

_SHOWN_INLINE: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_PLAYED: Final = frozenset({"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "video/mp4", "video/webm"})
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF")


async def file_response(session: AsyncSession, digest: str) -> Response:
    """The file as a download; pictures that browsers cannot mistake for a page are shown. Raises `NotFound`."""
    file = await session.get(StoredFile, digest) if _DIGEST.fullmatch(digest) else None
    if file is None:
        raise NotFound("There is no such file.")
    picture = file.media_type in _SHOWN_INLINE and file.content.startswith(_SIGNATURES)
    shown = picture or file.media_type in _PLAYED
    name = quote(file.name or "file", safe="", errors="replace")
    return Response(
        file.content,
        media_type=file.media_type if shown else "application/octet-stream",
        headers={
            "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, max-age=86400, immutable",
        },
    )
