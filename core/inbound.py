"""What a platform told us, translated at the door: the frozen values every channel's parser returns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.messages import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The customer as the platform describes him. `language` is the platform's tag (`uk`, `zh_TW`), not yet ours."""

    id: str
    name: str = ""
    handle: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerWrote:
    """A customer's message. A pressed button, a postback, a quick reply or `/start PAYLOAD` is one too: `press` is its payload.

    `external_id` is unique within the account (a Telegram one is `chat:message_id`). `unreadable_kind` names content
    that we cannot read and must still answer visibly. `by_customer_words` is False for forwarded text.
    """

    thread: str
    sender: Sender
    external_id: str
    at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    press: str | None = None
    pressed_message: str | None = None
    """external id of our message whose button it was"""
    press_reference: str | None = None
    """the platform's handle for acknowledging the press"""
    reply_to: str | None = None
    group_key: str | None = None
    forwarded: bool = False
    referral: str | None = None
    unreadable_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEdited:
    """The whole new text of an earlier message; `attachments` None leaves them as they are.

    `quiet`: not the customer's own doing (a live location moves): shown, never answered.
    """

    thread: str
    sender: Sender
    external_id: str
    at: datetime
    text: str
    quiet: bool = False
    attachments: tuple[Attachment, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDeleted:
    thread: str
    external_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReacted:
    """`reactions` are all that stand on the message now for `replace=True`, else added or, with `removed`, taken off."""

    thread: str
    external_id: str
    at: datetime
    reactions: tuple[str, ...]
    replace: bool = True
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """Our side wrote. `key` is our own delivery key if the channel carries it; without a match a person wrote elsewhere.

    `sender` is the customer on the other end.
    """

    thread: str
    sender: Sender
    external_id: str
    at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    key: str | None = None


class ReceiptKind(StrEnum):
    DELIVERED = "delivered"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Messages of ours reached the customer: those of `external_ids`, and all accepted until `watermark`."""

    thread: str
    kind: ReceiptKind
    at: datetime
    external_ids: tuple[str, ...] = ()
    watermark: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """The customer blocked us, or came back."""

    thread: str
    sender: Sender
    reachable: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadControl:
    """Another app or a person took the thread (`ours` False) or gave it back (True)."""

    thread: str
    sender: Sender
    ours: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMoved:
    thread: str
    new_thread: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformWarning:
    """The platform warns us (policy enforcement): an operator must see it."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Understood, and nothing to do; `kind` is counted. `press_reference` asks for an acknowledgement all the same."""

    kind: str
    press_reference: str | None = None


Inbound = (
    CustomerWrote
    | CustomerEdited
    | CustomerDeleted
    | CustomerReacted
    | Echo
    | Receipt
    | Reachability
    | ThreadControl
    | ThreadMoved
    | PlatformWarning
    | Ignored
)
