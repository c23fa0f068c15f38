"""What tests about users share: a clock that is turned by hand, and quick passwords."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from core.passwords import Passwords

MORNING: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class TurnedClock:
    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def quick_passwords() -> Passwords:
    """Real argon2, with the least work it can do."""
    return Passwords(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))
