"""The port: what a platform's adapter is to the rest of the house.

A channel folder `bot/channels/<name>/` offers one `CHANNEL: ChannelKind` in its `__init__.py`; `bot/registry.py`
discovers it. The kind opens one `Channel` per account: two methods, `receive` and `send`. What a platform can do
beyond them is an optional protocol below (`Polling`, `Signalling`, `Preparing`, `Checking`, `Fetching`, `Introducing`,
`Editing`) that its channel simply also fulfils.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel

from core.clock import Clock
from core.inbound import Inbound, Sender
from core.messages import Attachment, Author, Button, Purpose
from core.text import utf16_length


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """A request as it arrived: the raw bytes, header names in lower case (values as latin-1 text), the query's first values."""

    method: str
    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing of a webhook batch or a poll, stored raw before anybody parses it.

    `dedup_key` is unique within the account (≤ 255 characters). Items of one `thread` are handled in order of
    (`at`, arrival); items without a thread stand alone. `body` is any JSON value; a text where it was not JSON.
    """

    dedup_key: str
    thread: str | None
    at: datetime | None
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What to keep, and the plain text to answer, with 200, once it is kept."""

    items: Sequence[Item] = ()
    answer: str = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """Bytes of a picture or document, small enough to hold (limits are the caller's)."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One platform call's worth of message: the text fits the channel's limits, the buttons too.

    `key` is ours and unique (≤ 64 characters): a channel that can carries it in the call, so that the echo or a repeat
    is recognised. `author` tells a person's words from the bot's (HUMAN_AGENT, CHANNELS.md 2.5). `last_customer_at` is
    the customer's last message, which opens the platform's window. Either `text` or `file` is there, or both where the
    channel takes captions (`Limits.caption_length` > 0).
    """

    key: str
    thread: str
    author: Author
    purpose: Purpose
    text: str = ""
    file: FileContent | None = None
    buttons: Sequence[Button] = ()
    reply_to: str | None = None
    last_customer_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The platform took it: its id (unique within the account) and when, by our clock."""

    external_id: str | None
    at: datetime


class Channel(Protocol):
    """One account on one platform."""

    async def receive(self, request: WebhookRequest) -> Received:
        """Verify the request over its raw bytes and split it into items; no parsing beyond that.

        Raises `core.errors.Refused` for a request that is not the platform's. Never raises for odd content: what
        cannot be read becomes an item of its own, and a dead letter later.
        """

    async def send(self, outbound: Outbound) -> Acceptance:
        """Make the one platform call. Raises a `core.errors.SendError` branch for everything but success."""


Keep = Callable[[Sequence[Item]], Awaitable[None]]
"""Returns once the items are durably stored; the poller may then acknowledge them."""


@runtime_checkable
class Polling(Protocol):
    polls: bool
    """False while this account is set to webhooks."""

    async def poll(self, keep: Keep) -> None:
        """Fetch for ever, until cancelled. Backs off on trouble by itself; raises `AccountStopped` on a dead token."""


class SignalKind(StrEnum):
    SEEN = "seen"
    TYPING = "typing"
    PRESS_RECEIVED = "press_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A small sign to the customer; losing it loses nothing. `reference` is the press to acknowledge."""

    kind: SignalKind
    thread: str
    reference: str | None = None


@runtime_checkable
class Signalling(Protocol):
    async def signal(self, signal: Signal) -> None:
        """Best effort; raises a `SendError` branch the caller may drop. Kinds the platform lacks do nothing."""


class FindingLevel(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `doctor` or of a channel's live check: a plain sentence without secrets."""

    level: FindingLevel
    sentence: str


@runtime_checkable
class Checking(Protocol):
    async def check(self) -> Sequence[Finding]:
        """Ask the platform: are the credentials good, is the webhook set and healthy? Never raises for its answers."""


@runtime_checkable
class Preparing(Protocol):
    async def prepare(self) -> None:
        """Tell the platform where we listen (webhook set or removed, fields subscribed). Called at start, idempotent."""


@runtime_checkable
class Fetching(Protocol):
    async def fetch(self, attachment: Attachment, *, limit_bytes: int) -> FileContent | None:
        """Download an inbound attachment; None where policy forbids a copy or it is too big or gone for good.

        Raises `TryLater` on passing trouble.
        """


@runtime_checkable
class Introducing(Protocol):
    """For platforms whose messages do not say who the customer is."""

    async def introduce(self, thread: str) -> Sender | None:
        """The customer's profile; None where the platform does not give it (CHANNELS.md bug 27: it is optional).

        Raises `TryLater` on passing trouble.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Another text for a message that the platform took. `with_file`: the text is a caption there."""

    thread: str
    external_id: str
    text: str
    with_file: bool = False


@runtime_checkable
class Editing(Protocol):
    """For platforms where a sent message can be changed."""

    async def edit(self, edit: Edit) -> None:
        """Make the customer see the new text; the same text again is a success. Raises a `SendError` branch."""


class DoubtPolicy(StrEnum):
    """What becomes of a send whose answer was lost (docs/decisions/0003-in-doubt-sends.md)."""

    HAND_OVER = "hand_over"
    """The platform can neither deduplicate nor tell: never repeat by ourselves; a person decides."""
    AWAIT_ECHO = "await_echo"
    """The platform echoes our key: wait for the echo, repeat only when it stays away."""
    REPEAT = "repeat"
    """The platform deduplicates by our key: repeat at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message can hold on the platform, and how fast messages may follow."""

    text_length: int
    measure: Callable[[str], int] = utf16_length
    caption_length: int = 0
    buttons: int = 0
    button_title_length: int = 20
    window: timedelta | None = None
    """How long after the customer's last message the bot may write; None: always."""
    agent_window: timedelta | None = None
    """The same for a person."""
    account_per_second: float = 30.0
    recipient_per_second: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a channel gets to open one account.

    `credentials` is an instance of the kind's own model; `http` the one outbound client (shared, never closed by the
    channel); `webhook_url` where the platform should deliver, None without a public URL; `derived_secret` a stable
    secret of this account for channels whose webhook secret we choose ourselves (64 hex characters).
    """

    account: str
    credentials: BaseModel
    http: httpx.AsyncClient
    clock: Clock
    webhook_url: str | None
    derived_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """Everything the house knows of a channel.

    `credentials` is a pydantic model of one account's settings: `SecretStr` for secrets, a `description` on every
    field; its environment names are `environment_prefix` + the field in capitals. `parse` is pure: one stored item's
    body in, what it means out; raises `Unreadable`.
    """

    name: str
    title: str
    credentials: type[BaseModel]
    environment_prefix: str
    limits: Limits
    doubt: DoubtPolicy
    parse: Callable[[Any], Sequence[Inbound]]
    open: Callable[[Opening], AbstractAsyncContextManager[Channel]]
