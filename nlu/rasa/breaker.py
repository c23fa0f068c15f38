"""Stops asking a service that does not answer, and tries it again now and then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog

from core.clock import Clock
from core.errors import ReplydeskError

log = structlog.get_logger(__name__)

FAILURES: Final = 3
PAUSE: Final = timedelta(seconds=10)


class BreakerOpen(ReplydeskError):
    """The service is not asked at the moment."""


class Breaker:
    """Closed: every call goes through. `failures` in a row open it: none does for `pause`. Then one call may try: its
    success closes the breaker, its failure opens it for another pause. Opening and closing are logged once each.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        failing: type[Exception],
        name: str,
        failures: int = FAILURES,
        pause: timedelta = PAUSE,
    ) -> None:
        self._clock, self._failing, self._name = clock, failing, name
        self._failures, self._pause = failures, pause
        self._failed = 0
        self._open_until: datetime | None = None
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether the service counts as out of order, the trying call included."""
        return self._open_until is not None

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Around one call. Raises `BreakerOpen` instead of letting it through; lets the call's own errors pass."""
        trying = self._admit()
        try:
            yield
        except self._failing as error:
            self._count_failure(error)
            raise
        else:
            self._count_success()
        finally:
            if trying:
                self._trying = False

    def _admit(self) -> bool:
        if self._open_until is None:
            return False
        if self._trying or self._clock() < self._open_until:
            raise BreakerOpen(f"{self._name} is not asked until it answers again.")
        self._trying = True
        return True

    def _count_failure(self, error: Exception) -> None:
        self._failed += 1
        if self._open_until is not None:
            self._open_until = self._clock() + self._pause
        elif self._failed >= self._failures:
            self._open_until = self._clock() + self._pause
            log.warning("breaker_opened", service=self._name, reason=str(error), failures=self._failed)

    def _count_success(self) -> None:
        self._failed = 0
        if self._open_until is not None:
            self._open_until = None
            log.info("breaker_closed", service=self._name)
