"""Speak: after the commit, the outbox's rows go to their platform; pacing, retries and giving up live here.

One worker an account; conversations of one account are sent side by side, one conversation's messages in order.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

import structlog
from prometheus_client import Counter, Histogram
from structlog.contextvars import bound_contextvars

from bot.accounts import OpenAccount
from bot.outbox import Attempt, Outbox
from bot.pacing import Pace
from bot.wakeups import Wakeup, Wakeups
from core.clock import Clock
from core.database import TROUBLE, Database
from core.errors import (
    AccountStopped,
    ConversationMoved,
    NotSendable,
    OutcomeUnknown,
    RecipientGone,
    TryLater,
)
from core.logs import Scrubber

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

SENT: Final = Counter("replydesk_sends_total", "Platform calls by outcome.", ["channel", "outcome"])
SEND_SECONDS: Final = Histogram("replydesk_send_seconds", "Duration of a platform call.", ["channel"])
_SIDE_BY_SIDE: Final = 64
_POLL_SECONDS: Final = 1.0
_CALL_SECONDS: Final = 60.0
_FIRST_BACKOFF_SECONDS: Final = 1.0
_LONGEST_BACKOFF_SECONDS: Final = 60.0


class Deliverer:
    """Sends one account's messages."""

    def __init__(
        self, *, database: Database, clock: Clock, account: OpenAccount, wakeups: Wakeups, scrubber: Scrubber
    ) -> None:
        self._account = account
        self._wakeups = wakeups
        self._scrubber = scrubber
        limits = account.kind.limits
        self._outbox = Outbox(
            database=database, clock=clock, account_id=account.id, limits=limits, doubt=account.kind.doubt
        )
        self._pace = Pace(
            account_per_second=limits.account_per_second, recipient_per_second=limits.recipient_per_second
        )
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._calling: set[int] = set()
        self._stopped: AccountStopped | None = None
        self._ending = False
        self._look_again = False
        """A message may have been passed over, because an earlier one of its conversation or too many were under way."""

    async def run(self) -> None:
        """Send until cancelled; raises `AccountStopped` when the platform refuses the account itself.

        A cancelled run lets calls under way end (the stop's own deadline bounds that).
        """
        await self._outbox.recover()
        with self._wakeups.on("outgoing", self._account.id) as wakeup:
            try:
                while self._stopped is None:
                    try:
                        await self._start_heads(wakeup)
                    except TROUBLE as error:
                        log.warning("delivery_waits_for_database", error=str(error))
                    await wakeup.wait(_POLL_SECONDS)
                raise self._stopped
            finally:
                await self._end_calls()

    async def _end_calls(self) -> None:
        """Calls under way may end; who only waits for his turn does not wait any longer."""
        self._ending = True
        for message_id, task in self._under_way.items():
            if message_id not in self._calling:
                task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=_CALL_SECONDS)

    async def _start_heads(self, wakeup: Wakeup) -> None:
        self._look_again = bool(self._under_way)
        if len(self._under_way) >= _SIDE_BY_SIDE:
            return
        for message_id, thread in await self._outbox.heads(_SIDE_BY_SIDE + len(self._under_way)):
            if message_id not in self._under_way and len(self._under_way) < _SIDE_BY_SIDE:
                task = asyncio.create_task(self._send(message_id, thread), name=f"send {message_id}")
                self._under_way[message_id] = task
                task.add_done_callback(self._done(message_id, wakeup))

    def _done(self, message_id: int, wakeup: Wakeup) -> Callable[[asyncio.Task[None]], None]:
        def done(task: asyncio.Task[None]) -> None:
            del self._under_way[message_id]
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("sending_failed_unexpectedly", message=message_id, error=str(error))
                return  # the next look at the outbox is soon enough
            if self._look_again:
                wakeup.ring()

        return done

    async def _send(self, message_id: int, thread: str) -> None:
        """All calls of one message, each in its turn."""
        with bound_contextvars(channel=self._account.kind.name, account=self._account.name, message=message_id):
            more = True
            while more and not self._ending:
                await self._pace.turn(thread)
                self._calling.add(message_id)
                try:
                    more = await self._send_next(message_id)
                finally:
                    self._calling.discard(message_id)

    async def _send_next(self, message_id: int) -> bool:
        """The message's next call, if there is one; returns whether there are more."""
        if self._stopped is not None or self._ending:
            return False
        try:
            attempt = await self._outbox.begin(message_id)
            return attempt is not None and await self._call(attempt)
        except TROUBLE as error:
            log.warning("sending_waits_for_database", error=str(error))
            await self._surely(lambda: self._outbox.not_called(message_id))
        except Exception as error:  # an edge: a message that breaks us must not break the queue
            log.exception("message_shelved")
            sentence = self._scrubber.clean(f"{type(error).__name__}: {error}")
            await self._surely(lambda: self._outbox.shelve(message_id, sentence))
        return False

    async def _surely(self, write: Callable[[], Awaitable[Result]]) -> Result:
        """What became of a call is written down, however long the database is away."""
        while True:
            try:
                return await write()
            except TROUBLE as error:
                log.warning("outcome_waits_for_database", error=str(error))
                await asyncio.sleep(_POLL_SECONDS)

    async def _call(self, attempt: Attempt) -> bool:
        """One platform call and what follows from its end; returns whether the message has more calls to make."""
        channel = self._account.kind.name
        try:
            with SEND_SECONDS.labels(channel).time():
                async with asyncio.timeout(_CALL_SECONDS):
                    acceptance = await self._account.channel.send(attempt.outbound)
        except TryLater as error:
            await self._retry(attempt, error)
        except AccountStopped as error:
            self._stopped = error
            sentence = str(error)
            await self._surely(lambda: self._outbox.later(attempt, after=timedelta(0), error=sentence))
        except ConversationMoved as error:
            thread = error.thread
            await self._surely(lambda: self._outbox.moved(attempt, thread=thread))
        except (RecipientGone, NotSendable) as error:
            final = error
            await self._surely(lambda: self._outbox.failed(attempt, final))
            SENT.labels(channel, type(error).__name__).inc()
        except (OutcomeUnknown, TimeoutError) as error:
            await self._doubt(attempt, str(error) or "No answer within a minute.")
        except Exception as error:  # an edge: a surprise in an adapter is a doubtful send, not a lost one
            log.exception("send_surprise")
            await self._doubt(attempt, self._scrubber.clean(f"{type(error).__name__}: {error}"))
        else:
            SENT.labels(channel, "accepted").inc()
            return await self._surely(lambda: self._outbox.accepted(attempt, acceptance))
        return False

    async def _doubt(self, attempt: Attempt, error: str) -> None:
        await self._surely(lambda: self._outbox.doubtful(attempt, error))
        SENT.labels(self._account.kind.name, "in_doubt").inc()

    async def _retry(self, attempt: Attempt, error: TryLater) -> None:
        backoff = min(_LONGEST_BACKOFF_SECONDS, _FIRST_BACKOFF_SECONDS * 2.0 ** min(attempt.number - 1, 10))
        seconds = error.after_seconds if error.after_seconds is not None else backoff
        seconds += random.uniform(0, 0.1 + seconds / 10)  # noqa: S311 - jitter, not a secret
        if error.scope == "account":
            self._pace.pause(seconds)
        await self._surely(lambda: self._outbox.later(attempt, after=timedelta(seconds=seconds), error=str(error)))
        SENT.labels(self._account.kind.name, "later").inc()
        log.info("send_later", attempt=attempt.number, seconds=round(seconds, 1), reason=str(error))
