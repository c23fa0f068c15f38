"""The outbox's transactions: pick what is next, commit the intent before the call and the result after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channel import Acceptance, DoubtPolicy, Limits, Outbound
from bot.models import Delivery, DeliveryState
from bot.outgoing import (
    case_reason,
    file_of,
    first_unanswered,
    free_id,
    locked,
    locked_with_contact,
    locked_with_deliveries,
    question_before,
)
from bot.parts import Part, lay_out
from core.clock import Clock
from core.database import Database, announce
from core.errors import ElsewhereOwned, RecipientGone, ReplydeskError
from core.messages import Author, ConversationStatus, MessageState, Purpose
from core.models import Contact, Conversation, Message
from handoff.cases import open_case, take_by_echo

log = structlog.get_logger(__name__)

ECHO_WAIT: Final = timedelta(seconds=30)
"""How long the echo of a doubtful send may take before we repeat it (docs/decisions/0003-in-doubt-sends.md)."""
_MOST_DOUBTS: Final = 2
PERSONS_DEADLINE: Final = timedelta(hours=24)
"""An agent's words are worth sending longer than the bot's, and not for ever."""
_MUST_REACH: Final = frozenset({Purpose.ANSWER, Purpose.CLARIFICATION})
"""What a person must take over when it cannot be delivered; notices and small talk are not worth a case."""
_WITH_PEOPLE: Final = frozenset({ConversationStatus.OPEN, ConversationStatus.SNOOZED, ConversationStatus.RESOLVED})
"""Where a person had the conversation since: what the bot meant to say is a draft now."""
_UNSETTLED: Final = (MessageState.PENDING, MessageState.SENDING, MessageState.IN_DOUBT)
_ENDS_WAIT: Final = frozenset({Purpose.ANSWER, Purpose.CLARIFICATION, Purpose.SMALLTALK})
"""The bot's responses (METRICS.md section 1); an agent's message ended the wait when it was written."""
_FIRST_OF_EACH: Final = (
    select(func.min(Message.id))
    .where(
        Message.state.in_(_UNSETTLED),
        or_(Message.state != MessageState.IN_DOUBT, Message.next_attempt_at.is_not(None)),
        Message.account_id + 0 == bindparam("account"),  # by state, of which few are unsettled, not by account
    )
    .group_by(Message.conversation_id)
)
_HEADS: Final = (
    select(Message.id, Conversation.thread)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(
        Message.id.in_(_FIRST_OF_EACH),
        Message.state != MessageState.SENDING,
        or_(Message.next_attempt_at.is_(None), Message.next_attempt_at <= bindparam("now")),
    )
    .order_by(Message.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One platform call whose intent is committed."""

    message_id: int
    delivery_id: int
    number: int
    outbound: Outbound


class Outbox:
    """The pending messages of one account."""

    def __init__(
        self, *, database: Database, clock: Clock, account_id: int, limits: Limits, doubt: DoubtPolicy
    ) -> None:
        self._database = database
        self._clock = clock
        self._account_id = account_id
        self._limits = limits
        self._doubt = doubt

    async def heads(self, limit: int) -> Sequence[tuple[int, str]]:
        """(message id, thread) of each conversation's next message that is due, oldest first.

        A message waits for all earlier ones of its conversation, also for one whose echo is awaited.
        """
        asked = {"account": self._account_id, "now": self._clock(), "most": limit}
        async with self._database.glance() as session:
            return [(message_id, thread) for message_id, thread in await session.execute(_HEADS, asked)]

    async def recover(self) -> int:
        """After a crash: calls that were under way are in doubt. Returns how many there were."""
        async with self._database.write() as session:
            messages = (
                await session.scalars(
                    select(Message).where(Message.account_id == self._account_id, Message.state == MessageState.SENDING)
                )
            ).all()
            for message in messages:
                message.state = MessageState.PENDING
                delivery = await session.scalar(
                    select(Delivery).where(Delivery.message_id == message.id, Delivery.state == DeliveryState.SENDING)
                )
                if delivery is not None:
                    await self._in_doubt(session, message, delivery, "The process stopped while it was being sent.")
            return len(messages)

    async def begin(self, message_id: int) -> Attempt | None:
        """Commit the intent of the next call of this message; None when nothing of it is to be sent (any more)."""
        async with self._database.write() as session:
            message, conversation, contact = await locked_with_contact(session, message_id)
            if message.state not in (MessageState.PENDING, MessageState.IN_DOUBT):
                return None
            if message.state == MessageState.IN_DOUBT and await self._doubt_is_final(session, message):
                return None
            known = await self._known_deliveries(session, message)
            due = next((one for one in known if one.state == DeliveryState.PENDING), None)
            if known and due is None:
                await self._finish(session, message, conversation, known)
                return None
            if await self._withheld(session, message, conversation, contact):
                return None
            planned = known or self._plan(session, message)
            due = due or next(iter(planned), None)
            if due is None:
                await self._finish(session, message, conversation, planned)
                return None
            return await self._intend(session, message, conversation, due)

    async def not_called(self, message_id: int) -> None:
        """The intent may be committed, and the call was certainly not made."""
        async with self._database.write() as session:
            message, _ = await locked(session, message_id)
            if message.state == MessageState.SENDING:
                message.state = MessageState.PENDING
                await session.execute(
                    update(Delivery)
                    .where(Delivery.message_id == message_id, Delivery.state == DeliveryState.SENDING)
                    .values(state=DeliveryState.PENDING)
                )

    async def accepted(self, attempt: Attempt, acceptance: Acceptance) -> bool:
        """Commit the platform's acceptance. Returns whether the message has more to send."""
        async with self._database.write() as session:
            message, conversation, deliveries = await locked_with_deliveries(session, attempt.message_id)
            delivery = next(one for one in deliveries if one.id == attempt.delivery_id)
            if delivery.state != DeliveryState.SENT:
                delivery.state, delivery.accepted_at = DeliveryState.SENT, acceptance.at
                delivery.external_id = acceptance.external_id
            delivery.error = None
            message.state, message.next_attempt_at = MessageState.PENDING, None
            if any(one.state == DeliveryState.PENDING for one in deliveries):
                return True
            await self._finish(session, message, conversation, deliveries)
            return False

    async def later(self, attempt: Attempt, *, after: timedelta, error: str) -> None:
        """Not taken, certainly: repeat after a while."""
        async with self._database.write() as session:
            message, delivery = await self._settled_row(session, attempt)
            if delivery.state == DeliveryState.SENT:
                message.state = MessageState.PENDING
                return
            delivery.state, delivery.error = DeliveryState.PENDING, error
            message.state, message.error = MessageState.PENDING, error
            message.next_attempt_at = self._clock() + after

    async def moved(self, attempt: Attempt, *, thread: str) -> None:
        """The thread has a new key: repeat there at once."""
        async with self._database.write() as session:
            message, delivery = await self._settled_row(session, attempt)
            delivery.state, message.state, message.next_attempt_at = DeliveryState.PENDING, MessageState.PENDING, None
            conversation = await session.get_one(Conversation, message.conversation_id)
            taken = await session.scalar(
                select(Conversation).where(Conversation.account_id == self._account_id, Conversation.thread == thread)
            )
            if taken is None:
                conversation.thread = thread
            else:  # its people wrote under the new key before we heard of the move: what waits goes there
                await session.execute(
                    update(Message)
                    .where(Message.conversation_id == conversation.id, Message.state == MessageState.PENDING)
                    .values(conversation_id=taken.id)
                )

    async def failed(self, attempt: Attempt, error: ReplydeskError) -> None:
        """Final: the message will not be sent. A person gets what the customer must not lose."""
        async with self._database.write() as session:
            message, delivery = await self._settled_row(session, attempt)
            delivery.state, delivery.error = DeliveryState.FAILED, str(error)
            conversation = await session.get_one(Conversation, message.conversation_id)
            if isinstance(error, RecipientGone):
                (await session.get_one(Contact, conversation.contact_id)).reachable = False
            await self._give_up(session, message, conversation, str(error), reason=case_reason(error))
            if isinstance(error, ElsewhereOwned):
                await take_by_echo(session, conversation, at=self._clock(), answered=False)

    async def shelve(self, message_id: int, error: str) -> None:
        """We cannot handle this message: a dead letter for the operator, and a person for the customer."""
        async with self._database.write() as session:
            message, conversation = await locked(session, message_id)
            if message.state not in (MessageState.PENDING, MessageState.SENDING, MessageState.IN_DOUBT):
                return
            await session.execute(
                update(Delivery)
                .where(Delivery.message_id == message_id, Delivery.state == DeliveryState.SENDING)
                .values(state=DeliveryState.IN_DOUBT, error=error)
            )
            await self._give_up(session, message, conversation, error, reason="delivery_failed")

    async def doubtful(self, attempt: Attempt, error: str) -> None:
        """The request went out and no answer came back: the channel's written policy decides."""
        async with self._database.write() as session:
            message, delivery = await self._settled_row(session, attempt)
            if delivery.state == DeliveryState.SENT:  # its echo was quicker
                message.state = MessageState.PENDING
                announce(session, "outgoing", self._account_id)
                return
            await self._in_doubt(session, message, delivery, error)

    # ── steps inside a transaction ─────────────────────────────────────────────────────────────────────────────────

    async def _settled_row(self, session: AsyncSession, attempt: Attempt) -> tuple[Message, Delivery]:
        message, _ = await locked(session, attempt.message_id)
        return message, await session.get_one(Delivery, attempt.delivery_id)

    async def _in_doubt(self, session: AsyncSession, message: Message, delivery: Delivery, error: str) -> None:
        log.warning("send_in_doubt", message=message.id, attempt=delivery.attempts, policy=self._doubt.value)
        delivery.error = message.error = error
        delivery.doubts += 1
        if self._doubt == DoubtPolicy.REPEAT:
            delivery.state, message.state, message.next_attempt_at = DeliveryState.PENDING, MessageState.PENDING, None
            return
        delivery.state, message.state = DeliveryState.IN_DOUBT, MessageState.IN_DOUBT
        if self._doubt == DoubtPolicy.AWAIT_ECHO:
            message.next_attempt_at = self._clock() + ECHO_WAIT
            return
        await self._hand_over_doubt(session, message)

    async def _doubt_is_final(self, session: AsyncSession, message: Message) -> bool:
        """The echo stayed away: repeat once, then a person decides."""
        if message.next_attempt_at is None:
            return True
        delivery = await session.scalar(
            select(Delivery).where(Delivery.message_id == message.id, Delivery.state == DeliveryState.IN_DOUBT)
        )
        if delivery is None:
            return False
        if delivery.doubts >= _MOST_DOUBTS:
            await self._hand_over_doubt(session, message)
            return True
        delivery.state = DeliveryState.PENDING
        return False

    async def _hand_over_doubt(self, session: AsyncSession, message: Message) -> None:
        message.next_attempt_at = None
        conversation = await session.get_one(Conversation, message.conversation_id)
        if message.author == Author.BOT and message.purpose in _MUST_REACH:
            await self._open_case(session, message, conversation, reason="delivery_in_doubt")
        announce(session, "conversation", conversation.id)

    async def _withheld(
        self, session: AsyncSession, message: Message, conversation: Conversation, contact: Contact
    ) -> bool:
        from_bot = message.author == Author.BOT and message.purpose != Purpose.NOTICE
        if from_bot and conversation.status in _WITH_PEOPLE and message.attempts == 0:
            message.purpose, message.state = Purpose.DRAFT, MessageState.HANDLED
            announce(session, "conversation", conversation.id)
            return True
        if not contact.reachable:
            await self._give_up(session, message, conversation, "The customer cannot be reached any more.", reason=None)
            return True
        if message.deadline is None:
            message.deadline = self._clock() + PERSONS_DEADLINE
        if self._clock() > message.deadline:
            sentence = "It could not be sent in time; a stale message is not sent later."
            await self._give_up(session, message, conversation, sentence, reason="delivery_failed")
            return True
        return False

    async def _give_up(
        self, session: AsyncSession, message: Message, conversation: Conversation, error: str, *, reason: str | None
    ) -> None:
        message.state, message.error, message.next_attempt_at = MessageState.FAILED, error, None
        log.warning("message_failed", message=message.id, conversation=conversation.id, error=error)
        if reason is not None and message.author == Author.BOT and message.purpose in _MUST_REACH:
            await self._open_case(session, message, conversation, reason=reason)
        announce(session, "conversation", conversation.id)

    async def _open_case(
        self, session: AsyncSession, message: Message, conversation: Conversation, *, reason: str
    ) -> None:
        if conversation.status in (ConversationStatus.BOT, ConversationStatus.RESOLVED):
            await open_case(
                session,
                conversation,
                reason=reason,
                priority=1,
                candidates=[],
                question=await question_before(session, message),
                language=conversation.language,
                at=self._clock(),
            )

    async def _intend(
        self, session: AsyncSession, message: Message, conversation: Conversation, due: Delivery
    ) -> Attempt:
        now = self._clock()
        due.state, due.sending_at, due.attempts = DeliveryState.SENDING, now, due.attempts + 1
        message.state, message.attempts, message.next_attempt_at = MessageState.SENDING, message.attempts + 1, None
        await session.flush()
        part = Part.from_json(due.content)
        outbound = Outbound(
            key=due.key,
            thread=conversation.thread,
            author=message.author,
            purpose=message.purpose or Purpose.NOTICE,
            text=part.text,
            file=await file_of(session, part.file),
            buttons=part.buttons,
            last_customer_at=conversation.last_customer_at,
        )
        return Attempt(message_id=message.id, delivery_id=due.id, number=due.attempts, outbound=outbound)

    async def _known_deliveries(self, session: AsyncSession, message: Message) -> Sequence[Delivery]:
        """What was planned; nothing is before the first attempt."""
        if message.attempts == 0:
            return ()
        query = select(Delivery).where(Delivery.message_id == message.id).order_by(Delivery.position)
        return (await session.scalars(query)).all()

    def _plan(self, session: AsyncSession, message: Message) -> Sequence[Delivery]:
        planned = [
            Delivery(
                message_id=message.id,
                account_id=message.account_id,
                position=position,
                key=f"rd-{message.id}-{position}-{uuid4().hex[:12]}",
                content=part.to_json(),
                state=DeliveryState.PENDING,
                attempts=0,
            )
            for position, part in enumerate(lay_out(message, self._limits))
        ]
        session.add_all(planned)
        return planned

    async def _finish(
        self, session: AsyncSession, message: Message, conversation: Conversation, deliveries: Sequence[Delivery]
    ) -> None:
        accepted = [one.accepted_at for one in deliveries if one.accepted_at is not None]
        reached = deliveries[-1].reached if deliveries else None
        message.state, message.error, message.next_attempt_at = reached or MessageState.SENT, None, None
        message.at = min(accepted, default=self._clock())
        if deliveries and deliveries[-1].external_id is not None:
            message.external_id = free_id(message, deliveries[-1].external_id)
        conversation.last_message_at = max(conversation.last_message_at, message.at)
        if message.purpose in _ENDS_WAIT and conversation.status == ConversationStatus.BOT:
            nobody_waits = conversation.turn_due_at is None
            conversation.waiting_since = None if nobody_waits else await first_unanswered(session, conversation)
        announce(session, "conversation", conversation.id)
        announce(session, "message", message.id)
