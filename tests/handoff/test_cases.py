"""What changes a conversation's status and owner, below HTTP: the bot's and the platform's side of the handoff."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Change
from core.errors import Conflict, NotAllowed
from core.messages import ConversationStatus, EventKind
from core.models import Conversation, Event
from core.roles import Actor, Role
from handoff import cases
from handoff.models import Case
from handoff.writing import write_message
from tests.handoff.conftest import Desk

Status = ConversationStatus


async def stored(desk: Desk, conversation_id: int) -> tuple[Conversation, list[Event], list[Case]]:
    async with desk.database.read() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        events = (await session.scalars(select(Event).order_by(Event.id))).all()
        opened = (await session.scalars(select(Case).order_by(Case.id))).all()
    return conversation, list(events), list(opened)


async def open_case(desk: Desk, conversation_id: int, reason: str = "low_confidence") -> int:
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        return (await cases.open_case(session, conversation, reason=reason, priority=1, at=desk.clock())).id


@pytest.mark.parametrize("before", [Status.BOT, Status.RESOLVED])
async def test_a_handoff_opens_a_case_and_lets_the_conversation_wait(desk: Desk, before: Status) -> None:
    conversation_id = await desk.conversation(before)
    await open_case(desk, conversation_id)
    conversation, events, opened = await stored(desk, conversation_id)
    assert (conversation.status, conversation.version, conversation.assignee_id) == (Status.WAITING, 2, None)
    assert [(event.kind, event.details["reason"]) for event in events] == [(EventKind.HANDOFF, "low_confidence")]
    assert [(case.reason, case.closed_at) for case in opened] == [("low_confidence", None)]


@pytest.mark.parametrize("status", [Status.WAITING, Status.OPEN, Status.SNOOZED])
async def test_a_second_handoff_while_people_have_it_opens_no_second_case(desk: Desk, status: Status) -> None:
    conversation_id = await desk.conversation(Status.BOT)
    first = await open_case(desk, conversation_id)
    async with desk.database.write() as session:
        (await session.get_one(Conversation, conversation_id)).status = status
    assert await open_case(desk, conversation_id, "angry") == first
    conversation, events, opened = await stored(desk, conversation_id)
    assert (conversation.status, conversation.version) == (status, 2)
    assert len(events) == len(opened) == 1


async def test_resolving_closes_the_case_and_the_next_handoff_opens_another(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(Status.BOT)
    await open_case(desk, conversation_id)
    async with desk.database.write() as session:
        await cases.resolve(session, conversation_id, agent.actor, at=desk.clock())
        await cases.resolve(session, conversation_id, agent.actor, at=desk.clock())
    conversation, events, (case,) = await stored(desk, conversation_id)
    assert (conversation.status, conversation.waiting_since, case.closed_at) == (Status.RESOLVED, None, desk.clock())
    assert [event.kind for event in events] == [EventKind.HANDOFF, EventKind.RESOLVE], "resolving twice tells once"
    await open_case(desk, conversation_id)
    assert len((await stored(desk, conversation_id))[2]) == 2


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (Status.BOT, Status.BOT, []),
        (Status.WAITING, Status.WAITING, []),
        (Status.OPEN, Status.OPEN, []),
        (Status.SNOOZED, Status.OPEN, [EventKind.WAKE]),
        (Status.RESOLVED, Status.BOT, [EventKind.REOPEN]),
    ],
)
async def test_what_a_customers_message_does_to_each_status(
    desk: Desk, before: Status, after: Status, kinds: list[EventKind]
) -> None:
    agent = await desk.person(Role.AGENT)
    owner = agent.actor if before in {Status.OPEN, Status.SNOOZED} else None
    conversation_id = await desk.conversation(before, owner=owner)
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        conversation.waiting_since = None
        if before == Status.SNOOZED:
            conversation.snoozed_until = desk.clock() + timedelta(hours=3)
        await cases.customer_wrote(session, conversation, at=desk.clock())
    conversation, events, _ = await stored(desk, conversation_id)
    assert (conversation.status, conversation.version, conversation.snoozed_until) == (after, 2, None)
    assert conversation.assignee_id == (owner.id if owner else None)
    assert conversation.waiting_since == desk.clock()
    assert [event.kind for event in events] == kinds


async def test_a_second_customer_message_does_not_restart_the_wait(desk: Desk) -> None:
    conversation_id = await desk.conversation(Status.WAITING)
    began = desk.clock()
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        await cases.customer_wrote(session, conversation, at=desk.clock.forward(minutes=5))
    assert (await stored(desk, conversation_id))[0].waiting_since == began


async def test_snoozed_without_an_owner_wakes_to_wait(desk: Desk) -> None:
    conversation_id = await desk.conversation(Status.SNOOZED)
    async with desk.database.write() as session:
        await cases.customer_wrote(session, await session.get_one(Conversation, conversation_id), at=desk.clock())
    assert (await stored(desk, conversation_id))[0].status == Status.WAITING


async def test_only_the_snoozed_whose_time_has_come_wake(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    due, later = [await desk.conversation(Status.OPEN, owner=agent.actor) for _ in range(2)]
    async with desk.database.write() as session:
        for conversation_id, hours in ((due, 1), (later, 2)):
            until = desk.clock() + timedelta(hours=hours)
            await cases.snooze(session, conversation_id, agent.actor, until=until, at=desk.clock())
    async with desk.database.write() as session:
        assert await cases.wake_due(session, now=desk.clock.forward(hours=1)) == 1
    assert (await stored(desk, due))[0].status == Status.OPEN
    assert (await stored(desk, due))[0].assignee_id == agent.actor.id
    assert (await stored(desk, later))[0].status == Status.SNOOZED


@pytest.mark.parametrize("before", [Status.BOT, Status.WAITING, Status.RESOLVED])
async def test_a_message_in_the_platforms_own_inbox_takes_the_conversation(desk: Desk, before: Status) -> None:
    conversation_id = await desk.conversation(before)
    async with desk.database.write() as session:
        await cases.take_by_echo(session, await session.get_one(Conversation, conversation_id), at=desk.clock())
    conversation, events, _ = await stored(desk, conversation_id)
    assert (conversation.status, conversation.assignee_id, conversation.version) == (Status.OPEN, None, 2)
    assert conversation.waiting_since is None
    assert [(event.kind, event.user_id) for event in events] == [(EventKind.CLAIM, None)]


async def test_an_echo_leaves_our_own_owner_in_place_and_says_nothing_twice(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(Status.OPEN, owner=agent.actor)
    async with desk.database.write() as session:
        await cases.take_by_echo(session, await session.get_one(Conversation, conversation_id), at=desk.clock())
    conversation, events, _ = await stored(desk, conversation_id)
    assert (conversation.assignee_id, events, conversation.waiting_since) == (agent.actor.id, [], None)


async def test_the_thread_given_back_goes_to_the_bot_unless_an_agent_of_ours_owns_it(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    theirs = await desk.conversation(Status.OPEN)
    ours = await desk.conversation(Status.OPEN, owner=agent.actor)
    waiting = await desk.conversation(Status.WAITING)
    async with desk.database.write() as session:
        for conversation_id in (theirs, ours, waiting):
            conversation = await session.get_one(Conversation, conversation_id)
            await cases.give_back_thread(session, conversation, at=desk.clock())
    assert [(await stored(desk, one))[0].status for one in (theirs, ours, waiting)] == [
        Status.BOT,
        Status.OPEN,
        Status.WAITING,
    ]


async def test_of_two_agents_who_claim_at_once_one_gets_a_conflict(desk: Desk) -> None:
    first, second = await desk.person(Role.AGENT), await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    async with desk.database.write() as session:
        await cases.claim(session, conversation_id, first.actor, version=1, at=desk.clock())
    for version in (1, 2, None):
        with pytest.raises(Conflict):
            async with desk.database.write() as session:
                await cases.claim(session, conversation_id, second.actor, version=version, at=desk.clock())
    conversation, events, _ = await stored(desk, conversation_id)
    assert (conversation.assignee_id, len(events)) == (first.actor.id, 1)


async def test_claiming_ones_own_again_changes_nothing(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    for _ in range(2):
        async with desk.database.write() as session:
            await cases.claim(session, conversation_id, agent.actor, at=desk.clock())
    conversation, events, _ = await stored(desk, conversation_id)
    assert (conversation.version, len(events)) == (2, 1)


async def test_handing_back_forgets_the_bots_failures_and_closes_the_case(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation(Status.BOT)
    await open_case(desk, conversation_id)
    async with desk.database.write() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        conversation.failures, conversation.offered = 2, ["parcel"]
        await cases.hand_back(session, conversation_id, agent.actor, at=desk.clock())
    conversation, _, (case,) = await stored(desk, conversation_id)
    assert (conversation.status, conversation.failures, conversation.offered) == (Status.BOT, 0, [])
    assert case.closed_at == desk.clock()


async def test_changes_are_announced_after_the_commit_and_not_after_a_rollback(desk: Desk) -> None:
    agent = await desk.person(Role.AGENT)
    conversation_id = await desk.conversation()
    heard: list[Change] = []
    desk.database.listeners.append(heard.append)
    other = await desk.conversation()
    heard.clear()
    with pytest.raises(Conflict):
        await claim_then_stumble(desk, conversation_id, other, agent.actor)
    assert heard == []
    async with desk.database.write() as session:
        await cases.claim(session, conversation_id, agent.actor, at=desk.clock())
        assert heard == []
    assert heard == [Change(kind="conversation", id=conversation_id)]


async def claim_then_stumble(desk: Desk, first: int, second: int, actor: Actor) -> None:
    async with desk.database.write() as session:
        await cases.claim(session, first, actor, at=desk.clock())
        await cases.claim(session, second, actor, version=99, at=desk.clock())


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_in_whatever_order_the_conversation_stays_consistent(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    people = [(await desk.person(role)).actor for role in (Role.AGENT, Role.AGENT, Role.MANAGER)]
    conversation_id = await desk.conversation(Status.BOT)
    version = 1
    for _ in range(80):
        now = desk.clock.forward(minutes=chance.randint(1, 60))
        with suppress(Conflict, NotAllowed):
            async with desk.database.write() as session:
                await something_happens(session, conversation_id, chance, people, now)
        conversation, _, opened = await stored(desk, conversation_id)
        owned = conversation.status in {Status.OPEN, Status.SNOOZED}
        standing = [case for case in opened if case.closed_at is None]
        assert conversation.version >= version
        assert owned or conversation.assignee_id is None
        assert (conversation.snoozed_until is not None) == (conversation.status == Status.SNOOZED)
        assert len(standing) <= 1
        assert not standing or conversation.status in {Status.WAITING, Status.OPEN, Status.SNOOZED}
        version = conversation.version


async def something_happens(
    session: AsyncSession, conversation_id: int, chance: random.Random, people: list[Actor], now: datetime
) -> None:
    user, force = chance.choice(people), chance.random() < 0.3
    conversation = await session.get_one(Conversation, conversation_id)
    until = now + timedelta(minutes=30)
    happenings: list[Callable[[], Awaitable[object]]] = [
        lambda: cases.open_case(session, conversation, reason="angry", at=now),
        lambda: cases.claim(session, conversation_id, user, force=force, at=now),
        lambda: cases.release(session, conversation_id, user, at=now),
        lambda: cases.resolve(session, conversation_id, user, at=now),
        lambda: cases.snooze(session, conversation_id, user, until=until, at=now),
        lambda: cases.hand_back(session, conversation_id, user, at=now),
        lambda: cases.wake_due(session, now=now),
        lambda: cases.take_by_echo(session, conversation, at=now),
        lambda: cases.give_back_thread(session, conversation, at=now),
        lambda: write_message(session, conversation_id, user=user, text="Hello", at=now),
        lambda: cases.customer_wrote(session, conversation, at=now),
    ]
    await chance.choice(happenings)()
