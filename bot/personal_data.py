"""What the way in and the way out hold of a customer: stored items of his platform, the calls that went to him.

And the list of all who hold something of him.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Delivery, DeliveryState, InboxItem, InboxState
from core.access import digest_of
from core.models import Message
from core.personal_data import Holder, Person, as_json, mentions
from handoff.contacts import personal_data as of_handoff
from nlu import personal_data as of_nlu

_NOTHING: Final = "{}"


async def collect(session: AsyncSession, person: Person) -> Mapping[str, Any]:
    deliveries = await session.scalars(select(Delivery).where(Delivery.message_id.in_(_messages_of(person))))
    return {"inbox": as_json(await _items(session, person)), "deliveries": as_json(deliveries)}


async def erase(session: AsyncSession, person: Person) -> None:
    """The items' keys stay, so that what the platform repeats is still known as a repeat."""
    for item in await _items(session, person):
        item.body, item.thread, item.error = _NOTHING, None, None
        if item.state != InboxState.DONE:
            item.state, item.outcome = InboxState.DONE, "erased"
        if any(key in item.dedup_key for key in person.keys):
            item.dedup_key = f"erased-{digest_of(item.dedup_key)}"
    of_person = Delivery.message_id.in_(_messages_of(person))
    await session.execute(update(Delivery).where(of_person).values(content={}, external_id=None, error=None))
    unsent = of_person & Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.IN_DOUBT))
    await session.execute(update(Delivery).where(unsent).values(state=DeliveryState.FAILED))


def _messages_of(person: Person) -> Any:
    return select(Message.id).where(Message.conversation_id.in_(person.conversation_ids))


async def _items(session: AsyncSession, person: Person) -> list[InboxItem]:
    """His threads' items, and any other of the account, a dead letter perhaps, in which one of his keys stands."""
    named = [InboxItem.body.contains(key, autoescape=True) for key in person.keys]
    found = await session.scalars(
        select(InboxItem)
        .where(InboxItem.account_id == person.account_id, or_(InboxItem.thread.in_(person.threads), *named))
        .order_by(InboxItem.id)
    )
    return [item for item in found if item.thread in person.threads or _is_about(item, person)]


def _is_about(item: InboxItem, person: Person) -> bool:
    body = json.loads(item.body)
    return mentions(body, person.keys) or (isinstance(body, str) and any(key in body for key in person.keys))


_OF_BOT: Final = Holder(
    tables=frozenset({InboxItem.__tablename__, Delivery.__tablename__}), collect=collect, erase=erase
)
HOLDERS: Final = (_OF_BOT, of_nlu.HOLDER, of_handoff.HOLDER)
"""All of the house, those first that still need the keys which the last one takes away."""
