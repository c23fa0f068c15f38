"""What the outbox has to know about a message before and after its calls; all on the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, bindparam, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.channel import FileContent
from bot.models import Delivery
from core.errors import ElsewhereOwned, RecipientGone, ReplydeskError, WindowClosed
from core.messages import Author, MessageState
from core.models import Contact, Conversation, Message, StoredFile

_OTHER: Final = aliased(Message)
# Built once: SQLAlchemy then knows the text of each by itself instead of by its parts.
_OF_MESSAGE: Final = Message.id == bindparam("message")
_LOCKED: Final = (
    select(Conversation, Message)
    .join(Message, Message.conversation_id == Conversation.id)
    .where(_OF_MESSAGE)
    .with_for_update()
)
_LOCKED_WITH_CONTACT: Final = (
    select(Conversation, Message, Contact)
    .join(Message, Message.conversation_id == Conversation.id)
    .join(Contact, Contact.id == Conversation.contact_id)
    .where(_OF_MESSAGE)
    .with_for_update(of=(Conversation, Message))
)
_LOCKED_WITH_DELIVERIES: Final = (
    select(Conversation, Message, Delivery)
    .join(Message, Message.conversation_id == Conversation.id)
    .join(Delivery, Delivery.message_id == Message.id)
    .where(_OF_MESSAGE)
    .order_by(Delivery.position)
    .with_for_update()
)


async def locked(session: AsyncSession, message_id: int) -> tuple[Message, Conversation]:
    """The message and its conversation, which is locked first: whoever changes either waits for us."""
    conversation, message = (await session.execute(_LOCKED, {"message": message_id})).one()
    return message, conversation


async def locked_with_contact(session: AsyncSession, message_id: int) -> tuple[Message, Conversation, Contact]:
    """As `locked`, and the customer it goes to."""
    conversation, message, contact = (await session.execute(_LOCKED_WITH_CONTACT, {"message": message_id})).one()
    return message, conversation, contact


async def locked_with_deliveries(
    session: AsyncSession, message_id: int
) -> tuple[Message, Conversation, Sequence[Delivery]]:
    """As `locked`, and the message's calls in their order, of which it has one at least."""
    rows = (await session.execute(_LOCKED_WITH_DELIVERIES, {"message": message_id})).all()
    conversation, message, _ = rows[0]
    return message, conversation, [delivery for _, _, delivery in rows]


async def first_unanswered(session: AsyncSession, conversation: Conversation) -> datetime | None:
    """When the first message came that still waits for a turn."""
    found: datetime | None = await session.scalar(
        select(func.min(Message.at)).where(
            Message.conversation_id == conversation.id, Message.state == MessageState.RECEIVED
        )
    )
    return found


def free_id(message: Message, external_id: str) -> ColumnElement[str | None]:
    """The platform's id, unless another row has it already when it is written (an echo that came without our key)."""
    taken = exists().where(
        _OTHER.account_id == message.account_id, _OTHER.external_id == external_id, _OTHER.id != message.id
    )
    return case((taken, None), else_=external_id)


async def question_before(session: AsyncSession, message: Message) -> str:
    """The customer's last words before our message."""
    found: str | None = await session.scalar(
        select(Message.text)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.author == Author.CUSTOMER,
            Message.created_at <= message.created_at,
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    )
    return found or ""


async def file_of(session: AsyncSession, digest: str | None) -> FileContent | None:
    if digest is None:
        return None
    stored = await session.get_one(StoredFile, digest)
    return FileContent(content=stored.content, media_type=stored.media_type, name=stored.name)


def case_reason(error: ReplydeskError) -> str | None:
    if isinstance(error, RecipientGone):
        return None
    if isinstance(error, ElsewhereOwned):
        return "thread_elsewhere"
    return "window_closed" if isinstance(error, WindowClosed) else "delivery_failed"
