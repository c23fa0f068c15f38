"""Files that agents send: what they are is told by their bytes, and only kinds that cannot run anywhere are taken."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import UserMistake
from core.messages import Attachment, AttachmentKind
from core.models import StoredFile
from core.text import storable

LARGEST_FILE: Final = 9_500_000
MOST_FILES: Final = 10

_OPENINGS: Final[Sequence[tuple[bytes, int, str]]] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
    (b"OggS", 0, "audio/ogg"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"ftypM4A", 4, "audio/mp4"),
    (b"ftyp", 4, "video/mp4"),
    (b"\x1aE\xdf\xa3", 0, "video/webm"),
)
"""The first bytes, where they stand, and the type."""
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_PACKED: Final[Mapping[str, str]] = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
}
_TEXTS: Final[Mapping[str, str]] = {"txt": "text/plain", "csv": "text/csv"}
_KINDS: Final[Mapping[str, AttachmentKind]] = {
    "image": AttachmentKind.PICTURE,
    "audio": AttachmentKind.AUDIO,
    "video": AttachmentKind.VIDEO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """`digest` is the SHA-256 of the bytes in hexadecimal digits."""

    digest: str
    kind: AttachmentKind
    media_type: str
    name: str
    content: bytes


def read_upload(content: bytes, *, name: str) -> Upload:
    """Raises `UserMistake`, in one sentence, for what is empty, too large or of a kind that is not sent."""
    name = storable(name).replace("/", "_").strip()[:255] or "file"
    if not content:
        raise UserMistake(f"'{name}' is empty.")
    if len(content) > LARGEST_FILE:
        raise UserMistake(f"'{name}' has {len(content) / 1e6:.1f} MB; {LARGEST_FILE / 1e6:.1f} are the most.")
    media_type = _type_of(content, name)
    if media_type is None:
        raise UserMistake(
            f"'{name}' cannot be sent: pictures (PNG, JPEG, GIF, WebP), PDF, office documents, text, ZIP, sound and video can."
        )
    return Upload(
        digest=hashlib.sha256(content).hexdigest(),
        kind=kind_of(media_type),
        media_type=media_type,
        name=name,
        content=content,
    )


def kind_of(media_type: str) -> AttachmentKind:
    return _KINDS.get(media_type.partition("/")[0], AttachmentKind.DOCUMENT)


async def store_upload(session: AsyncSession, upload: Upload, *, at: datetime) -> None:
    """Keep it under its digest, once; a second name for the same bytes is not kept."""
    if await session.get(StoredFile, upload.digest) is None:
        session.add(
            StoredFile(
                digest=upload.digest,
                media_type=upload.media_type,
                name=upload.name,
                content=upload.content,
                created_at=at,
            )
        )


async def attached(session: AsyncSession, digests: Sequence[str]) -> list[dict[str, Any]]:
    """The attachments of a message. Raises `UserMistake` for a digest under which nothing is stored."""
    found = []
    for digest in digests:
        file = await session.get(StoredFile, digest)
        if file is None:
            raise UserMistake("files: one of them is not stored.")
        attachment = Attachment(
            kind=kind_of(file.media_type),
            name=file.name,
            media_type=file.media_type,
            size_bytes=len(file.content),
            stored=digest,
        )
        found.append(attachment.to_json())
    return found


def _type_of(content: bytes, name: str) -> str | None:
    for opening, place, media_type in _OPENINGS:
        if content.startswith(opening, place):
            return media_type
    ending = name.rpartition(".")[2].lower()
    if content.startswith(b"PK\x03\x04"):
        return _PACKED.get(ending)
    if ending in _TEXTS and b"\x00" not in content:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return _TEXTS[ending]
    return None
