"""Who owns a conversation, and what changes it: the use cases of the handoff, each on the caller's transaction.

Statuses (DESIGN.md section 4) and what leads from one to the next:

    bot       open_case → waiting · claim, an echo → open
    waiting   claim, an echo → open · resolve → resolved · hand_back → bot
    open      release → waiting · transfer → open · snooze → snoozed · resolve → resolved · hand_back → bot
    snoozed   wake_due, a customer's message → open, or waiting where nobody owns it · claim → open · resolve, hand_back
    resolved  a customer's message → bot · claim, an echo → open

Every change writes its event, makes `version` grow and is announced. Raised are `NotFound` for an unknown conversation,
`NotAllowed` for somebody else's, and `Conflict` for a stale version or a claim that came second.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import actor_of
from core.database import announce
from core.errors import Conflict, NotAllowed, NotFound, UserMistake
from core.messages import Author, ConversationStatus, EventKind, MessageState, Purpose
from core.models import Conversation, Event, Message, User
from core.roles import Actor, Permission
from handoff.models import Case

LONGEST_SNOOZE: Final = timedelta(days=366)
_WITH_PEOPLE: Final = frozenset({ConversationStatus.WAITING, ConversationStatus.OPEN, ConversationStatus.SNOOZED})
_BY_ID: Final = select(Conversation).where(Conversation.id == bindparam("id")).with_for_update()
_OWNED: Final = frozenset({ConversationStatus.OPEN, ConversationStatus.SNOOZED})


async def open_case(
    session: AsyncSession,
    conversation: Conversation,
    *,
    reason: str,
    priority: int = 0,
    candidates: Sequence[Mapping[str, Any]] = (),
    question: str = "",
    language: str | None = None,
    at: datetime,
) -> Case:
    """Hand the conversation to people. While it is with them already, its open case is returned and nothing changes."""
    standing = await open_case_of(session, conversation.id)
    if standing is not None and conversation.status in _WITH_PEOPLE:
        return standing
    case = Case(
        conversation_id=conversation.id,
        opened_at=at,
        reason=reason,
        priority=priority,
        question=question,
        language=language,
        candidates=[dict(candidate) for candidate in candidates],
    )
    session.add(case)
    if conversation.waiting_since is None:
        conversation.waiting_since = conversation.last_customer_at or at
    if conversation.status not in _OWNED:
        become(conversation, ConversationStatus.WAITING)
    note_event(session, conversation, EventKind.HANDOFF, at=at, details={"reason": reason, "priority": priority})
    await session.flush()
    return case


async def open_case_of(session: AsyncSession, conversation_id: int) -> Case | None:
    """The case that people have not ended yet."""
    found: Case | None = await session.scalar(
        select(Case).where(Case.conversation_id == conversation_id, Case.closed_at.is_(None)).order_by(Case.id.desc())
    )
    return found


async def claim(
    session: AsyncSession,
    conversation_id: int,
    user: Actor,
    *,
    at: datetime,
    version: int | None = None,
    force: bool = False,
) -> Conversation:
    """`user` owns it now; claiming one's own again changes nothing.

    `force` takes it over from another agent, for those who may; without it, `Conflict`.
    """
    conversation = await load(session, conversation_id, version=version)
    if is_owned_by_other(conversation, user):
        if not force:
            raise Conflict("Somebody else owns this conversation.")
        user.insist(Permission.TAKE_OVER)
    if conversation.status == ConversationStatus.OPEN and conversation.assignee_id == user.id:
        return conversation
    return take(session, conversation, user, at=at)


def take(session: AsyncSession, conversation: Conversation, user: Actor, *, at: datetime) -> Conversation:
    """Make `user` the owner, without asking whether he may."""
    become(conversation, ConversationStatus.OPEN, assignee_id=user.id)
    note_event(session, conversation, EventKind.CLAIM, at=at, user=user)
    return conversation


async def transfer(
    session: AsyncSession, conversation_id: int, user: Actor, *, to: int, at: datetime, version: int | None = None
) -> Conversation:
    """Make the user `to` the owner. Raises `NotFound` where there is no such active user."""
    conversation = await load(session, conversation_id, version=version)
    insist_on_reach(conversation, user)
    target = await session.get(User, to)
    if target is None or not target.active:
        raise NotFound("There is no such user.")
    if conversation.status == ConversationStatus.OPEN and conversation.assignee_id == to:
        return conversation
    return take(session, conversation, actor_of(target), at=at)


async def release(
    session: AsyncSession, conversation_id: int, user: Actor, *, at: datetime, version: int | None = None
) -> Conversation:
    """Nobody owns it, it waits for somebody else. Raises `Conflict` where nobody owned it."""
    conversation = await load(session, conversation_id, version=version)
    insist_on_reach(conversation, user)
    if conversation.status not in _OWNED:
        raise Conflict("Nobody owns this conversation.")
    become(conversation, ConversationStatus.WAITING)
    note_event(session, conversation, EventKind.RELEASE, at=at, user=user)
    return conversation


async def resolve(
    session: AsyncSession, conversation_id: int, user: Actor, *, at: datetime, version: int | None = None
) -> Conversation:
    """The matter is settled; resolving it again changes nothing."""
    conversation = await load(session, conversation_id, version=version)
    insist_on_reach(conversation, user)
    if conversation.status == ConversationStatus.RESOLVED:
        return conversation
    become(conversation, ConversationStatus.RESOLVED)
    conversation.waiting_since = None
    await close_cases(session, conversation, at=at)
    note_event(session, conversation, EventKind.RESOLVE, at=at, user=user)
    return conversation


async def snooze(
    session: AsyncSession,
    conversation_id: int,
    user: Actor,
    *,
    until: datetime,
    at: datetime,
    version: int | None = None,
) -> Conversation:
    """Put one's conversation aside until then, or until the customer writes. Raises `Conflict` where nobody owns it."""
    if until.tzinfo is None or not at < until <= at + LONGEST_SNOOZE:
        raise UserMistake("'until' must be a time with its zone, in the future and within a year.")
    conversation = await load(session, conversation_id, version=version)
    insist_on_reach(conversation, user)
    if conversation.status not in _OWNED:
        raise Conflict("Claim the conversation before you snooze it.")
    become(conversation, ConversationStatus.SNOOZED, assignee_id=conversation.assignee_id)
    conversation.snoozed_until = until
    note_event(session, conversation, EventKind.SNOOZE, at=at, user=user, details={"until": until.isoformat()})
    return conversation


async def hand_back(
    session: AsyncSession, conversation_id: int, user: Actor, *, at: datetime, version: int | None = None
) -> Conversation:
    """The bot answers from now on, what nobody answered yet included. With the bot already, nothing changes."""
    conversation = await load(session, conversation_id, version=version)
    insist_on_reach(conversation, user)
    if conversation.status == ConversationStatus.BOT:
        return conversation
    await _to_bot(session, conversation, at=at, user=user)
    return conversation


async def give_back_thread(session: AsyncSession, conversation: Conversation, *, at: datetime) -> None:
    """The platform's own inbox gave the thread back: only what nobody of ours owns goes to the bot."""
    if conversation.status in _OWNED and conversation.assignee_id is None:
        await _to_bot(session, conversation, at=at, user=None)


async def take_by_echo(
    session: AsyncSession, conversation: Conversation, *, at: datetime, answered: bool = True
) -> None:
    """Somebody answered in the platform's own inbox: the bot is silent from now on; an owner of ours stays the owner.

    `answered` False: he took the thread there and wrote nothing yet, so the customer still waits.
    """
    if answered:
        agent_replied(session, conversation)
    if conversation.status != ConversationStatus.OPEN:
        owner = conversation.assignee_id if conversation.status == ConversationStatus.SNOOZED else None
        become(conversation, ConversationStatus.OPEN, assignee_id=owner)
        note_event(session, conversation, EventKind.CLAIM, at=at, details={"by": "platform"})


async def customer_wrote(session: AsyncSession, conversation: Conversation, *, at: datetime) -> None:
    """What a new customer message (its time is `at`) does to the conversation: it wakes, reopens, and begins a wait."""
    conversation.waiting_since = conversation.waiting_since or at
    if conversation.status == ConversationStatus.RESOLVED:
        become(conversation, ConversationStatus.BOT)
        note_event(session, conversation, EventKind.REOPEN, at=at)
    elif conversation.status == ConversationStatus.SNOOZED:
        _wake(session, conversation, at=at)
    else:
        _bump(session, conversation)


def agent_replied(session: AsyncSession, conversation: Conversation) -> None:
    """A person wrote to the customer: the wait is over."""
    conversation.waiting_since = None
    announce(session, "conversation", conversation.id)


async def wake_due(session: AsyncSession, *, now: datetime) -> int:
    """Wake every snoozed conversation whose time has come. Returns how many."""
    due = select(Conversation).where(
        Conversation.status == ConversationStatus.SNOOZED, Conversation.snoozed_until <= now
    )
    sleeping = (await session.scalars(due.with_for_update())).all()
    for conversation in sleeping:
        _wake(session, conversation, at=now)
    return len(sleeping)


async def load(session: AsyncSession, conversation_id: int, *, version: int | None = None) -> Conversation:
    """The conversation, locked until the transaction ends. Raises `NotFound`, or `Conflict` for another `version`."""
    conversation: Conversation | None = await session.scalar(_BY_ID, {"id": conversation_id})
    if conversation is None:
        raise NotFound("There is no such conversation.")
    if version is not None and version != conversation.version:
        raise Conflict("The conversation has changed since you read it. Read it again.")
    return conversation


def is_owned_by_other(conversation: Conversation, user: Actor) -> bool:
    return conversation.status in _OWNED and conversation.assignee_id not in {None, user.id}


def insist_on_reach(conversation: Conversation, user: Actor) -> None:
    if is_owned_by_other(conversation, user) and not user.may(Permission.TAKE_OVER):
        raise NotAllowed("Somebody else owns this conversation.")


async def _to_bot(session: AsyncSession, conversation: Conversation, *, at: datetime, user: Actor | None) -> None:
    become(conversation, ConversationStatus.BOT)
    conversation.failures, conversation.offered = 0, []
    await close_cases(session, conversation, at=at)
    note_event(session, conversation, EventKind.HAND_BACK, at=at, user=user)
    if conversation.waiting_since is not None:
        await _ask_again(session, conversation, since=conversation.waiting_since, at=at)


async def _ask_again(session: AsyncSession, conversation: Conversation, *, since: datetime, at: datetime) -> None:
    """The customer still waits: what he wrote since is a turn for the bot, at once.

    Platforms round their times, so what came before the last reply is left out by its place as well.
    """
    last_reply = (
        select(func.coalesce(func.max(Message.id), 0))
        .where(
            Message.conversation_id == conversation.id,
            Message.author == Author.AGENT,
            Message.purpose == Purpose.REPLY,
        )
        .scalar_subquery()
    )
    unanswered = (
        Message.conversation_id == conversation.id,
        Message.author == Author.CUSTOMER,
        Message.at >= since,
        Message.id > last_reply,
        Message.deleted_at.is_(None),
    )
    again = await session.execute(update(Message).where(*unanswered).values(state=MessageState.RECEIVED))
    if again.rowcount:  # type: ignore[attr-defined]
        conversation.burst_began_at = conversation.turn_due_at = at
        announce(session, "turn", conversation.id)


async def close_cases(session: AsyncSession, conversation: Conversation, *, at: datetime) -> None:
    await session.execute(
        update(Case).where(Case.conversation_id == conversation.id, Case.closed_at.is_(None)).values(closed_at=at)
    )


def _wake(session: AsyncSession, conversation: Conversation, *, at: datetime) -> None:
    owner = conversation.assignee_id
    become(conversation, ConversationStatus.WAITING if owner is None else ConversationStatus.OPEN, assignee_id=owner)
    note_event(session, conversation, EventKind.WAKE, at=at)


def become(conversation: Conversation, status: ConversationStatus, *, assignee_id: int | None = None) -> None:
    conversation.status, conversation.assignee_id, conversation.snoozed_until = status, assignee_id, None


def note_event(
    session: AsyncSession,
    conversation: Conversation,
    kind: EventKind,
    *,
    at: datetime,
    user: Actor | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    session.add(
        Event(
            conversation_id=conversation.id,
            kind=kind,
            at=at,
            user_id=None if user is None else user.id,
            details=dict(details or {}),
        )
    )
    _bump(session, conversation)


def _bump(session: AsyncSession, conversation: Conversation) -> None:
    conversation.version += 1
    announce(session, "conversation", conversation.id)
