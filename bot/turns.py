"""Think: a worker takes a conversation whose burst is over, thinks outside any transaction, and has it decided.

One worker at a time per conversation, any number of conversations side by side.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from prometheus_client import Histogram
from sqlalchemy import update
from structlog.contextvars import bound_contextvars

from bot.brand_in_use import BrandInUse
from bot.channel import Signal, SignalKind
from bot.decide import DECISIONS, Turn, Writer, is_stale, settle
from bot.gathering import Gathered, Gatherer
from bot.incoming import BurstWindow
from bot.phrases.own import PhrasesInUse
from bot.thinking import Material, Thinker, Thought, lost_thought
from bot.wakeups import Wakeup, Wakeups
from core.clock import Clock
from core.database import TROUBLE, Database
from core.messages import ConversationStatus, MessageState
from core.models import Conversation, Message
from core.preferences import Brand
from handoff.cases import load, open_case
from knowledge_base.snapshot import Snapshot
from nlu.decisions import Reason
from nlu.serving import Serving

log = structlog.get_logger(__name__)

_SIDE_BY_SIDE: Final = 32
_POLL_SECONDS: Final = 1.0
_TYPING_AFTER_SECONDS: Final = 0.3
"""An answer that comes sooner needs no sign that it comes; the sign is a platform call of its own."""
_INTRODUCTION_SECONDS: Final = 2.0
"""How long somebody who sent a picture and no word waits for the platform to tell his language."""
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
        self._wakeups = wakeups
        self._send_signal = send_signal
        self._brand = BrandInUse(database)
        self._phrases = PhrasesInUse(database)
        self._gatherer = Gatherer(database=database, window=window, owner=owner)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._look_again = False
        """Something due may have been passed over, because too much was under way."""

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
                held = Conversation.lease_owner.is_not(None)
                await session.execute(update(Conversation).where(held).values(lease_owner=None, lease_until=None))

    async def _start_due(self, wakeup: Wakeup) -> float:
        """Start what is due; returns how many seconds until something may be due."""
        now = self._clock()
        self._look_again = bool(self._under_way)
        room = _SIDE_BY_SIDE - len(self._under_way)
        if room <= 0:
            return _POLL_SECONDS
        gathered, next_due = await self._gatherer.take(now, room=room, under_way=self._under_way)
        for one in gathered:
            number = one.turn.conversation_id
            task = asyncio.create_task(self._take(one), name=f"turn {number}")
            self._under_way[number] = task
            task.add_done_callback(self._done(number, wakeup))
        return _POLL_SECONDS if next_due is None else min(_POLL_SECONDS, max(0.0, (next_due - now).total_seconds()))

    def _done(self, conversation_id: int, wakeup: Wakeup) -> Callable[[asyncio.Task[None]], None]:
        def done(task: asyncio.Task[None]) -> None:
            del self._under_way[conversation_id]
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("turn_failed", conversation=conversation_id, error=f"{type(error).__name__}: {error}")
                return  # the next look at what is due is soon enough
            if self._look_again:
                wakeup.ring()

        return done

    async def _take(self, gathered: Gathered) -> None:
        conversation_id = gathered.turn.conversation_id
        with bound_contextvars(conversation=conversation_id), THINK_SECONDS.time():
            try:
                await self._answer(gathered)
            except TROUBLE as error:
                log.warning("turn_waits_for_database", error=str(error))
                await asyncio.sleep(_POLL_SECONDS)
                await self._let_go(conversation_id)
            except Exception:  # an edge: a turn that breaks us goes to a person
                log.exception("turn_broke")
                await self._give_to_a_person(conversation_id)

    async def _answer(self, gathered: Gathered) -> None:
        turn, material = gathered.turn, gathered.material
        if not turn.message_ids:
            await self._settle_nothing(turn)
            return
        self._send_signal(gathered.account_id, Signal(kind=SignalKind.SEEN, thread=gathered.thread))
        types = Signal(kind=SignalKind.TYPING, thread=gathered.thread)
        loop = asyncio.get_running_loop()
        typing = loop.call_later(_TYPING_AFTER_SECONDS, self._send_signal, gathered.account_id, types)
        try:
            if gathered.awaits_introduction:
                material = await self._gatherer.introduced(gathered, seconds=_INTRODUCTION_SECONDS)
            brand = await self._brand.current()
            thought, snapshot = await self._think(material, brand)
        finally:
            typing.cancel()
        await self._decide(turn, material, thought, snapshot, brand)

    async def _think(self, material: Material, brand: Brand) -> tuple[Thought, Snapshot]:
        """The thought, and the answers it was thought with."""
        try:
            async with asyncio.timeout(_KNOWLEDGE_SECONDS):
                in_use = await self._serving.current()
        except TimeoutError:
            log.warning("no_understanding_yet")
            return lost_thought(material.language(brand)), Snapshot()
        return await self._thinker.think(material, in_use, brand), in_use.snapshot

    async def _settle_nothing(self, turn: Turn) -> None:
        """What was due has been deleted or answered meanwhile."""
        async with self._database.write() as session:
            conversation = await load(session, turn.conversation_id)
            if self._gatherer.is_ours(conversation):
                await settle(session, conversation, turn, self._clock())

    async def _let_go(self, conversation_id: int) -> None:
        """The turn was not decided: whoever is next may take it."""
        async with self._database.write() as session:
            conversation = await load(session, conversation_id)
            if self._gatherer.is_ours(conversation):
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

    async def _decide(self, turn: Turn, material: Material, thought: Thought, snapshot: Snapshot, brand: Brand) -> None:
        now = self._clock()
        own = await self._phrases.current()
        async with self._database.write() as session:
            conversation = await load(session, turn.conversation_id)
            if not self._gatherer.is_ours(conversation):
                return
            fresh = conversation.version == turn.version
            writer = Writer(
                session=session,
                conversation=conversation,
                snapshot=snapshot,
                brand=brand.name,
                languages=brand.languages,
                now=now,
                own=own,
                asks_helpful=self._brand.rules.ask_helpful,
            )
            if conversation.status != ConversationStatus.BOT:
                outcome = writer.draft(thought)
            elif not fresh and await is_stale(session, turn):
                conversation.lease_owner = conversation.lease_until = None
                return
            else:
                outcome = await writer.write(thought, question=material.text)
            await settle(session, conversation, turn, now, fresh=fresh)
        DECISIONS.labels(turn.channel, outcome).inc()
        log.info("decided", channel=turn.channel, decision=outcome, messages=len(turn.message_ids))
