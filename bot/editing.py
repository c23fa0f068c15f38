"""An agent changes what he wrote: the platform first, then our row with the earlier text kept; a note only here."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.accounts import Accounts, OpenAccount
from bot.channel import Edit, Editing
from bot.models import Delivery
from bot.outgoing import locked
from core.clock import Clock
from core.database import Database, announce
from core.errors import Conflict, NotAllowed, NotFound, UserMistake
from core.messages import ACCEPTED_STATES, Author, Purpose
from core.models import Conversation, Message
from core.roles import Actor
from core.text import storable
from handoff.writing import LONGEST_TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """Edits sent messages. The platform call is made outside any transaction; repeating it changes nothing."""

    database: Database
    clock: Clock
    accounts: Accounts

    async def edit(self, conversation_id: int, message_id: int, *, user: Actor, text: str) -> None:
        """Raises `NotFound`, `NotAllowed` for somebody else's words, `UserMistake` for what cannot be changed (so), and
        the platform's `SendError`.
        """
        text = storable(text).strip()
        if not text or len(text) > LONGEST_TEXT:
            raise UserMistake(f"A message has 1 to {LONGEST_TEXT} characters.")
        async with self.database.read() as session:
            message, thread = await self._own(session, conversation_id, message_id, user)
            delivery = None if message.purpose == Purpose.NOTE else await self._only_delivery(session, message)
        if message.text == text:
            return
        if delivery is not None:
            await self._tell_platform(message, delivery, thread=thread, text=text)
        await self._keep(message_id, before=message.text, text=text)

    async def _own(
        self, session: AsyncSession, conversation_id: int, message_id: int, user: Actor
    ) -> tuple[Message, str]:
        message = await session.get(Message, message_id)
        if message is None or message.conversation_id != conversation_id:
            raise NotFound("There is no such message.")
        if message.author != Author.AGENT or message.user_id != user.id:
            raise NotAllowed("Only who wrote a message may change it.")
        if message.deleted_at is not None:
            raise UserMistake("This message was deleted.")
        if message.purpose != Purpose.NOTE and message.state not in ACCEPTED_STATES:
            raise Conflict("This message has not been sent yet.")
        conversation = await session.get_one(Conversation, conversation_id)
        return message, conversation.thread

    async def _only_delivery(self, session: AsyncSession, message: Message) -> Delivery:
        deliveries = (await session.scalars(select(Delivery).where(Delivery.message_id == message.id))).all()
        if len(deliveries) != 1:
            raise UserMistake("This message went out in several parts, so it cannot be changed.")
        return deliveries[0]

    async def _tell_platform(self, message: Message, delivery: Delivery, *, thread: str, text: str) -> None:
        account = self._account(message)
        if not isinstance(account.channel, Editing) or delivery.external_id is None:
            raise UserMistake(f"{account.kind.title} cannot change a message that was sent.")
        limits = account.kind.limits
        with_file = delivery.content["file"] is not None
        longest = limits.caption_length if with_file else limits.text_length
        if limits.measure(text) > longest:
            raise UserMistake(f"A sent message of {account.kind.title} has at most {longest} characters.")
        await account.channel.edit(
            Edit(thread=thread, external_id=delivery.external_id, text=text, with_file=with_file)
        )

    def _account(self, message: Message) -> OpenAccount:
        account = self.accounts.by_id(message.account_id)
        if account is None:
            raise UserMistake("The account this message went out by is not open.")
        return account

    async def _keep(self, message_id: int, *, before: str, text: str) -> None:
        async with self.database.write() as session:
            message, conversation = await locked(session, message_id)
            now = self.clock()
            message.edits = [*message.edits, {"text": before, "until": now.isoformat()}]
            message.text, message.edited_at = text, now
            announce(session, "message", message.id)
            announce(session, "conversation", conversation.id)
