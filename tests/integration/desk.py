"""What a test wants to know of a conversation and do as an agent: committed rows, and the REST routes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select

from bot.models import Delivery
from bot.simulator.graph.customer import MessengerCustomer
from bot.simulator.telegram.customer import TelegramCustomer
from core.clock import utc_now
from core.messages import Author, EventKind, MessageState
from core.models import Contact, Conversation, Event, Message
from core.roles import Role
from core.users import add_user, make_token
from handoff.models import Case
from tests.integration.gated_understanding import Gates
from tests.running_house import House

Customer = TelegramCustomer | MessengerCustomer
UNSETTLED = (MessageState.PENDING, MessageState.SENDING, MessageState.RECEIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The house from the inside. `agent` is an HTTP client with an agent's token."""

    house: House
    gates: Gates
    agent: httpx.AsyncClient

    async def conversation(self, customer: Customer) -> Conversation | None:
        async with self.house.product.database.read() as session:
            found: Conversation | None = await session.scalar(
                select(Conversation).where(Conversation.thread == customer.id)
            )
            return found

    async def the_conversation(self, customer: Customer) -> Conversation:
        found = await self.conversation(customer)
        assert found is not None, f"{customer.name} has no conversation"
        return found

    async def messages(self, customer: Customer, *, author: Author | None = None) -> Sequence[Message]:
        """In the order in which they were stored."""
        async with self.house.product.database.read() as session:
            query = select(Message).join(Conversation).where(Conversation.thread == customer.id).order_by(Message.id)
            if author is not None:
                query = query.where(Message.author == author)
            return (await session.scalars(query)).all()

    async def deliveries(self, message: Message) -> Sequence[Delivery]:
        async with self.house.product.database.read() as session:
            query = select(Delivery).where(Delivery.message_id == message.id).order_by(Delivery.position)
            return (await session.scalars(query)).all()

    async def cases(self, customer: Customer) -> Sequence[Case]:
        async with self.house.product.database.read() as session:
            query = select(Case).join(Conversation, Conversation.id == Case.conversation_id)
            return (await session.scalars(query.where(Conversation.thread == customer.id).order_by(Case.id))).all()

    async def events(self, customer: Customer) -> Sequence[EventKind]:
        async with self.house.product.database.read() as session:
            query = select(Event.kind).join(Conversation, Conversation.id == Event.conversation_id)
            return (await session.scalars(query.where(Conversation.thread == customer.id).order_by(Event.id))).all()

    async def is_reachable(self, customer: Customer) -> bool:
        async with self.house.product.database.read() as session:
            query = select(Contact.reachable).join(Conversation, Conversation.contact_id == Contact.id)
            return bool(await session.scalar(query.where(Conversation.thread == customer.id)))

    async def do(self, customer: Customer, action: str, **body: Any) -> None:
        """One of the agent's routes on this customer's conversation; fails the test when it is refused."""
        conversation = await self.the_conversation(customer)
        answer = await self.agent.post(f"/api/v1/conversations/{conversation.id}/{action}", json=body)
        assert answer.is_success, answer.text

    async def until_shown(self, customer: Customer, *texts: str) -> None:
        """The brand's side of the customer's screen is exactly this, in this order."""
        try:
            await self.house.until(lambda: customer.screen.texts() == list(texts), seconds=20)
        except TimeoutError:
            raise AssertionError(f"{customer.name} sees {customer.screen.texts()}, not {list(texts)}") from None

    async def until_status(self, customer: Customer, status: str) -> None:
        async def has_status() -> bool:
            found = await self.conversation(customer)
            return found is not None and found.status == status

        await self.house.until(has_status, seconds=20)

    async def until_settled(self, customer: Customer, *, messages: int) -> None:
        """So many of the customer's messages are stored, and nothing of the conversation waits for anything."""

        async def is_settled() -> bool:
            found = await self.messages(customer)
            wrote = [one for one in found if one.author == Author.CUSTOMER]
            return len(wrote) == messages and not any(one.state in UNSETTLED for one in found)

        await self.house.until(is_settled, seconds=20)

    async def until_state(self, customer: Customer, *states: MessageState) -> None:
        """Our side's messages are in these states, in order."""

        async def are() -> bool:
            found = [one for one in await self.messages(customer) if one.author != Author.CUSTOMER]
            return [one.state for one in found] == list(states)

        try:
            await self.house.until(are, seconds=20)
        except TimeoutError:
            found = [(one.state, one.error) for one in await self.messages(customer) if one.author != Author.CUSTOMER]
            raise AssertionError(f"{found}, not {states}") from None


@asynccontextmanager
async def open_desk(house: House, gates: Gates) -> AsyncIterator[Desk]:
    async with house.product.database.write() as session:
        user = await add_user(session, email="agent@example.com", role=Role.AGENT, name="Ann", at=utc_now())
        _, token = await make_token(session, user.id, at=utc_now())
    async with httpx.AsyncClient(base_url=house.url, headers={"Authorization": f"Bearer {token}"}) as agent:
        yield Desk(house=house, gates=gates, agent=agent)
