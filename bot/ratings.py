"""Asks customers for ratings with the channel's own buttons, and takes their presses."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.buttons import PERSON_PAYLOAD
from bot.phrases import NOTHING_OWN, OwnPhrases, phrases
from bot.phrases.own import load_own
from bot.threads import find_conversation
from core.clock import Clock
from core.database import Database, announce
from core.inbound import CustomerWrote
from core.messages import Author, Button, ConversationStatus, MessageState, Purpose
from core.models import Account, Contact, Conversation, Message
from handoff.cases import load
from handoff.desk_rules import load_rules
from handoff.models import Case
from handoff.ratings.asking import ABOUT_ANSWER, ABOUT_CASE, Outcome, ask, take_press
from handoff.ratings.models import RatingAsk
from handoff.ratings.presses import BEST, payload, read_press
from handoff.routing.timers import first_human_response

log = structlog.get_logger(__name__)

_GRACE: Final = timedelta(seconds=30)
"""A case resolved by mistake is taken up again within it, and nobody is asked."""
_STALE: Final = timedelta(hours=1)
"""A question about a case that ended longer ago would puzzle the customer."""
_DEADLINE: Final = timedelta(minutes=30)
_BUTTONS: Final = BEST + 1
"""A channel that shows fewer is not asked on: lines of text are no buttons."""
_AT_ONCE: Final = 50


async def add_helpful_buttons(
    session: AsyncSession,
    conversation: Conversation,
    message: Message,
    *,
    language: str,
    now: datetime,
    own: OwnPhrases = NOTHING_OWN,
) -> None:
    """'Did this help?' under an answer that has no buttons of its own."""
    await session.flush()
    asked = await ask(session, conversation, kind=ABOUT_ANSWER, now=now)
    if asked is not None:
        known = phrases(language, own)
        choices = ((known["helpful_yes"], 1), (known["helpful_no"], 0))
        asked.message_id = message.id
        message.buttons = [Button(title=title, payload=payload(asked.id, score)).to_json() for title, score in choices]


async def absorb_rating(session: AsyncSession, account: Account, wrote: CustomerWrote, *, now: datetime) -> str | None:
    """What became of a pressed rating button, for the inbox's `outcome`; None where it is not one.

    A press is no message: it opens no wait, reopens no conversation, and the bot does not think about it.
    """
    press = read_press(wrote.press)
    if press is None:
        return None
    conversation = await find_conversation(session, account, wrote.thread)
    if conversation is None:
        return "rating_unknown"
    outcome = await take_press(session, conversation, press, sender=wrote.sender.id, now=now)
    if outcome not in {Outcome.UNKNOWN, Outcome.ANOTHERS}:
        at = min(wrote.at, now)
        conversation.last_customer_at = max(conversation.last_customer_at or at, at)  # it opens the platform's window
    await _thank(session, conversation, outcome, now=now)
    return f"rating_{outcome}"


async def _thank(session: AsyncSession, conversation: Conversation, outcome: Outcome, *, now: datetime) -> None:
    known = phrases(conversation.language, await load_own(session))
    if outcome == Outcome.NOT_HELPFUL and conversation.status == ConversationStatus.BOT:
        person = Button(title=known["person_button"], payload=PERSON_PAYLOAD)
        _say(session, conversation, known["helpful_sorry"], buttons=(person,), now=now)
    elif outcome in {Outcome.HELPFUL, Outcome.NOT_HELPFUL}:
        _say(session, conversation, known["helpful_thanks"], now=now)
    elif outcome == Outcome.RATED:
        _say(session, conversation, known["rating_thanks"], now=now)
    elif outcome == Outcome.STOPPED:
        _say(session, conversation, known["rating_stopped"], now=now)


def _say(
    session: AsyncSession, conversation: Conversation, text: str, *, buttons: tuple[Button, ...] = (), now: datetime
) -> Message:
    """A notice: never a response (METRICS.md section 1)."""
    message = Message(
        conversation_id=conversation.id,
        account_id=conversation.account_id,
        author=Author.BOT,
        purpose=Purpose.NOTICE,
        text=text,
        buttons=[button.to_json() for button in buttons],
        at=now,
        created_at=now,
        state=MessageState.PENDING,
        deadline=now + _DEADLINE,
    )
    session.add(message)
    conversation.last_message_at = max(conversation.last_message_at, now)
    announce(session, "outgoing", conversation.account_id)
    announce(session, "conversation", conversation.id)
    return message


class RatingRequests:
    """Asks for one to five after a person resolved a case. `buttons`: by channel, how many one message can carry."""

    def __init__(self, *, database: Database, clock: Clock, buttons: Mapping[str, int]) -> None:
        self._database = database
        self._clock = clock
        self._channels = [channel for channel, most in buttons.items() if most >= _BUTTONS]

    async def ask_due(self) -> int:
        """Ask about every case that ended a moment ago. Returns how many customers were asked."""
        now = self._clock()
        async with self._database.read() as session:
            if not (await load_rules(session)).ask_rating:
                return 0
            due = (await session.execute(self._due(now))).all()
        asked = 0
        for case_id, conversation_id, language in due:
            async with self._database.write() as session:
                asked += await self._ask(session, case_id, conversation_id, language, now=now)
        return asked

    def _due(self, now: datetime) -> Select[int, int, str | None]:
        return (
            select(Case.id, Case.conversation_id, Case.language)
            .join(Conversation, Conversation.id == Case.conversation_id)
            .join(Contact, Contact.id == Conversation.contact_id)
            .join(Account, Account.id == Conversation.account_id)
            .outerjoin(RatingAsk, RatingAsk.case_id == Case.id)
            .where(
                Case.closed_at > now - _STALE,
                Case.closed_at <= now - _GRACE,
                Conversation.status == ConversationStatus.RESOLVED,
                Contact.reachable,
                Contact.blocked_at.is_(None),
                Account.channel.in_(self._channels),
                RatingAsk.id.is_(None),
                first_human_response().is_not(None),
            )
            .order_by(Case.id)
            .limit(_AT_ONCE)
        )

    async def _ask(
        self, session: AsyncSession, case_id: int, conversation_id: int, language: str | None, *, now: datetime
    ) -> bool:
        conversation = await load(session, conversation_id)
        known_before = await session.scalar(select(RatingAsk.id).where(RatingAsk.case_id == case_id))
        if conversation.status != ConversationStatus.RESOLVED or known_before is not None:
            return False
        asked = await ask(session, conversation, kind=ABOUT_CASE, case_id=case_id, now=now)
        if asked is None:
            return False
        known = phrases(language or conversation.language, await load_own(session))
        scores = [Button(title=str(score), payload=payload(asked.id, score)) for score in range(1, BEST + 1)]
        stop = Button(title=known["rating_stop"], payload=payload(asked.id, None))
        message = _say(session, conversation, known["rating_question"], buttons=(*scores, stop), now=now)
        await session.flush()
        asked.message_id = message.id
        return True
