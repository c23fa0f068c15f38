"""Canned replies: words that agents send often, by shortcut and language."""

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict, NotFound, UserMistake
from core.languages import LANGUAGES
from core.text import storable
from handoff.models import CannedReply
from handoff.writing import LONGEST_TEXT

_SHORTCUT: Final = re.compile(r"[\w-]{1,32}")


async def list_canned(session: AsyncSession) -> list[CannedReply]:
    return list(await session.scalars(select(CannedReply).order_by(CannedReply.shortcut)))


async def save_canned(
    session: AsyncSession, *, shortcut: str, texts: Mapping[str, str], reply_id: int | None = None
) -> CannedReply:
    """A new one, or another content for `reply_id`. Raises `UserMistake`, `NotFound`, `Conflict` for a taken shortcut."""
    shortcut = shortcut.strip().removeprefix("/").lower()
    if not _SHORTCUT.fullmatch(shortcut):
        raise UserMistake("shortcut: must be 1 to 32 letters, digits, - or _.")
    kept = {language: storable(text).strip() for language, text in texts.items() if text.strip()}
    if not kept or any(language not in LANGUAGES for language in kept):
        raise UserMistake(f"texts: needs a text in one of {', '.join(LANGUAGES)}.")
    if any(len(text) > LONGEST_TEXT for text in kept.values()):
        raise UserMistake(f"texts: at most {LONGEST_TEXT} characters.")
    taken = await session.scalar(select(CannedReply).where(CannedReply.shortcut == shortcut))
    if taken is not None and taken.id != reply_id:
        raise Conflict("Another canned reply has this shortcut.")
    reply = CannedReply() if reply_id is None else await session.get(CannedReply, reply_id)
    if reply is None:
        raise NotFound("There is no such canned reply.")
    reply.shortcut, reply.texts = shortcut, kept
    session.add(reply)
    await session.flush()
    return reply


async def delete_canned(session: AsyncSession, reply_id: int) -> None:
    """Raises `NotFound`."""
    reply = await session.get(CannedReply, reply_id)
    if reply is None:
        raise NotFound("There is no such canned reply.")
    await session.delete(reply)
