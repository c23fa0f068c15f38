"""Think: a worker takes a conversation whose burst is over, thinks outside any transaction, and has it decided.

One worker at a time per conversation, any number of conversations side by side.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
from prometheus_client import Histogram
from sqlalchemy import or_, select, update
from structlog.contextvars import bound_contextvars

from bot.channel import Signal, SignalKind
from bot.decide import DECISIONS, Turn, Writer, is_stale, settle
from bot.incoming import BurstWindow
from bot.thinking import Material, Thinker, Thought, first_turn, lost_thought
from bot.wakeups import Wakeup, Wakeups
from core.clock import Clock
from core.database import TROUBLE, Database
from core.messages import ConversationStatus, MessageState
from core.models import Account, Contact, Conversation, Message
from core.preferences import Brand, load_brand
from handoff.cases import load, open_case
from knowledge_base.snapshot import Snapshot
from nlu.decisions import Reason
from nlu.serving import Serving

log = structlog.get_logger(__name__)

_SIDE_BY_SIDE: Final = 32
_POLL_SECONDS: Final = 1.0
_LEASE: Final = timedelta(seconds=60)
_KNOWLEDGE_SECONDS: Final = 20.0
"""How long a turn waits after the start for the understanding to be built; then a person gets it."""
THINK_SECONDS: Final = Histogram("replydesk_think_seconds", "From taking a turn to its decision committed.")


class Turns:
    """Runs the turns that are due. `owner` names this process in the conversations' leases."""

    def __init__(
        self,
        *,
        database: Database,
        serving: Serving,
        thinker: Thinker,
        clock: Clock,
        window: BurstWindow,
        wakeups: Wakeups,
        owner: str,
        send_signal: Callable[[int, Signal], None],
    ) -> None:
        self._database = database
        self._serving = serving
        self._thinker = thinker
        self._clock = clock
        self._window = window
        self._wakeups = wakeups
        self._owner = owner
        self._send_signal = send_signal
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Take turns until cancelled; those under way are then ended first."""
        await self._free_what_we_left()
        with self._wakeups.on("turn") as wakeup:
            try:
                while True:
                    try:
                        await wakeup.wait(await self._start_due(wakeup))
                    except TROUBLE as error:
                        log.warning("turns_wait_for_database", error=str(error))
                        await asyncio.sleep(_POLL_SECONDS)
            finally:
                if self._under_way:
                    await asyncio.wait(self._under_way.values())

    async def _free_what_we_left(self) -> None:
        """On SQLite we are the only worker: whoever still holds a conversation was killed."""
        if self._database.is_sqlite:
            async with self._database.write() as session:
                await session.execute(update(Conversation).values(lease_owner=None, lease_until=None))

    async def _start_due(self, wakeup: Wakeup) -> float:
        """Start what is due; returns how many seconds until something may be due."""
        now = self._clock()
        async with self._database.read() as session:
            rows = await session.execute(
                select(Conversation.id, Conversation.turn_due_at)
                .where(
                    Conversation.turn_due_at.is_not(None),
                    or_(Conversation.lease_until.is_(None), Conversation.lease_until < now),
                )
                .order_by(Conversation.turn_due_at)
                .limit(_SIDE_BY_SIDE + len(self._under_way) + 1)
            )
            waiting = [(one, due) for one, due in rows if one not in self._under_way and due is not None]
        for conversation_id, due in waiting:
            if due > now:
                return min(_POLL_SECONDS, (due - now).total_seconds())
            if len(self._under_way) >= _SIDE_BY_SIDE:
                break
            task = asyncio.create_task(self._take(conversation_id), name=f"turn {conversation_id}")
            self._under_way[conversation_id] = task
            task.add_done_callback(self._done(conversation_id, wakeup))
        return _POLL_SECONDS

    def _done(self, conversation_id: int, wakeup: Wakeup) -> Callable[[asyncio.Task[None]], None]:
        def done(task: asyncio.Task[None]) -> None:
            del self._under_way[conversation_id]
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("turn_failed", conversation=conversation_id, error=f"{type(error).__name__}: {error}")
                return  # the next look at what is due is soon enough
            wakeup.ring()

        return done

    async def _take(self, conversation_id: int) -> None:
        with bound_contextvars(conversation=conversation_id), THINK_SECONDS.time():
            try:
                await self._answer(conversation_id)
            except TROUBLE as error:
                log.warning("turn_waits_for_database", error=str(error))
                await asyncio.sleep(_POLL_SECONDS)
                await self._let_go(conversation_id)
            except Exception:  # an edge: a turn that breaks us goes to a person
                log.exception("turn_broke")
                await self._give_to_a_person(conversation_id)

    async def _answer(self, conversation_id: int) -> None:
        gathered = await self._gather(conversation_id)
        if gathered is None:
            return
        turn, material, brand, account_id, thread = gathered
        self._send_signal(account_id, Signal(kind=SignalKind.SEEN, thread=thread))
        self._send_signal(account_id, Signal(kind=SignalKind.TYPING, thread=thread))
        try:
            async with asyncio.timeout(_KNOWLEDGE_SECONDS):
                in_use = await self._serving.current()
        except TimeoutError:
            log.warning("no_understanding_yet")
            thought: Thought = lost_thought(material.language(brand))
            snapshot = Snapshot()
        else:
            thought, snapshot = await self._thinker.think(material, in_use, brand), in_use.snapshot
        await self._decide(turn, material, thought, snapshot, brand)

    async def _let_go(self, conversation_id: int) -> None:
        """The turn was not decided: whoever is next may take it."""
        async with self._database.write() as session:
            conversation = await load(session, conversation_id)
            if conversation.lease_owner == self._owner:
                conversation.lease_owner = conversation.lease_until = None

    async def _give_to_a_person(self, conversation_id: int) -> None:
        """Nothing is known but that we failed: the plainest case, and the messages are handled."""
        now = self._clock()
        async with self._database.write() as session:
            conversation = await load(session, conversation_id)
            if conversation.status in (ConversationStatus.BOT, ConversationStatus.RESOLVED):
                await open_case(session, conversation, reason=Reason.ERROR, priority=1, at=now)
            await session.execute(
                update(Message)
                .where(Message.conversation_id == conversation_id, Message.state == MessageState.RECEIVED)
                .values(state=MessageState.HANDLED)
            )
            conversation.turn_due_at = conversation.burst_began_at = None
            conversation.lease_owner = conversation.lease_until = None

    async def _gather(self, conversation_id: int) -> tuple[Turn, Material, Brand, int, str] | None:
        """Take the conversation, if it is free and due, and read its burst."""
        now = self._clock()
        async with self._database.write() as session:
            conversation = await load(session, conversation_id)
            if conversation.turn_due_at is None or conversation.turn_due_at > now:
                return None
            if conversation.lease_until is not None and conversation.lease_until >= now:
                return None
            waiting = await session.scalars(
                select(Message)
                .where(Message.conversation_id == conversation_id, Message.state == MessageState.RECEIVED)
                .order_by(Message.at, Message.id)
            )
            messages = first_turn(waiting.all())
            began = conversation.burst_began_at or now
            turn = Turn(
                conversation_id=conversation_id,
                channel=(account := await session.get_one(Account, conversation.account_id)).channel,
                version=conversation.version,
                message_ids=tuple(message.id for message in messages),
                texts=tuple(message.text for message in messages),
                thinkable=now - began < self._window.longest,
            )
            if not messages:
                await settle(session, conversation, turn, now)
                return None
            conversation.lease_owner, conversation.lease_until = self._owner, now + _LEASE
            contact = await session.get_one(Contact, conversation.contact_id)
            material = Material.of(messages, conversation, contact)
            brand = await load_brand(session)
            return turn, material, brand, account.id, conversation.thread

    async def _decide(self, turn: Turn, material: Material, thought: Thought, snapshot: Snapshot, brand: Brand) -> None:
        now = self._clock()
        async with self._database.write() as session:
            conversation = await load(session, turn.conversation_id)
            if conversation.lease_owner != self._owner:
                return  # it took us so long that another worker has it
            writer = Writer(
                session=session,
                conversation=conversation,
                snapshot=snapshot,
                brand=brand.name,
                languages=brand.languages,
                now=now,
            )
            if conversation.status != ConversationStatus.BOT:
                outcome = writer.draft(thought)
            elif await is_stale(session, conversation, turn):
                conversation.lease_owner = conversation.lease_until = None
                return
            else:
                outcome = await writer.write(thought, question=material.text)
            await settle(session, conversation, turn, now)
        DECISIONS.labels(turn.channel, outcome).inc()
        log.info("decided", channel=turn.channel, decision=outcome, messages=len(turn.message_ids))
