"""What `replydesk dead-letter …` does."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import InboxItem, InboxState
from bot.resending import send_again
from core.errors import NotFound, UserMistake
from core.messages import MessageState
from core.models import Account, Message
from core.runtime import open_database
from core.settings import Settings

_ALL: Final = "all"
_UNSENT: Final = (MessageState.FAILED, MessageState.IN_DOUBT)


async def print_all(*, full: bool) -> None:
    async with open_database(Settings.load()) as database, database.read() as session:
        items = await _dead_items(session)
        messages = await _unsent(session)
    for item, channel in items:
        print(f"in-{item.id}\t{channel}\t{item.received_at:%Y-%m-%d %H:%M:%S}\t{item.error}")
        if full:
            print(f"\t{item.body}")
    for message, channel in messages:
        print(f"out-{message.id}\t{channel}\t{message.created_at:%Y-%m-%d %H:%M:%S}\t{message.state}: {message.error}")
        if full:
            print(f"\t{message.text}")
    if not items and not messages:
        print("There are no dead letters.")


async def replay_letters(letters: Sequence[str]) -> None:
    """Raises `NotFound` for an id that is no dead letter, and then replays none."""
    async with open_database(Settings.load()) as database, database.write() as session:
        items = {f"in-{item.id}": item for item, _ in await _dead_items(session)}
        messages = {f"out-{message.id}": message for message, _ in await _unsent(session)}
        wanted = [*items, *messages] if list(letters) == [_ALL] else list(letters)
        for letter in wanted:
            if letter in items:
                items[letter].state, items[letter].error = InboxState.PENDING, None
            elif letter in messages:
                await send_again(session, messages[letter])
            elif letter.startswith(("in-", "out-")):
                raise NotFound(f"{letter} is not a dead letter. `replydesk dead-letter list` shows all.")
            else:
                raise UserMistake(f"'{letter}' is not an id; ids look like in-12 or out-12.")
    print(f"{len(wanted)} will be tried again.")


async def _dead_items(session: AsyncSession) -> list[tuple[InboxItem, str]]:
    rows = await session.execute(
        select(InboxItem, Account.channel)
        .join(Account, Account.id == InboxItem.account_id)
        .where(InboxItem.state == InboxState.DEAD)
        .order_by(InboxItem.id)
    )
    return [(item, channel) for item, channel in rows]


async def _unsent(session: AsyncSession) -> list[tuple[Message, str]]:
    rows = await session.execute(
        select(Message, Account.channel)
        .join(Account, Account.id == Message.account_id)
        .where(Message.state.in_(_UNSENT))
        .order_by(Message.id)
    )
    return [(message, channel) for message, channel in rows]
