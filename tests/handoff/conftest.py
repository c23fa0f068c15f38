"""A desk with people in it: the real routes on a real database, spoken to over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.personal_data import HOLDERS
from core import api as core_api
from core.access import Access
from core.database import Database
from core.messages import Author, ConversationStatus, MessageState
from core.models import Account, Contact, Conversation, Message
from core.problems import install_problem_handlers
from core.roles import Actor, Role
from core.users import add_user, make_token, start_session
from core.vault import Vault
from core.web import pages as core_pages
from core.web.screens import WEB as CORE_WEB
from core.web.screens import Screens
from handoff import api as handoff_api
from handoff.contacts import api as contacts_api
from handoff.live import Live
from tests.core.people import TurnedClock, quick_passwords

VAULT = Vault("a secret key for tests, long enough")


@dataclass(frozen=True)
class Person:
    actor: Actor
    http: httpx.AsyncClient


@dataclass
class Desk:
    database: Database
    clock: TurnedClock
    app: FastAPI
    live: Live
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    account_id: int = 0
    written: int = 0

    def client(self, **headers: str) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://desk.test", headers=headers
        )
        self.clients.append(client)
        return client

    async def person(self, role: Role, email: str | None = None) -> Person:
        async with self.database.write() as session:
            email = email or f"{role}{len(self.clients)}@example.com"
            user = await add_user(session, email=email, role=role, name=f"The {role}", at=self.clock())
            _, token = await make_token(session, user.id, at=self.clock())
        actor = Actor(id=user.id, email=user.email, name=user.name, role=role)
        return Person(actor=actor, http=self.client(Authorization=f"Bearer {token}"))

    async def browser(self, actor: Actor, **headers: str) -> httpx.AsyncClient:
        """Signed in with a cookie, and saying where its forms come from."""
        async with self.database.write() as session:
            cookie = await start_session(session, actor.id, at=self.clock())
        return self.client(**{"Cookie": f"replydesk_session={cookie}", "Origin": "http://desk.test", **headers})

    async def conversation(
        self,
        status: ConversationStatus = ConversationStatus.WAITING,
        *,
        owner: Actor | None = None,
        thread: str | None = None,
        texts: tuple[str, ...] = ("Where is my parcel?",),
    ) -> int:
        """A customer who wrote `texts`, one a minute, the last one now."""
        self.written += 1
        thread = thread or f"customer-{self.written}"
        async with self.database.write() as session:
            if not self.account_id:
                account = Account(channel="telegram", name="main", created_at=self.clock())
                session.add(account)
                await session.flush()
                self.account_id = account.id
            contact = Contact(
                account_id=self.account_id, external_id=thread, name=f"Olha {self.written}", created_at=self.clock()
            )
            session.add(contact)
            await session.flush()
            conversation = Conversation(
                account_id=self.account_id,
                contact_id=contact.id,
                thread=thread,
                status=status,
                assignee_id=None if owner is None else owner.id,
                created_at=self.clock(),
                last_message_at=self.clock(),
                last_customer_at=self.clock(),
                waiting_since=self.clock(),
            )
            session.add(conversation)
            await session.flush()
            for position, text in enumerate(texts):
                at = self.clock() - timedelta(minutes=len(texts) - 1 - position)
                session.add(customer_message(conversation, text, at=at))
        return conversation.id


def customer_message(conversation: Conversation, text: str, *, at: datetime, **more: Any) -> Message:
    return Message(
        conversation_id=conversation.id,
        account_id=conversation.account_id,
        author=Author.CUSTOMER,
        text=text,
        at=at,
        created_at=at,
        state=MessageState.HANDLED,
        **more,
    )


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def desk(database: Database, clock: TurnedClock) -> AsyncIterator[Desk]:
    app = FastAPI()
    passwords, screens = quick_passwords(), Screens([CORE_WEB])
    access = Access(database=database, clock=clock, public_url=None)
    live = Live(database=database, heartbeat_seconds=0.05)
    app.include_router(
        core_api.create_router(database=database, clock=clock, access=access, passwords=passwords, vault=VAULT),
        prefix="/api/v1",
    )
    app.include_router(
        handoff_api.create_router(
            database=database,
            clock=clock,
            access=access,
            live=live,
            vault=VAULT,
            windows={"telegram": None, "messenger": timedelta(days=1)},
        ),
        prefix="/api/v1",
    )
    app.include_router(
        core_pages.create_pages(
            database=database, clock=clock, access=access, passwords=passwords, vault=VAULT, screens=screens
        )
    )
    contacts = contacts_api.create_router(database=database, clock=clock, access=access, holders=HOLDERS)
    app.include_router(contacts, prefix="/api/v1")
    install_problem_handlers(app)
    desk = Desk(database=database, clock=clock, app=app, live=live)
    yield desk
    live.close()
    for client in desk.clients:
        await client.aclose()
