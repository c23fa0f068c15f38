"""Background work: started in one place, seen when it dies, started again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final

import structlog
from prometheus_client import Counter

from bot.accounts import Accounts, OpenAccount
from bot.wakeups import Wakeups
from core.errors import AccountStopped
from core.leases import LeaseLost

log = structlog.get_logger(__name__)

DEATHS: Final = Counter(
    "replydesk_background_failures_total", "Background tasks that died and were started again.", ["task"]
)
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
_STEADY_SECONDS: Final = 60.0
_LOOK_EVERY_SECONDS: Final = 1.0

Hold = Callable[[], AbstractAsyncContextManager[Any]]


class Supervisor:
    """Keeps named coroutines going. `ailing` are those that died and have not run steadily since: `/readyz` shows them."""

    def __init__(self) -> None:
        self.ailing: dict[str, str] = {}

    async def keep(self, name: str, work: Callable[[], Awaitable[None]], *, hold: Hold = nullcontext) -> None:
        """Run `work` for ever inside `hold()` (a lease): when it dies, log it and start it again after a growing pause."""
        pause = _FIRST_PAUSE_SECONDS
        if (task := asyncio.current_task()) is not None:
            task.set_name(name)
        while True:
            began = asyncio.get_running_loop().time()
            try:
                async with hold():
                    return await work()
            except LeaseLost:
                log.warning("lease_lost", task=name)
            except AccountStopped:
                raise
            except Exception as error:  # an edge: background work never dies unseen, nor for ever
                DEATHS.labels(name).inc()
                self.ailing[name] = type(error).__name__
                log.exception("background_task_died", task=name)
            if asyncio.get_running_loop().time() - began > _STEADY_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
                self.ailing.pop(name, None)
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)


class PerAccount:
    """Runs one piece of work for every open account, as accounts come and go; one account's trouble is its own."""

    def __init__(
        self,
        *,
        name: str,
        accounts: Accounts,
        wakeups: Wakeups,
        supervisor: Supervisor,
        work: Callable[[OpenAccount], Awaitable[None]],
        holding: Callable[[str], Hold],
    ) -> None:
        self._name = name
        self._accounts = accounts
        self._wakeups = wakeups
        self._supervisor = supervisor
        self._work = work
        self._holding = holding
        self._running: dict[int, tuple[OpenAccount, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Until cancelled; then the accounts' work is cancelled too and waited for."""
        with self._wakeups.on("accounts") as wakeup:
            try:
                while True:
                    await self._match()
                    await wakeup.wait(_LOOK_EVERY_SECONDS)
            finally:
                await self._stop(list(self._running))

    async def _match(self) -> None:
        opened = {account.id: account for account in self._accounts.opened}
        for account_id in [one for one, (_, task) in self._running.items() if _has_failed(task)]:
            del self._running[account_id]
        await self._stop([one for one, (account, _) in self._running.items() if opened.get(one) is not account])
        for account in opened.values():
            if account.id not in self._running:
                task = asyncio.create_task(
                    self._serve(account), name=f"{self._name} {account.kind.name}/{account.name}"
                )
                self._running[account.id] = (account, task)

    async def _serve(self, account: OpenAccount) -> None:
        label = f"{self._name}:{account.kind.name}/{account.name}"
        try:
            await self._supervisor.keep(label, lambda: self._work(account), hold=self._holding(label))
        except AccountStopped as error:
            await self._accounts.mark_problem(account, str(error))

    async def _stop(self, ids: list[int]) -> None:
        tasks = [self._running.pop(one)[1] for one in ids]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)


def _has_failed(task: asyncio.Task[None]) -> bool:
    """Died of something the supervisor does not handle; a stopped account's task ended without one."""
    return task.done() and (task.cancelled() or task.exception() is not None)
