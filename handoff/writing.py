"""An agent's message to the customer, or his private note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import announce
from core.errors import Conflict, NotAllowed, UserMistake
from core.messages import Author, ConversationStatus, MessageState, Purpose
from core.models import Conversation, Message
from core.roles import Actor
from core.text import storable
from handoff.cases import agent_replied, is_owned_by_other, load, take
from handoff.models import Draft
from handoff.uploads import attached

LONGEST_TEXT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """`created` is False where the same `client_id` had written it before."""

    message: Message
    created: bool


async def write_message(
    session: AsyncSession,
    conversation_id: int,
    *,
    user: Actor,
    text: str,
    at: datetime,
    note: bool = False,
    client_id: str | None = None,
    hold: timedelta = timedelta(0),
    files: Sequence[str] = (),
) -> Written:
    """A reply becomes a pending row of the outbox, a note stays in the desk. The same `client_id` writes once.
    `files` are digests of stored files that go with a reply; they may go without words.
    `hold`: how long it can still be withdrawn before it is sent.

    Replying to a conversation that nobody owns claims it. Raises `NotAllowed` for a reply in somebody else's,
    `UserMistake` for a text that is empty or longer than 20,000 characters, `NotFound`.
    """
    text = storable(text)
    if not text.strip() and not files:
        raise UserMistake("A message needs some text.")
    if len(text) > LONGEST_TEXT:
        raise UserMistake(f"A message has at most {LONGEST_TEXT} characters.")
    conversation = await load(session, conversation_id)
    earlier = await _written_before(session, conversation_id, client_id, user=user)
    if earlier is not None:
        return Written(message=earlier, created=False)
    if not note:
        _own(session, conversation, user, at=at)
    message = Message(
        conversation_id=conversation.id,
        account_id=conversation.account_id,
        author=Author.AGENT,
        purpose=Purpose.NOTE if note else Purpose.REPLY,
        text=text,
        attachments=await attached(session, files),
        at=at,
        created_at=at,
        state=MessageState.HANDLED if note else MessageState.PENDING,
        user_id=user.id,
        client_id=client_id,
        next_attempt_at=at + hold if hold and not note else None,
    )
    session.add(message)
    await session.execute(delete(Draft).where(Draft.user_id == user.id, Draft.conversation_id == conversation.id))
    await session.flush()
    announce(session, "message", message.id)
    announce(session, "conversation", conversation.id)
    if not note:
        conversation.last_message_at = max(conversation.last_message_at, at)
        agent_replied(session, conversation)
        announce(session, "outgoing", conversation.account_id)
    return Written(message=message, created=True)


async def _written_before(
    session: AsyncSession, conversation_id: int, client_id: str | None, *, user: Actor
) -> Message | None:
    if client_id is None:
        return None
    found: Message | None = await session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    )
    if found is not None and found.user_id != user.id:
        raise Conflict("Somebody else has used this client_id.")
    return found


def _own(session: AsyncSession, conversation: Conversation, user: Actor, *, at: datetime) -> None:
    if is_owned_by_other(conversation, user):
        raise NotAllowed("Somebody else owns this conversation.")
    if conversation.status != ConversationStatus.OPEN or conversation.assignee_id != user.id:
        take(session, conversation, user, at=at)
