from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from core.access import Access
from core.database import Database
from core.problems import install_problem_handlers
from core.users import add_user, make_token
from knowledge_base.api import create_router

NOW: Final = datetime(2026, 11, 22, 9, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    http: httpx.AsyncClient
    tokens: dict[str, str]

    async def ask(self, role: str, method: str, path: str, **more: Any) -> httpx.Response:
        return await self.http.request(method, path, headers={"Authorization": f"Bearer {self.tokens[role]}"}, **more)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    """The knowledge base's own routes, with somebody of each role."""
    app = FastAPI()
    install_problem_handlers(app)
    access = Access(database=database, clock=clock, public_url=None)
    app.include_router(create_router(database=database, clock=clock, access=access), prefix="/api/v1")
    tokens = {}
    async with database.write() as session:
        for role in ("agent", "editor", "manager", "admin"):
            user = await add_user(session, email=f"{role}@shop.example", role=role, at=NOW)
            _, tokens[role] = await make_token(session, user.id, at=NOW)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as http:
        yield Client(http=http, tokens=tokens)
