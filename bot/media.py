"""Our own copies of what customers send: fetched after the message is safe, never under a lock, never deciding its fate."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.accounts import Accounts
from bot.channel import Fetching, FileContent
from bot.due import Due
from bot.wakeups import Wakeups
from core.clock import Clock
from core.database import TROUBLE, Database, announce
from core.errors import SendError
from core.messages import Attachment
from core.models import Message, StoredFile
from core.text import storable

log = structlog.get_logger(__name__)

LIMIT_BYTES: Final = 20 * 1024 * 1024
"""What Telegram's getFile serves at the most (CHANNELS.md 1.5)."""
_RETRY: Final = timedelta(seconds=20)
_GIVE_UP: Final = timedelta(minutes=50)
"""A Telegram link is good for an hour, a Meta one for less than that."""
_SIDE_BY_SIDE: Final = 4
_FETCH_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 5.0


class MediaKeeper:
    """Fetches the attachments of messages that are due."""

    def __init__(self, *, database: Database, accounts: Accounts, wakeups: Wakeups, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._wakeups = wakeups
        self._clock = clock

    async def run(self) -> None:
        due = Due(
            database=self._database,
            clock=self._clock,
            table=Message,
            column=Message.media_due_at,
            side_by_side=_SIDE_BY_SIDE,
        )
        with self._wakeups.on("media") as wakeup:
            await due.work_off(self._keep_safely, wakeup=wakeup, look_seconds=_POLL_SECONDS)

    async def _keep_safely(self, message: Message) -> None:
        try:
            await self._keep(message)
        except TROUBLE:
            raise
        except Exception:  # an edge: one message's attachments never hold up the others'
            log.exception("media_broke", message=message.id)
            async with self._database.write() as session:
                (await session.get_one(Message, message.id)).media_due_at = None

    async def _keep(self, message: Message) -> None:
        attachments, again = [], False
        for data in message.attachments:
            kept, retry = await self._keep_one(message, Attachment.from_json(data))
            attachments.append(kept)
            again = again or retry
        now = self._clock()
        async with self._database.write() as session:
            row = await session.get_one(Message, message.id)
            if row.deleted_at is None and len(row.attachments) == len(attachments):
                row.attachments = attachments
            row.media_due_at = now + _RETRY if again else None
            announce(session, "conversation", message.conversation_id)

    async def _keep_one(self, message: Message, attachment: Attachment) -> tuple[dict[str, Any], bool]:
        """The attachment as it now is, and whether to try again later."""
        data = attachment.to_json()
        account = self._accounts.by_id(message.account_id)
        fetchable = (attachment.reference or attachment.url) and not (attachment.stored or attachment.problem)
        if not fetchable or account is None or not isinstance(account.channel, Fetching):
            return data, False
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                file = await account.channel.fetch(attachment, limit_bytes=LIMIT_BYTES)
        except (SendError, TimeoutError) as error:
            again = self._clock() - message.created_at < _GIVE_UP
            return (data if again else {**data, "problem": f"It could not be fetched: {error}"}), again
        except Exception:  # an edge: a picture never takes its message along
            log.exception("media_failed", message=message.id)
            return {**data, "problem": "It could not be fetched."}, False
        if file is None:
            return {**data, "problem": "It is too big, or the platform does not give it to us."}, False
        return {**data, "stored": await self._store(file, self._clock())}, False

    async def _store(self, file: FileContent, now: datetime) -> str:
        digest = hashlib.sha256(file.content).hexdigest()
        async with self._database.write() as session:
            await session.execute(
                self._database.insert_or_ignore(StoredFile).values(
                    digest=digest,
                    media_type=storable(file.media_type)[:127],
                    name=storable(file.name)[:255],
                    content=file.content,
                    created_at=now,
                )
            )
        return digest
