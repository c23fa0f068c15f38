"""The outbox's transactions, one process's view of them, with a clock that the test turns."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channel import Acceptance, DoubtPolicy, Limits
from bot.models import Delivery, DeliveryState
from bot.outbox import ECHO_WAIT, PERSONS_DEADLINE, Attempt, Outbox
from bot.receipts import match_own_delivery
from core.database import Database
from core.errors import ElsewhereOwned, NotSendable, RecipientGone, WindowClosed
from core.messages import Author, ConversationStatus, MessageState, Purpose
from core.models import Account, Contact, Conversation, Message
from handoff.models import Case
from tests.core.people import TurnedClock

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PENDING, SENDING, SENT = MessageState.PENDING, MessageState.SENDING, MessageState.SENT
FAILED, IN_DOUBT, HANDLED = MessageState.FAILED, MessageState.IN_DOUBT, MessageState.HANDLED


@dataclass
class Post:
    """One account with one conversation, and what a test does to them."""

    database: Database
    clock: TurnedClock
    account_id: int
    conversation_id: int

    def outbox(self, doubt: DoubtPolicy) -> Outbox:
        limits = Limits(text_length=10)
        return Outbox(database=self.database, clock=self.clock, account_id=self.account_id, limits=limits, doubt=doubt)

    async def write(
        self, text: str = "answer", *, author: Author = Author.BOT, purpose: Purpose = Purpose.ANSWER
    ) -> int:
        async with self.database.write() as session:
            message = Message(
                conversation_id=self.conversation_id,
                account_id=self.account_id,
                author=author,
                purpose=purpose,
                text=text,
                at=self.clock(),
                created_at=self.clock(),
                state=PENDING,
                deadline=self.clock() + timedelta(minutes=30) if author == Author.BOT else None,
            )
            session.add(message)
            await session.flush()
            return message.id

    async def message(self, message_id: int) -> Message:
        async with self.database.read() as session:
            return await session.get_one(Message, message_id)

    async def conversation(self) -> Conversation:
        async with self.database.read() as session:
            return await session.get_one(Conversation, self.conversation_id)

    async def reasons(self) -> list[str]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Case.reason).order_by(Case.id)))

    async def deliveries(self, message_id: int) -> Sequence[Delivery]:
        async with self.database.read() as session:
            query = select(Delivery).where(Delivery.message_id == message_id).order_by(Delivery.position)
            return (await session.scalars(query)).all()

    async def become(self, status: ConversationStatus) -> None:
        async with self.database.write() as session:
            (await session.get_one(Conversation, self.conversation_id)).status = status

    async def echo(self, attempt: Attempt, external_id: str) -> None:
        async with self.database.write() as session:
            await match_own_delivery(
                session, self.account_id, external_id=external_id, at=self.clock(), key=attempt.outbound.key
            )


@pytest.fixture
async def post(database: Database) -> Post:
    clock = TurnedClock(START)
    async with database.write() as session:
        account = Account(channel="test", name="main", created_at=START)
        session.add(account)
        await session.flush()
        contact = Contact(account_id=account.id, external_id="anna", created_at=START)
        session.add(contact)
        await session.flush()
        conversation = Conversation(
            account_id=account.id, contact_id=contact.id, thread="anna", created_at=START, last_message_at=START
        )
        session.add(conversation)
        await session.flush()
        session.add(
            Message(
                conversation_id=conversation.id,
                account_id=account.id,
                author=Author.CUSTOMER,
                text="Where is it?",
                at=START,
                created_at=START,
                state=HANDLED,
            )
        )
    return Post(database, clock, account.id, conversation.id)


async def begun(outbox: Outbox, message_id: int) -> Attempt:
    attempt = await outbox.begin(message_id)
    assert attempt is not None
    return attempt


def accepted(post: Post, external_id: str) -> Acceptance:
    return Acceptance(external_id=external_id, at=post.clock())


async def test_a_crash_between_two_parts_doubts_only_the_part_under_way(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.AWAIT_ECHO)
    number = await post.write("one two. three four. five six.")
    first = await begun(outbox, number)
    assert await outbox.accepted(first, accepted(post, "1"))
    second = await begun(outbox, number)
    assert await outbox.recover() == 1
    states = [one.state for one in await post.deliveries(number)]
    assert states[:3] == [DeliveryState.SENT, DeliveryState.IN_DOUBT, DeliveryState.PENDING]
    assert await outbox.heads(9) == []
    post.clock.now += ECHO_WAIT + timedelta(seconds=1)
    assert (await begun(outbox, number)).outbound.key == second.outbound.key


async def test_a_crash_after_the_acceptance_of_a_part_doubts_nothing(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write("one two. three four.")
    first = await begun(outbox, number)
    await outbox.accepted(first, accepted(post, "1"))
    assert await outbox.recover() == 0
    assert (await begun(outbox, number)).delivery_id != first.delivery_id


async def test_a_doubt_handed_over_is_never_repeated_and_the_next_message_goes_on(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    first, second = await post.write(), await post.write("later")
    await outbox.doubtful(await begun(outbox, first), "lost")
    assert await post.reasons() == ["delivery_in_doubt"]
    assert await outbox.begin(first) is None
    post.clock.now += timedelta(hours=1)
    assert [head for head, _ in await outbox.heads(9)] == [second]
    assert (await post.message(first)).state == IN_DOUBT


async def test_without_an_echo_it_is_repeated_once_and_then_a_person_decides(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.AWAIT_ECHO)
    number, behind = await post.write(), await post.write("behind")
    await outbox.later(await begun(outbox, number), after=timedelta(0), error="busy")  # counts for nothing
    await outbox.doubtful(await begun(outbox, number), "lost")
    assert await outbox.heads(9) == [], "what comes behind waits for the echo too"
    post.clock.now += ECHO_WAIT
    await outbox.doubtful(await begun(outbox, number), "lost again")
    post.clock.now += ECHO_WAIT
    assert await outbox.begin(number) is None
    assert (await post.message(number)).state == IN_DOUBT
    assert await post.reasons() == ["delivery_in_doubt"]
    assert [head for head, _ in await outbox.heads(9)] == [behind]


async def test_an_echo_settles_a_doubt_even_after_it_was_handed_over(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.AWAIT_ECHO)
    number = await post.write()
    attempt = await begun(outbox, number)
    await outbox.doubtful(attempt, "lost")
    post.clock.now += timedelta(hours=2)  # long after the deadline
    await post.echo(attempt, "m1")
    assert await outbox.begin(number) is None
    message = await post.message(number)
    assert (message.state, message.external_id, message.error) == (SENT, "m1", None)


async def test_an_echo_before_the_answer_of_the_call_is_the_acceptance(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.AWAIT_ECHO)
    number = await post.write()
    attempt = await begun(outbox, number)
    await post.echo(attempt, "m1")
    await outbox.doubtful(attempt, "the answer was lost")
    assert await outbox.begin(number) is None
    assert (await post.message(number)).state == SENT


async def test_an_echo_of_what_was_told_to_be_refused_is_believed(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.AWAIT_ECHO)
    number = await post.write()
    attempt = await begun(outbox, number)
    await outbox.later(attempt, after=timedelta(seconds=30), error="HTTP 503")
    await post.echo(attempt, "m1")
    assert await outbox.begin(number) is None
    assert (await post.message(number)).state == SENT


async def test_a_channel_that_deduplicates_is_asked_again_at_once(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.REPEAT)
    number = await post.write()
    first = await begun(outbox, number)
    await outbox.doubtful(first, "lost")
    assert (await begun(outbox, number)).outbound.key == first.outbound.key


async def test_a_stale_answer_is_not_sent_and_a_person_gets_the_question(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write()
    post.clock.now += timedelta(minutes=31)
    assert await outbox.begin(number) is None
    assert (await post.message(number)).state == FAILED
    async with post.database.read() as session:
        case = (await session.scalars(select(Case))).one()
    assert (case.reason, case.question) == ("delivery_failed", "Where is it?")


async def test_an_agents_words_wait_a_day_and_no_longer(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write("hello", author=Author.AGENT, purpose=Purpose.REPLY)
    await outbox.later(await begun(outbox, number), after=timedelta(0), error="busy")
    post.clock.now += PERSONS_DEADLINE - timedelta(minutes=1)
    await outbox.later(await begun(outbox, number), after=timedelta(0), error="busy")
    post.clock.now += timedelta(minutes=2)
    assert await outbox.begin(number) is None
    assert (await post.message(number)).state == FAILED


@pytest.mark.parametrize("status", ["open", "snoozed", "resolved"])
async def test_an_answer_that_did_not_go_out_before_a_person_came_is_a_draft(post: Post, status: str) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write()
    await post.become(ConversationStatus(status))
    assert await outbox.begin(number) is None
    message = await post.message(number)
    assert (message.purpose, message.state) == (Purpose.DRAFT, HANDLED)


async def test_a_message_begun_before_a_person_came_is_finished(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write("one two. three four.")
    await outbox.accepted(await begun(outbox, number), accepted(post, "1"))
    await post.become(ConversationStatus.OPEN)
    assert await outbox.begin(number) is not None


@pytest.mark.parametrize(
    ("error", "reasons"),
    [
        (NotSendable("no"), ["delivery_failed"]),
        (WindowClosed("late"), ["window_closed"]),
        (ElsewhereOwned("theirs"), ["thread_elsewhere"]),
        (RecipientGone("gone"), []),
    ],
)
async def test_a_final_no_goes_to_a_person_where_one_can_still_help(
    post: Post, error: NotSendable | RecipientGone, reasons: list[str]
) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write()
    await outbox.failed(await begun(outbox, number), error)
    assert (await post.message(number)).state == FAILED
    assert await post.reasons() == reasons


async def test_two_threads_that_became_one_keep_their_messages(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write()
    async with post.database.write() as session:
        old = await session.get_one(Conversation, post.conversation_id)
        session.add(
            Conversation(
                account_id=old.account_id,
                contact_id=old.contact_id,
                thread="new",
                created_at=START,
                last_message_at=START,
            )
        )
    await outbox.moved(await begun(outbox, number), thread="new")
    assert (await begun(outbox, number)).outbound.thread == "new"


async def test_a_message_that_breaks_us_is_shelved_with_a_case(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.HAND_OVER)
    number = await post.write()
    async with post.database.write() as session:
        (await session.get_one(Message, number)).buttons = [{"nonsense": 1}]
    with pytest.raises(TypeError):
        await outbox.begin(number)
    await outbox.shelve(number, "TypeError")
    assert (await post.message(number)).state == FAILED
    assert await post.reasons() == ["delivery_failed"]


async def test_an_id_that_an_echo_without_our_key_already_took_breaks_nothing(post: Post) -> None:
    outbox = post.outbox(DoubtPolicy.AWAIT_ECHO)
    number, other = await post.write(), await post.write("a person's", author=Author.AGENT, purpose=Purpose.REPLY)
    async with post.database.write() as session:
        row = await session.get_one(Message, other)
        row.external_id, row.state = "m1", SENT
    assert not await outbox.accepted(await begun(outbox, number), accepted(post, "m1"))
    message = await post.message(number)
    assert (message.state, message.external_id) == (SENT, None)


@pytest.mark.parametrize("policy", [DoubtPolicy.HAND_OVER, DoubtPolicy.AWAIT_ECHO])
@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_every_message_ends_in_order_and_no_accepted_call_is_repeated(
    post: Post, policy: DoubtPolicy, seed: int
) -> None:
    """A random walk: crashes, refusals, lost answers and echoes in any order."""
    chance = random.Random(seed)
    platform: list[tuple[str, int]] = []  # what the platform took, as (key, message)
    answered: set[str] = set()  # the keys whose acceptance we committed or whose echo we had
    numbers = [await post.write(f"text {number}. and more.") for number in range(5)]
    outbox = post.outbox(policy)
    for _ in range(400):
        post.clock.now += timedelta(seconds=chance.choice([0, 1, 31]))
        heads = await outbox.heads(9)
        if not heads:
            continue
        attempt = await outbox.begin(heads[0][0])
        if attempt is None:
            continue
        key = attempt.outbound.key
        assert key not in answered, "a call that we knew was accepted is never made again"
        fate = chance.choice(["accepted", "accepted", "later", "lost answer", "lost request", "crash", "crash after"])
        if fate in ("accepted", "lost answer", "crash after"):
            platform.append((key, attempt.message_id))
        if fate == "accepted":
            await outbox.accepted(attempt, accepted(post, f"id-{len(platform)}"))
            answered.add(key)
        elif fate == "later":
            await outbox.later(attempt, after=timedelta(seconds=chance.choice([0, 5])), error="busy")
        elif fate.startswith("lost"):
            await outbox.doubtful(attempt, fate)
        else:
            outbox = post.outbox(policy)
            await outbox.recover()
        if policy == DoubtPolicy.AWAIT_ECHO and platform and chance.random() < 0.5:
            echoed = chance.choice(platform)[0]
            if echoed == key and echoed not in answered:
                await post.echo(attempt, f"echo-{echoed}")
                answered.add(echoed)
    assert {(await post.message(number)).state for number in numbers} <= {SENT, IN_DOUBT, FAILED}
    order = [message_id for _, message_id in platform]
    assert order == sorted(order), "one conversation's messages go out in order"
    repeats = max((sum(other == key for other, _ in platform) for key, _ in platform), default=0)
    assert repeats <= (1 if policy == DoubtPolicy.HAND_OVER else 2)
