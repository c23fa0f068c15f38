"""What a channel tells the contract suite about itself: `CASE` in `bot/channels/<name>/tests/contract.py`.

The suite (`tests/contract/test_*.py`) runs over every discovered channel; nothing else has to be edited for a new one.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol

from pydantic import BaseModel

from core.errors import AccountStopped, NotSendable, OutcomeUnknown, RecipientGone, SendError, TryLater

RATE_LIMIT: Final = "rate_limit"
RECIPIENT_GONE: Final = "recipient_gone"
DEAD_TOKEN: Final = "dead_token"
LOST_ANSWER: Final = "lost_answer"
REFUSED: Final = "refused"

EVERY_PLATFORM_CAN: Final[Mapping[str, type[SendError]]] = {
    RATE_LIMIT: TryLater,
    RECIPIENT_GONE: RecipientGone,
    DEAD_TOKEN: AccountStopped,
    LOST_ANSWER: OutcomeUnknown,
    REFUSED: NotSendable,
}
"""Trouble that every case names, and what it must become."""

DERIVED_SECRET: Final = "5ec7e7" * 10 + "cafe"
"""`Opening.derived_secret` in the suite: 64 hex characters, for channels whose webhook secret we choose ourselves."""

WEBHOOK_URL: Final = "https://desk.example/webhooks/contract/main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message the fake platform accepted: its id as `Acceptance.external_id` gives it, where it went, its text."""

    external_id: str
    thread: str
    text: str


class FakePlatform(Protocol):
    """A running stand-in of the platform."""

    @property
    def base_url(self) -> str:
        """Where it listens: `http://127.0.0.1:PORT`."""

    @property
    def thread(self) -> str:
        """A customer who wrote just now, so that everybody may write to him."""

    def taken(self) -> Sequence[Taken]:
        """All messages accepted until now, oldest first, those whose answer was lost included."""

    def fail_next(self, trouble: str) -> None:
        """The next send meets this trouble (a name of `ContractCase.troubles`), the one after it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCase:
    """One channel's answers to the suite's questions.

    `credentials` makes test credentials for a platform at that base URL; `secrets` are the values in them (and made
    from them) that may never show. `signed` gives the headers (lower-case names) a platform would send with that body,
    `wrongly_signed` those of somebody with another secret, `signature_header` is the header that proves the sender.
    `signature_covers_body` is False where the platform only sends a fixed secret.

    `expected` names for every file of `fixtures/` (its stem) what its items are understood as, in order: the inbound's
    class name, for what is ignored `Ignored:<kind>`.

    `troubles` are the names `FakePlatform.fail_next` takes, with the error each must become: all of
    `EVERY_PLATFORM_CAN` and the channel's own. `never` explains every `SendError` branch the platform has no word for.
    """

    credentials: Callable[[str], BaseModel]
    secrets: Sequence[str]
    signed: Callable[[bytes], Mapping[str, str]]
    wrongly_signed: Callable[[bytes], Mapping[str, str]]
    signature_header: str
    signature_covers_body: bool
    expected: Mapping[str, Sequence[str]]
    fake: Callable[[], AbstractAsyncContextManager[FakePlatform]]
    troubles: Mapping[str, type[SendError]]
    never: Mapping[type[SendError], str] = field(default_factory=dict)
