"""What an automation does to a conversation, on the caller's transaction."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import actor_of
from core.database import announce
from core.errors import NotFound
from core.languages import DEFAULT_LANGUAGE
from core.messages import Author, ConversationStatus, EventKind, MessageState, Purpose
from core.models import Contact, Conversation, Message, User
from core.preferences import load_brand
from handoff.automations.rules import Action, AddTag, Assign, CallWebhook, Resolve, SendCanned, SetPriority, WriteNote
from handoff.cases import become, close_cases, load, note_event, open_case_of
from handoff.models import CannedReply, ConversationTag
from handoff.routing.placing import transfer_to_team
from handoff.webhooks.calling import enqueue

_DEADLINE: Final = timedelta(hours=24)


async def act(session: AsyncSession, conversation_id: int, action: Action, *, name: str, now: datetime) -> str:  # noqa: PLR0911 - one case a kind
    """Do it in the name of the automation `name`. Returns what was done, in a few words.

    Raises `NotFound` or `Conflict` where what it names is not there any more.
    """
    conversation = await load(session, conversation_id)
    match action:
        case Assign():
            return await _assign(session, conversation, action, name=name, now=now)
        case SetPriority():
            return await _set_priority(session, conversation, action.priority)
        case AddTag():
            if await session.get(ConversationTag, (conversation.id, action.tag)) is None:
                session.add(ConversationTag(conversation_id=conversation.id, tag=action.tag))
            announce(session, "conversation", conversation.id)
            return f"tagged {action.tag}"
        case WriteNote():
            _write(session, conversation, f"{name}: {action.text}", note=True, now=now)
            return "wrote a note"
        case SendCanned():
            return await _send_canned(session, conversation, action.reply_id, now=now)
        case CallWebhook():
            body = {
                "automation": name,
                "conversation": conversation.id,
                "status": conversation.status,
                "at": now.isoformat(),
            }
            await enqueue(session, action.webhook_id, body, now=now)
            return "called a webhook"
        case Resolve():
            return await _resolve(session, conversation, name=name, now=now)


async def _assign(
    session: AsyncSession, conversation: Conversation, action: Assign, *, name: str, now: datetime
) -> str:
    if action.team_id is not None:
        await transfer_to_team(session, conversation.id, None, team_id=action.team_id, at=now)
        return "put into a team's queue"
    user = await session.get(User, action.user_id)
    if user is None or not user.active:
        raise NotFound("There is no such user.")
    become(conversation, ConversationStatus.OPEN, assignee_id=user.id)
    note_event(session, conversation, EventKind.ASSIGN, at=now, user=actor_of(user), details={"by": name})
    return f"assigned to {user.name or user.email}"


async def _set_priority(session: AsyncSession, conversation: Conversation, priority: int) -> str:
    case = await open_case_of(session, conversation.id)
    if case is None:
        return "no open case to give a priority"
    case.priority = priority
    announce(session, "conversation", conversation.id)
    return f"priority {priority}"


async def _send_canned(session: AsyncSession, conversation: Conversation, reply_id: int, *, now: datetime) -> str:
    reply = await session.get(CannedReply, reply_id)
    if reply is None or not reply.texts:
        raise NotFound("There is no such canned reply.")
    brand = await load_brand(session)
    contact = await session.get_one(Contact, conversation.contact_id)
    wanted = (conversation.language, brand.default_language, DEFAULT_LANGUAGE)
    text = next((reply.texts[one] for one in wanted if one in reply.texts), next(iter(reply.texts.values())))
    for hole, value in (("{customer}", contact.name), ("{brand}", brand.name), ("{agent}", brand.name)):
        text = text.replace(hole, value)
    _write(session, conversation, text, note=False, now=now)
    return f"sent /{reply.shortcut}"


def _write(session: AsyncSession, conversation: Conversation, text: str, *, note: bool, now: datetime) -> None:
    """A note of the product, or a notice to the customer: neither is a response (METRICS.md section 1)."""
    session.add(
        Message(
            conversation_id=conversation.id,
            account_id=conversation.account_id,
            author=Author.BOT,
            purpose=Purpose.NOTE if note else Purpose.NOTICE,
            text=text,
            at=now,
            created_at=now,
            state=MessageState.HANDLED if note else MessageState.PENDING,
            deadline=None if note else now + _DEADLINE,
        )
    )
    announce(session, "conversation", conversation.id)
    if not note:
        announce(session, "outgoing", conversation.account_id)


async def _resolve(session: AsyncSession, conversation: Conversation, *, name: str, now: datetime) -> str:
    if conversation.status == ConversationStatus.RESOLVED:
        return "resolved already"
    become(conversation, ConversationStatus.RESOLVED)
    conversation.waiting_since = None
    await close_cases(session, conversation, at=now)
    note_event(session, conversation, EventKind.RESOLVE, at=now, details={"by": name})
    return "resolved"
