"""The pages and routes of core alone, spoken to over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI

from core import api
from core.access import Access
from core.database import Database
from core.problems import install_problem_handlers
from core.vault import Vault
from core.web import pages
from core.web.screens import Screens
from tests.core.people import TurnedClock, quick_passwords


@dataclass
class House:
    database: Database
    clock: TurnedClock
    app: FastAPI
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, base: str = "http://house.test", **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url=base,
            headers={"Origin": base, **headers},
        )
        self.clients.append(client)
        return client


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    clock, passwords, vault = TurnedClock(), quick_passwords(), Vault("a secret key for tests, long enough")
    app = FastAPI()
    access = Access(database=database, clock=clock, public_url="https://desk.example.com")
    app.include_router(
        api.create_router(database=database, clock=clock, access=access, passwords=passwords, vault=vault),
        prefix="/api/v1",
    )
    app.include_router(
        pages.create_pages(
            database=database, clock=clock, access=access, passwords=passwords, vault=vault, screens=Screens()
        )
    )

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("SECRET detail")

    install_problem_handlers(app)
    house = House(database=database, clock=clock, app=app)
    yield house
    for client in house.clients:
        await client.aclose()
