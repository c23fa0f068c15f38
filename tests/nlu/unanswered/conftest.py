"""The whole product with the simulator, an editor who has a token, and customers who ask."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.simulator.telegram.customer import TelegramCustomer
from core.clock import utc_now
from core.models import Conversation, Message
from core.users import add_user, make_token
from tests.running_house import House, running_house

UNANSWERED = "/knowledge/unanswered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    house: House
    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def ask(self, method: str, path: str, *, role: str = "editor", status: int = 200, **more: Any) -> Any:
        """The answer's JSON, once its status is the one expected."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        answered = await self.http.request(method, f"{self.house.url}/api/v1{path}", headers=headers, **more)
        assert answered.status_code == status, answered.text
        return answered.json() if answered.content else None

    async def says(self, name: str, text: str) -> tuple[TelegramCustomer, int]:
        """A customer writes, and the bot has dealt with it; his conversation's id."""
        customer = self.house.simulator.telegram.customer(name)
        seen = len(customer.screen.texts())
        customer.write(text)
        await self.house.until(lambda: len(customer.screen.texts()) > seen)
        async with self.house.product.database.read() as session:
            found = await session.scalar(select(Conversation.id).where(Conversation.thread == str(customer.id)))
        assert found is not None
        return customer, found

    async def reply(self, conversation: int, text: str) -> None:
        """An agent takes the case, answers and resolves it."""
        await self.ask("POST", f"/conversations/{conversation}/claim", role="agent")
        path = f"/conversations/{conversation}/messages"
        await self.ask("POST", path, role="agent", status=201, json={"text": text})
        await self.ask("POST", f"/conversations/{conversation}/resolve", role="agent")

    async def board(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.ask("GET", UNANSWERED)
        return found

    async def last_of_bot(self, conversation: int) -> int:
        async with self.house.product.database.read() as session:
            newest = select(Message.id).where(Message.conversation_id == conversation, Message.author == "bot")
            found = await session.scalar(newest.order_by(Message.id.desc()).limit(1))
        assert found is not None
        return found


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with (
        running_house(tmp_path / "data", answers={"opening": "From 9 to 6."}) as house,
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
    ):
        tokens = {}
        async with house.product.database.write() as session:
            for role in ("agent", "editor"):
                user = await add_user(session, email=f"{role}@shop.example", role=role, at=utc_now())
                _, tokens[role] = await make_token(session, user.id, at=utc_now())
        yield Room(house=house, http=http, tokens=tokens)
