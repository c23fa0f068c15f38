"""What each thing a platform tells us does to contacts, conversations and messages; one function a kind.

All run inside the absorbing transaction. What must follow the commit (acknowledging a press, fetching a picture) is
collected, not done.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channel import Signal, SignalKind
from bot.ratings import absorb_rating
from bot.receipts import absorb_receipt, match_own_delivery
from bot.threads import conversation_with, find_conversation, place_of_message
from core.database import announce
from core.inbound import (
    CustomerDeleted,
    CustomerEdited,
    CustomerReacted,
    CustomerWrote,
    Echo,
    Ignored,
    Inbound,
    PlatformWarning,
    Reachability,
    Receipt,
    ThreadControl,
    ThreadMoved,
)
from core.messages import Attachment, Author, ConversationStatus, MessageState, Purpose
from core.models import Account, Contact, Conversation, Message
from core.text import storable
from handoff.cases import customer_wrote, give_back_thread, load, take_by_echo

log = structlog.get_logger(__name__)

ALBUM_WAIT: Final = timedelta(seconds=1)
"""Telegram sends the items of an album as separate updates within about a second (CHANNELS.md 1.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstWindow:
    """How long the customer must be quiet before the bot thinks, and how long it waits at the most."""

    quiet: timedelta
    longest: timedelta


@dataclass(slots=True, kw_only=True)
class Incoming:
    """Applies inbound values for one account within one transaction."""

    session: AsyncSession
    account: Account
    now: datetime
    window: BurstWindow
    signals: list[Signal] = field(default_factory=list)
    """To be sent after the commit."""

    async def apply(self, inbound: Inbound) -> str:  # noqa: C901, PLR0911 - one case a kind
        """Returns what became of it, for the inbox's `outcome`."""
        match inbound:
            case CustomerWrote():
                return await self._wrote(inbound)
            case CustomerEdited():
                return await self._edited(inbound)
            case CustomerDeleted():
                return await self._deleted(inbound)
            case CustomerReacted():
                return await self._reacted(inbound)
            case Echo():
                return await self._echoed(inbound)
            case Receipt():
                return await absorb_receipt(self.session, self.account, inbound)
            case Reachability():
                return await self._reachability(inbound)
            case ThreadControl():
                return await self._thread_control(inbound)
            case ThreadMoved():
                return await self._moved(inbound)
            case PlatformWarning():
                return await self._warned(inbound)
            case Ignored():
                return self._ignored(inbound)

    async def _wrote(self, wrote: CustomerWrote) -> str:
        if wrote.press_reference is not None:
            self._acknowledge(wrote.thread, wrote.press_reference)
        rated = await absorb_rating(self.session, self.account, wrote, now=self.now)
        if rated is not None:
            return rated
        place = await place_of_message(
            self.session,
            self.account,
            thread=wrote.thread,
            sender=wrote.sender,
            external_id=wrote.external_id,
            now=self.now,
        )
        if place is None:
            return "repeated_message"
        conversation, contact = place
        at = min(wrote.at, self.now)
        message = Message(
            conversation_id=conversation.id,
            account_id=self.account.id,
            author=Author.CUSTOMER,
            text=storable(wrote.text),
            attachments=[attachment.to_json() for attachment in wrote.attachments],
            at=at,
            created_at=self.now,
            state=MessageState.RECEIVED,
            external_id=wrote.external_id,
            reply_to=wrote.reply_to,
            group_key=wrote.group_key,
            press=wrote.press,
            media_due_at=self.now if wrote.attachments else None,
        )
        self.session.add(message)
        await self.session.flush()
        await self._after_customer(
            conversation, await self._owner(conversation, contact), message, album=wrote.group_key is not None
        )
        if wrote.attachments:
            announce(self.session, "media", message.id)
        kind = wrote.unreadable_kind or ("press" if wrote.press is not None else "message")
        return f"customer_{kind}"

    async def _edited(self, edited: CustomerEdited) -> str:
        message = await self._message(edited.external_id)
        if message is None:
            return await self._edited_unseen(edited)
        conversation = await load(self.session, message.conversation_id)
        await self.session.refresh(message)  # it may have been answered while we waited for the lock
        text = storable(edited.text)
        attachments = _as_stored(message, edited.attachments)
        if message.author != Author.CUSTOMER or message.deleted_at is not None:
            return "edit_without_effect"
        if message.edited_at is not None and message.edited_at > edited.at:
            return "edit_overtaken"
        if message.text == text and message.attachments == attachments:
            return "edit_without_change"
        if message.text != text:
            message.edits = [*message.edits, {"text": message.text, "until": edited.at.isoformat()}]
        if message.attachments != attachments:
            message.media_due_at = self.now
        message.text, message.attachments, message.edited_at = text, attachments, edited.at
        if message.state == MessageState.RECEIVED and not edited.quiet:
            conversation.version += 1
            self._bring_turn(conversation)
        announce(self.session, "conversation", conversation.id)
        return "customer_edit"

    async def _edited_unseen(self, edited: CustomerEdited) -> str:
        """The original is on its way or was before our time: the new text is the customer's word, the original a repeat."""
        if edited.quiet:
            return "edit_of_unknown_message"
        return await self._wrote(
            CustomerWrote(
                thread=edited.thread,
                sender=edited.sender,
                external_id=edited.external_id,
                at=edited.at,
                text=edited.text,
                attachments=edited.attachments or (),
            )
        )

    async def _deleted(self, deleted: CustomerDeleted) -> str:
        message = await self._message(deleted.external_id)
        if message is None or message.author != Author.CUSTOMER:
            return "deletion_of_unknown_message"
        conversation = await load(self.session, message.conversation_id)
        await self.session.refresh(message)
        message.deleted_at, message.text, message.attachments, message.edits = deleted.at, "", [], []
        message.press, message.media_due_at = None, None
        if message.state == MessageState.RECEIVED:
            message.state = MessageState.HANDLED
            conversation.version += 1
            await self._forget_wait(conversation)
        announce(self.session, "conversation", conversation.id)
        return "customer_deletion"

    async def _forget_wait(self, conversation: Conversation) -> None:
        """With the last unanswered message deleted nobody waits any more."""
        left = select(Message.id).where(
            Message.conversation_id == conversation.id, Message.state == MessageState.RECEIVED
        )
        if conversation.status == ConversationStatus.BOT and await self.session.scalar(left.limit(1)) is None:
            conversation.waiting_since = None

    async def _reacted(self, reacted: CustomerReacted) -> str:
        message = await self._message(reacted.external_id) or await match_own_delivery(
            self.session, self.account.id, external_id=reacted.external_id, at=self.now
        )
        if message is None:
            return "reaction_to_unknown_message"
        standing = [] if reacted.replace else [one for one in message.reactions if one not in reacted.reactions]
        message.reactions = standing if reacted.removed else [*standing, *reacted.reactions]
        conversation = await load(self.session, message.conversation_id)
        conversation.last_customer_at = max(conversation.last_customer_at or reacted.at, min(reacted.at, self.now))
        announce(self.session, "conversation", conversation.id)
        return "customer_reaction"

    async def _echoed(self, echo: Echo) -> str:
        own = await match_own_delivery(
            self.session, self.account.id, external_id=echo.external_id, at=self.now, key=echo.key
        )
        if own is not None:
            announce(self.session, "outgoing", self.account.id)
            return "echo_of_ours"
        if await self._message(echo.external_id) is not None:
            return "echo_of_ours"
        conversation, _ = await conversation_with(
            self.session, self.account, thread=echo.thread, sender=echo.sender, now=self.now
        )
        self.session.add(
            Message(
                conversation_id=conversation.id,
                account_id=self.account.id,
                author=Author.AGENT,
                purpose=Purpose.REPLY,
                text=storable(echo.text),
                attachments=[attachment.to_json() for attachment in echo.attachments],
                at=min(echo.at, self.now),
                created_at=self.now,
                state=MessageState.SENT,
                external_id=echo.external_id,
            )
        )
        await take_by_echo(self.session, conversation, at=min(echo.at, self.now))
        await self._settle_received(conversation)
        return "echo_of_a_person"

    async def _reachability(self, told: Reachability) -> str:
        conversation = await find_conversation(self.session, self.account, told.thread)
        if conversation is None:
            return "reachability_of_unknown_contact"
        contact = await self.session.get_one(Contact, conversation.contact_id)
        contact.reachable = told.reachable
        if not told.reachable:
            await self.session.execute(
                update(Message)
                .where(Message.conversation_id == conversation.id, Message.state == MessageState.PENDING)
                .values(state=MessageState.FAILED, error="The customer blocked us before it could be sent.")
            )
        announce(self.session, "conversation", conversation.id)
        return "customer_unblocked" if told.reachable else "customer_blocked"

    async def _thread_control(self, control: ThreadControl) -> str:
        conversation, _ = await conversation_with(
            self.session, self.account, thread=control.thread, sender=control.sender, now=self.now
        )
        if control.ours:
            await give_back_thread(self.session, conversation, at=min(control.at, self.now))
            return "thread_given_back"
        await take_by_echo(self.session, conversation, at=min(control.at, self.now), answered=False)
        await self._settle_received(conversation)
        return "thread_taken"

    async def _moved(self, moved: ThreadMoved) -> str:
        taken = await find_conversation(self.session, self.account, moved.new_thread)
        conversation = await find_conversation(self.session, self.account, moved.thread)
        if conversation is None or taken is not None:
            return "move_without_effect"
        conversation.thread = moved.new_thread
        return "thread_moved"

    async def _warned(self, warning: PlatformWarning) -> str:
        told = update(Account).where(Account.id == self.account.id).values(warning=warning.reason)
        await self.session.execute(told)
        log.error("platform_warning", channel=self.account.channel, account=self.account.name, reason=warning.reason)
        return "platform_warning"

    def _ignored(self, ignored: Ignored) -> str:
        if ignored.press_reference is not None:
            self._acknowledge("", ignored.press_reference)
        return f"ignored_{ignored.kind}"

    # ── shared steps ───────────────────────────────────────────────────────────────────────────────────────────────

    def _acknowledge(self, thread: str, reference: str) -> None:
        self.signals.append(Signal(kind=SignalKind.PRESS_RECEIVED, thread=thread, reference=reference))

    async def _message(self, external_id: str) -> Message | None:
        found: Message | None = await self.session.scalar(
            select(Message).where(Message.account_id == self.account.id, Message.external_id == external_id)
        )
        return found

    async def _owner(self, conversation: Conversation, sender: Contact) -> Contact:
        """Whose conversation it is: in a group not always who wrote."""
        same = sender.id == conversation.contact_id
        return sender if same else await self.session.get_one(Contact, conversation.contact_id)

    async def _after_customer(
        self, conversation: Conversation, contact: Contact, message: Message, *, album: bool
    ) -> None:
        contact.reachable = True
        if contact.blocked_at is not None:
            message.state, message.purpose = MessageState.HANDLED, Purpose.BLOCKED
            return
        conversation.last_message_at = max(conversation.last_message_at, message.at)
        conversation.last_customer_at = max(conversation.last_customer_at or message.at, message.at)
        await customer_wrote(self.session, conversation, at=message.at)
        if conversation.status == ConversationStatus.BOT:
            self._bring_turn(conversation, album=album)
        else:
            message.state = MessageState.HANDLED
        announce(self.session, "message", message.id)

    def _bring_turn(self, conversation: Conversation, *, album: bool = False) -> None:
        """The burst goes on: think when it has been quiet, but never later than `longest` after its first message."""
        quiet = max(self.window.quiet, ALBUM_WAIT) if album else self.window.quiet
        if conversation.burst_began_at is None:
            conversation.burst_began_at = self.now
        latest = conversation.burst_began_at + max(self.window.longest, quiet)
        conversation.turn_due_at = min(self.now + quiet, latest)
        announce(self.session, "turn", conversation.id)

    async def _settle_received(self, conversation: Conversation) -> None:
        """A person answers now: nothing is left for the bot to think about."""
        conversation.turn_due_at = conversation.burst_began_at = None
        await self.session.execute(
            update(Message)
            .where(Message.conversation_id == conversation.id, Message.state == MessageState.RECEIVED)
            .values(state=MessageState.HANDLED)
        )


def _as_stored(message: Message, attachments: tuple[Attachment, ...] | None) -> list[dict[str, Any]]:
    """An edit's attachments as the row keeps them; those that stayed the same keep our copy of their file."""
    if attachments is None:
        return message.attachments
    known = {(one.get("kind"), one.get("reference"), one.get("url")): one for one in message.attachments}
    edited = [attachment.to_json() for attachment in attachments]
    return [
        {**one, **{key: known_one[key] for key in ("stored", "problem") if key in known_one}}
        if (known_one := known.get((one.get("kind"), one.get("reference"), one.get("url"))))
        else one
        for one in edited
    ]
