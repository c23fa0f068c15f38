"""Decide: what a thought makes of the conversation, written in one short transaction.

The conversation is read again first: if a person took it meanwhile, the bot's answer becomes a draft for the agent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from prometheus_client import Counter
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.buttons import PERSON_PAYLOAD, entry_payload
from bot.phrases import OwnPhrases, handoff_notice, phrases, promise, smalltalk
from bot.ratings import add_helpful_buttons
from bot.thinking import Thought, Welcome
from core.database import announce
from core.messages import Attachment, AttachmentKind, Author, Button, ConversationStatus, MessageState, Purpose
from core.models import Conversation, Message
from handoff.cases import open_case
from handoff.promises.promising import promise_for
from knowledge_base.snapshot import AnswerText, Snapshot
from nlu.decisions import Answer, Clarify, HandOff, Reason, SmallTalk
from nlu.unanswered.keeping import forget_clarified, keep_outcome

log = structlog.get_logger(__name__)

DECISIONS: Final = Counter("replydesk_decisions_total", "Turns by decision.", ["channel", "decision"])
ANSWER_DEADLINE: Final = timedelta(minutes=30)
"""The bot's words are stale after it and are not sent any more; a person gets the question instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a worker took to think about: the burst's messages as they were, and the version they were read at."""

    conversation_id: int
    channel: str
    version: int
    message_ids: tuple[int, ...]
    texts: tuple[str, ...]
    thinkable: bool
    """False when the burst is over its cap: this turn is decided even if more messages came."""
    whole: bool
    """Whether it took all that waited."""


@dataclass(slots=True, kw_only=True)
class Writer:
    """Writes one decision for one conversation, inside the deciding transaction."""

    session: AsyncSession
    conversation: Conversation
    snapshot: Snapshot
    brand: str
    languages: Sequence[str]
    now: datetime
    asks_helpful: bool = False
    """Ask under an answer whether it helped."""
    own: OwnPhrases = field(default_factory=dict)
    """The brand's own words for what the bot itself says."""

    async def write(self, thought: Thought, *, question: str) -> str:
        """Returns what was decided, in one word for the counters. `question` is the customer's words, for a case."""
        self.conversation.language = thought.language
        if not isinstance(thought, Welcome):
            if self.conversation.offered:
                await forget_clarified(self.session, self.conversation.id, thought)
            keep_outcome(self.session, self.conversation, thought, question=question, at=self.now)
        match thought:
            case Answer():
                return await self._answer(thought, question)
            case Clarify():
                return self._clarify(thought)
            case SmallTalk():
                self._say(
                    smalltalk(thought.kind, thought.language, brand=self.brand, own=self.own), purpose=Purpose.SMALLTALK
                )
                return "smalltalk"
            case HandOff():
                return await self._hand_off(thought, question)
            case Welcome():
                self._say(
                    phrases(thought.language, self.own)["welcome"].format(brand=self.brand), purpose=Purpose.NOTICE
                )
                return "welcome"

    def draft(self, thought: Thought) -> str:
        """A person answers: the bot's answer is offered to him and never sent by itself."""
        if isinstance(thought, Answer) and (found := self._text_of(thought)) is not None:
            message = self._row(found.text, Purpose.DRAFT, MessageState.HANDLED)
            message.sources = [_source(thought.entry, found.language, thought.confidence)]
            self.session.add(message)
            announce(self.session, "conversation", self.conversation.id)
            return "draft"
        return "silent"

    async def _answer(self, answer: Answer, question: str) -> str:
        found = self._text_of(answer)
        if found is None:  # unpublished while we were thinking
            reason = HandOff(
                reason=Reason.NOT_UNDERSTOOD, priority=0, candidates=answer.candidates, language=answer.language
            )
            return await self._hand_off(reason, question)
        self.conversation.failures, self.conversation.offered = 0, []
        message = self._say_answer(found, answer.entry, answer.confidence)
        if self.asks_helpful and not message.buttons and not answer.also:
            await add_helpful_buttons(
                self.session, self.conversation, message, language=answer.language, now=self.now, own=self.own
            )
        for candidate in answer.also:
            further = self.snapshot.answer_of(candidate.entry, answer.language, self.languages)
            if further is not None:
                self._say_answer(further, candidate.entry, candidate.confidence)
        return "answer"

    def _text_of(self, answer: Answer) -> AnswerText | None:
        return self.snapshot.answer_of(answer.entry, answer.language, self.languages)

    def _say_answer(self, answer: AnswerText, entry: str, confidence: float) -> Message:
        message = self._say(answer.text, purpose=Purpose.ANSWER, buttons=answer.buttons)
        message.sources = [_source(entry, answer.language, confidence)]
        if answer.picture is not None:
            message.attachments = [Attachment(kind=AttachmentKind.PICTURE, stored=answer.picture).to_json()]
        return message

    def _clarify(self, clarify: Clarify) -> str:
        known = phrases(clarify.language, self.own)
        self.conversation.failures += 1
        self.conversation.offered = [candidate.entry for candidate in clarify.candidates]
        buttons = [
            Button(title=candidate.question, payload=entry_payload(candidate.entry)) for candidate in clarify.candidates
        ]
        buttons.append(Button(title=known["person_button"], payload=PERSON_PAYLOAD))
        message = self._say(known["clarification"], purpose=Purpose.CLARIFICATION, buttons=buttons)
        message.sources = [
            _source(candidate.entry, candidate.language, candidate.confidence) for candidate in clarify.candidates
        ]
        return "clarify"

    async def _hand_off(self, hand_off: HandOff, question: str) -> str:
        self.conversation.failures, self.conversation.offered = 0, []
        case = await open_case(
            self.session,
            self.conversation,
            reason=hand_off.reason,
            priority=hand_off.priority,
            candidates=[
                {
                    "entry": candidate.entry,
                    "question": candidate.question,
                    "confidence": round(candidate.confidence, 4),
                    "language": candidate.language,
                }
                for candidate in hand_off.candidates
            ],
            question=question,
            language=hand_off.language,
            at=self.now,
        )
        notice = handoff_notice(hand_off.reason, hand_off.language, self.own)
        told = await promise_for(self.session, case, self.conversation, now=self.now)
        if told is not None:
            notice = f"{notice} {promise(told.until, now=told.now, language=hand_off.language, own=self.own)}"
        self._say(notice, purpose=Purpose.NOTICE)
        return "handoff"

    def _say(self, text: str, *, purpose: Purpose, buttons: Sequence[Button] = ()) -> Message:
        message = self._row(text, purpose, MessageState.PENDING)
        message.buttons = [button.to_json() for button in buttons]
        message.deadline = self.now + ANSWER_DEADLINE
        self.session.add(message)
        announce(self.session, "outgoing", self.conversation.account_id)
        return message

    def _row(self, text: str, purpose: Purpose, state: MessageState) -> Message:
        return Message(
            conversation_id=self.conversation.id,
            account_id=self.conversation.account_id,
            author=Author.BOT,
            purpose=purpose,
            text=text,
            at=self.now,
            created_at=self.now,
            state=state,
        )


def _source(entry: str, language: str, confidence: float) -> dict[str, Any]:
    return {"entry": entry, "language": language, "confidence": round(confidence, 4)}


async def settle(
    session: AsyncSession, conversation: Conversation, turn: Turn, now: datetime, *, fresh: bool = False
) -> None:
    """The turn's messages are handled; what came meanwhile stays for the next turn. `fresh`: nothing came."""
    conversation.lease_owner = conversation.lease_until = None
    if fresh and turn.whole:
        conversation.burst_began_at = conversation.turn_due_at = None
        handled = update(Message).where(Message.id.in_(turn.message_ids)).values(state=MessageState.HANDLED)
        await session.execute(handled, execution_options={"synchronize_session": False})
        return
    messages = await session.scalars(
        select(Message).where(Message.conversation_id == conversation.id, Message.state == MessageState.RECEIVED)
    )
    left = 0
    for message in messages:
        if message.id in turn.message_ids or conversation.status != ConversationStatus.BOT:
            message.state = MessageState.HANDLED
        else:
            left += 1
    if left:
        conversation.burst_began_at = conversation.turn_due_at = now
        announce(session, "turn", conversation.id)
    else:
        conversation.burst_began_at = conversation.turn_due_at = None


async def is_stale(session: AsyncSession, turn: Turn) -> bool:
    """Must a turn whose conversation has changed be thought again?

    Yes if its own words changed, or if more came and the burst is not over its cap.
    """
    rows = await session.execute(
        select(Message.id, Message.text).where(Message.id.in_(turn.message_ids), Message.deleted_at.is_(None))
    )
    changed = {row.id: row.text for row in rows} != dict(zip(turn.message_ids, turn.texts, strict=True))
    return changed or turn.thinkable
