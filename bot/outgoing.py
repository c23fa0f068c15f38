"""What the outbox has to know about a message before and after its calls; all on the caller's transaction."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channel import FileContent
from core.errors import ElsewhereOwned, RecipientGone, ReplydeskError, WindowClosed
from core.messages import Author, MessageState
from core.models import Conversation, Message, StoredFile


async def locked(session: AsyncSession, message_id: int) -> tuple[Message, Conversation]:
    """The message and its conversation, which is locked first: whoever changes either waits for us."""
    conversation_id = select(Message.conversation_id).where(Message.id == message_id).scalar_subquery()
    conversation = (
        await session.scalars(select(Conversation).where(Conversation.id == conversation_id).with_for_update())
    ).one()
    return await session.get_one(Message, message_id), conversation


async def first_unanswered(session: AsyncSession, conversation: Conversation) -> datetime | None:
    """When the first message came that still waits for a turn."""
    found: datetime | None = await session.scalar(
        select(func.min(Message.at)).where(
            Message.conversation_id == conversation.id, Message.state == MessageState.RECEIVED
        )
    )
    return found


async def free_id(session: AsyncSession, message: Message, external_id: str | None) -> str | None:
    """The platform's id, unless another row has it already (an echo that came without our key)."""
    if external_id is None:
        return None
    other = await session.scalar(
        select(Message.id).where(
            Message.account_id == message.account_id, Message.external_id == external_id, Message.id != message.id
        )
    )
    return external_id if other is None else None


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
