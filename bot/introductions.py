"""Who customers are, asked of platforms whose messages do not say it; never in the way of a message."""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import select

from bot.accounts import Accounts
from bot.channel import Introducing
from bot.due import Due
from bot.wakeups import Wakeups
from core.clock import Clock
from core.database import Database, announce
from core.errors import SendError
from core.inbound import Sender
from core.languages import known_language
from core.models import Contact, Conversation
from core.text import storable

log = structlog.get_logger(__name__)

_SIDE_BY_SIDE: Final = 4
_RETRY: Final = timedelta(minutes=5)
_GIVE_UP: Final = timedelta(hours=1)
_POLL_SECONDS: Final = 10.0
_NAME_LENGTH: Final = 255


class Introducer:
    """Asks for the name of every contact that came without one, once."""

    def __init__(self, *, database: Database, accounts: Accounts, wakeups: Wakeups, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._wakeups = wakeups
        self._clock = clock

    async def run(self) -> None:
        due = Due(
            database=self._database,
            clock=self._clock,
            table=Contact,
            column=Contact.introduction_due_at,
            side_by_side=_SIDE_BY_SIDE,
        )
        with self._wakeups.on("contact") as wakeup:
            await due.work_off(self._introduce, wakeup=wakeup, look_seconds=_POLL_SECONDS)

    async def _introduce(self, contact: Contact) -> None:
        now = self._clock()
        try:
            found, again = await self._ask(contact), False
        except SendError as error:
            found, again = None, now - contact.created_at < _GIVE_UP
            log.info("introduction_later", contact=contact.id, error=str(error))
        async with self._database.write() as session:
            row = await session.get_one(Contact, contact.id)
            row.introduction_due_at = now + _RETRY if again else None
            if found is not None:
                row.name = row.name or storable(found.name)[:_NAME_LENGTH]
                row.language = row.language or known_language(found.language)
                for conversation in await session.scalars(
                    select(Conversation.id).where(Conversation.contact_id == contact.id)
                ):
                    announce(session, "conversation", conversation)

    async def _ask(self, contact: Contact) -> Sender | None:
        account = self._accounts.by_id(contact.account_id)
        if account is None or not isinstance(account.channel, Introducing):
            return None
        return await account.channel.introduce(contact.external_id)
